import assert from 'node:assert/strict'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const INDEX = join(ROOT, 'src', 'index.ts')

/** A program of these files, with what they import, by the settings of the tests. */
export function createProgram (files: readonly string[]): ts.Program {
  const config = ts.getParsedCommandLineOfConfigFile(join(ROOT, 'test', 'tsconfig.json'), {}, {
    ...ts.sys, onUnRecoverableConfigFileDiagnostic: (problem) => { throw new Error(textOf(problem)) }
  })
  assert(config != null)

  return ts.createProgram(files, config.options)
}

function textOf ({ messageText }: ts.Diagnostic): string {
  return ts.flattenDiagnosticMessageText(messageText, '\n')
}

/** What the compiler has against a file. */
export function problemsOf (program: ts.Program, file: string): string[] {
  const source = program.getSourceFile(file)
  assert(source != null)

  return ts.getPreEmitDiagnostics(program, source).map(textOf)
}

/** The type that a file exports under this name; src/index.ts unless another one is given. */
export function typeOf (program: ts.Program, name: string, file = INDEX): ts.Type {
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(file)
  const module = source == null ? undefined : checker.getSymbolAtLocation(source)
  const exported = module == null ? undefined : checker.getExportsOfModule(module).find((symbol) => symbol.name === name)
  assert(exported != null, name)

  return checker.getDeclaredTypeOfSymbol(exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported)
}

/** The names of the members of a type. */
export function membersOf (type: ts.Type): string[] {
  return type.getProperties().map(({ name }) => name).sort()
}

/** The strings that a type is one of. */
export function literalsOf (type: ts.Type): string[] {
  assert(type.isUnion())

  return type.types.map((part) => part.isStringLiteral() ? part.value : '').sort()
}
