import stylistic from '@stylistic/eslint-plugin'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

const TYPESCRIPT = ['**/*.ts']
const SOURCE = ['src/**/*.ts']
const TESTS = ['test/**/*.ts']

/** The look of neostandard, which libp2p has too. */
const look = stylistic.configs.customize({
  indent: 2,
  quotes: 'single',
  semi: false,
  commaDangle: 'never',
  braceStyle: '1tbs',
  arrowParens: true,
  quoteProps: 'as-needed',
  jsx: false
})

const lookRules = {
  ...look.rules,
  '@stylistic/space-before-function-paren': ['error', 'always'],
  '@stylistic/generator-star-spacing': ['error', { before: true, after: true }],
  '@stylistic/yield-star-spacing': ['error', { before: true, after: true }],
  '@stylistic/operator-linebreak': ['error', 'after', { overrides: { '?': 'before', ':': 'before', '|': 'before', '&': 'before' } }],
  '@stylistic/member-delimiter-style': ['error', {
    multiline: { delimiter: 'none' },
    singleline: { delimiter: 'comma', requireLast: false }
  }],
  '@stylistic/max-len': ['error', {
    code: 140,
    ignoreUrls: true,
    // a byte vector or a message cut in two can no longer be searched for
    ignoreStrings: true,
    ignoreTemplateLiterals: true,
    ignoreRegExpLiterals: true
  }],
  // `a << 3 | b` reads well, and the rule wants brackets in it
  '@stylistic/no-mixed-operators': 'off',
  '@stylistic/quote-props': ['error', 'as-needed', { keywords: false, unnecessary: false, numbers: false }],
  // two callbacks of one statement each may stand in the line of their call
  '@stylistic/max-statements-per-line': ['error', { max: 3 }]
}

/** What is a bug wherever it stands. */
const bugRules = {
  'eqeqeq': ['error', 'always', { null: 'ignore' }],
  'no-var': 'error',
  'prefer-const': 'error',
  'no-console': 'off',
  'no-implicit-coercion': ['error', { boolean: false }],
  'no-param-reassign': 'error',
  'no-self-compare': 'error',
  'no-template-curly-in-string': 'error',
  'no-unmodified-loop-condition': 'error',
  'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'], location: 'anywhere' }],
  'object-shorthand': ['error', 'properties'],
  'max-depth': ['error', 3],
  'max-params': ['error', 3]
}

const typeRules = {
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-misused-promises': 'error',
  '@typescript-eslint/only-throw-error': 'error',
  '@typescript-eslint/return-await': ['error', 'in-try-catch'],
  '@typescript-eslint/consistent-type-imports': ['error', { prefer: 'type-imports', fixStyle: 'separate-type-imports' }],
  '@typescript-eslint/consistent-type-exports': 'error',
  '@typescript-eslint/no-unused-vars': ['error', { args: 'after-used', caughtErrors: 'all', ignoreRestSiblings: true }],
  '@typescript-eslint/prefer-readonly': 'error',

  // a number in a message reads as itself
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  // `() => emitter.emit()` is the usual way to write a callback that returns nothing
  '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidOperator: true }],
  // with noUncheckedIndexedAccess, `!` is how one says that an index was checked; the alternative is a branch that nothing reaches
  '@typescript-eslint/no-non-null-assertion': 'off',
  // `async` is also how a method that need not wait promises to reject instead of throwing
  '@typescript-eslint/require-await': 'off',
  // what a peer or a JavaScript user passes is not what its type says: such checks are the point
  '@typescript-eslint/no-unnecessary-condition': 'off',
  // the same: `=== true` on what is called a boolean may be a check
  '@typescript-eslint/no-unnecessary-boolean-literal-compare': 'off',
  // types are compared by shape here: what has the shape of a class will do for one
  '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
  // a type parameter that stands once can still make a call read better
  '@typescript-eslint/no-unnecessary-type-parameters': 'off',
  // a handler may return a verdict or nothing at all: `Verdict | void` says so
  '@typescript-eslint/no-invalid-void-type': 'off',
  // isolatedDeclarations asks for types that this finds superfluous
  '@typescript-eslint/no-inferrable-types': 'off',
  // `() => {}` is a callback that does nothing, on purpose
  '@typescript-eslint/no-empty-function': 'off',
  // with noPropertyAccessFromIndexSignature off both are the same
  '@typescript-eslint/dot-notation': 'off',
  // { [Type in MessageType]: ... } and Record<MessageType, ...> each have their place
  '@typescript-eslint/consistent-indexed-object-style': 'off',
  // a type with the same shape as an interface can still be the better word: a union's member, a mapped type
  '@typescript-eslint/consistent-type-definitions': 'off'
}

