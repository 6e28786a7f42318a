import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { COUNTERS } from './coverage.ts'
import type { Coverage } from './coverage.ts'

// The one coverage-guided fuzzer for JavaScript that is kept up, Jazzer.js, comes as a native module for few systems, and ends
// the process with the first thing that it finds. What of it is needed here is small: to know which branches an input took.

const FACTORY = ts.factory

const SHORT_CIRCUITS = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.BarBarToken, ts.SyntaxKind.QuestionQuestionToken
])

/** From now on, modules whose URL begins with `root` count in `coverage` which of their branches are taken. */
export function instrument (coverage: Coverage, root: string): void {
  registerHooks({
    load: (url, context, nextLoad) => {
      if (!url.startsWith(root) || !/\.[jt]s$/.test(url)) {
        return nextLoad(url, context)
      }

      const fileName = fileURLToPath(url)

      return { format: 'module', source: withCounters(readFileSync(fileName, 'utf8'), { fileName, coverage }), shortCircuit: true }
    }
  })
}

/** The source as JavaScript that counts. */
export function withCounters (source: string, { fileName, coverage }: { fileName: string, coverage: Coverage }): string {
  return ts.transpileModule(source, {
    fileName,
    compilerOptions: {
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      allowJs: true,
      inlineSourceMap: true,
      inlineSources: true
    },
    transformers: { before: [(context) => (file) => addCounters(file, { context, coverage })] }
  }).outputText
}

interface CountersInit { context: ts.TransformationContext, coverage: Coverage }

function addCounters (file: ts.SourceFile, { context, coverage }: CountersInit): ts.SourceFile {
  function count (): ts.Expression {
    const counters = FACTORY.createPropertyAccessExpression(FACTORY.createIdentifier('globalThis'), COUNTERS)

    return FACTORY.createPostfixIncrement(FACTORY.createElementAccessExpression(counters, coverage.addPlace()))
  }

  function countIn (block: ts.Block): ts.Block {
    return FACTORY.updateBlock(block, [FACTORY.createExpressionStatement(count()), ...block.statements])
  }

  function countBefore (expression: ts.Expression): ts.Expression {
    return FACTORY.createParenthesizedExpression(FACTORY.createComma(count(), expression))
  }

  /** A block counts already. */
  function countStatement (statement: ts.Statement | undefined): ts.Statement {
    return statement != null && ts.isBlock(statement) ? statement : countIn(FACTORY.createBlock(statement == null ? [] : [statement], true))
  }

  function visit (given: ts.Node): ts.Node {
    const node = ts.visitEachChild(given, visit, context)

    if (ts.isIfStatement(node)) {
      return FACTORY.updateIfStatement(node, node.expression, countStatement(node.thenStatement), countStatement(node.elseStatement))
    }

    if (ts.isCaseOrDefaultClause(node)) {
      const statements = [FACTORY.createExpressionStatement(count()), ...node.statements]

      return ts.isCaseClause(node)
        ? FACTORY.updateCaseClause(node, node.expression, statements)
        : FACTORY.updateDefaultClause(node, statements)
    }

    if (ts.isConditionalExpression(node)) {
      const { condition, questionToken, whenTrue, colonToken, whenFalse } = node

      return FACTORY.updateConditionalExpression(node, condition, questionToken, countBefore(whenTrue), colonToken, countBefore(whenFalse))
    }

    if (ts.isBinaryExpression(node) && isShortCircuit(node.operatorToken.kind)) {
      return FACTORY.updateBinaryExpression(node, node.left, node.operatorToken, countBefore(node.right))
    }

    if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) {
      const { modifiers, typeParameters, parameters, type, equalsGreaterThanToken, body } = node

      return FACTORY.updateArrowFunction(node, modifiers, typeParameters, parameters, type, equalsGreaterThanToken, countBefore(body))
    }

    return ts.isBlock(node) ? countIn(node) : node
  }

  return ts.visitEachChild(file, visit, context)
}

function isShortCircuit (kind: ts.SyntaxKind): boolean {
  return SHORT_CIRCUITS.has(kind)
}