/** What only some rooms may know of. */
const LIBP2P_PARTS = {
  regex: '^(libp2p|@libp2p/(tcp|websockets|bootstrap|identify|ping|kad-dht|mdns|circuit-relay-v2|dcutr|autonat-v2|upnp-nat)|@chainsafe/.*|classic-level)(/|$)',
  message: 'Only start-network and libp2p/ put a node together, and only the store touches the disk.'
}

const GENERATED = {
  group: ['**/codec/generated/*'],
  message: 'The generated code is seen by nothing outside codec/.'
}

const NO_DEFAULT_EXPORT = {
  selector: 'ExportDefaultDeclaration',
  message: 'An export has one name everywhere.'
}

/** Time and chance come from `Clock` and `Chance`, so that a simulation can give its own. */
const INJECTED = 'Take it from the `Clock` or the `Chance` that the caller gives.'

const TIMERS = ['setImmediate', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'crypto']

const TIME_AND_CHANCE = {
  'no-restricted-globals': ['error', ...TIMERS.map((name) => ({ name, message: INJECTED }))],
  'no-restricted-properties': ['error', ...[
    ['Math', 'random'], ['Date', 'now'], ['AbortSignal', 'timeout'], ['process', 'hrtime'], ...TIMERS.map((name) => ['globalThis', name])
  ].map(([object, property]) => ({ object, property, message: INJECTED }))]
}

const NO_DATE_OF_NOW = {
  selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
  message: INJECTED
}

const TIMER_IMPORTS = {
  regex: '^(node:)?(timers(/promises)?|perf_hooks)$',
  message: INJECTED
}

const CHANCE_IMPORTS = {
  regex: '^(node:)?crypto$',
  importNamePattern: '^(random|webcrypto)',
  message: INJECTED
}

const NO_EXPORT_ALL = {
  selector: 'ExportAllDeclaration',
  message: 'Name what is exported.'
}

export default defineConfig(
  globalIgnores(['dist/', 'docs/', 'src/codec/generated/', '.devnet/', '.ci/']),
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { '@stylistic': stylistic },
    rules: { ...lookRules, ...bugRules }
  },
  {
    files: TYPESCRIPT,
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: 'test/tsconfig.json', tsconfigRootDir: import.meta.dirname }
    },
    rules: {
      ...typeRules,
      'no-restricted-imports': ['error', { patterns: [GENERATED] }],
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT, NO_EXPORT_ALL]
    }
  },
  {
    files: SOURCE,
    rules: {
      'no-restricted-imports': ['error', { patterns: [LIBP2P_PARTS, GENERATED, TIMER_IMPORTS, CHANCE_IMPORTS] }],
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT, NO_EXPORT_ALL, NO_DATE_OF_NOW],
      ...TIME_AND_CHANCE,
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'complexity': ['error', 15],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/explicit-function-return-type': ['error', {
        allowExpressions: true,
        allowTypedFunctionExpressions: true
      }]
    }
  },
  {
    files: ['src/codec/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [LIBP2P_PARTS, TIMER_IMPORTS, CHANCE_IMPORTS] }],
      // the generated types name enums where numbers are taken
      '@typescript-eslint/no-unsafe-enum-assignment': 'off'
    }
  },
  {
    files: ['src/start-network*.ts', 'src/libp2p/**/*.ts', 'src/leveldb/**/*.ts', 'src/store/**/*.ts', 'src/check/peer/**/*.ts', 'src/cli/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [GENERATED, TIMER_IMPORTS, CHANCE_IMPORTS] }] }
  },
  {
    // the sources of time and chance, and of keys: these are never drawn again
    files: [
      'src/util/clock.ts', 'src/util/chance.ts', 'src/config/swarm-key.ts', 'src/store/identity/key-file.ts',
      'src/testing/{wait,raw-peer,network}/**/*.ts', 'src/testing/simulator/time/driver.ts', 'src/check/**/*.ts', 'src/cli/**/*.ts'
    ],
    rules: {
      'no-restricted-imports': ['error', { patterns: [GENERATED] }],
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT, NO_EXPORT_ALL],
      'no-restricted-globals': 'off',
      'no-restricted-properties': 'off'
    }
  },
  {
    files: TESTS,
    rules: {
      'no-restricted-properties': ['error', ...['describe', 'context', 'it', 'suite', 'test', 'specify'].map((object) => ({
        object,
        property: 'only',
        message: 'The others are to run too.'
      }))],
      // a callback that gets its values from a generator takes as many as there are
      'max-params': 'off',
      // tests hand in what the types forbid, to see it refused
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-explicit-any': 'off'
    }
  },
  {
    // part of no tsconfig: linted without types
    files: ['scripts/**/*.ts'],
    extends: [tseslint.configs.disableTypeChecked]
  },
  {
    files: ['**/*.js'],
    rules: { 'no-unused-vars': 'error' }
  },
  {
    files: ['scripts/check-node.js'],
    // has to be read by a Node.js that knows nothing newer
    rules: { 'no-var': 'off', 'object-shorthand': 'off' }
  }
)
