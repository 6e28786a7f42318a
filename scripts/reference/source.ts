// Reads what src/ declares: names, types and TSDoc.

import { globSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** The directory of the repository. */
export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url))

const SRC = join(ROOT, 'src')

/** The words of a declaration. */
export interface Doc {
  /** What stands before the tags: paragraphs and lists, without the line breaks inside of a paragraph. */
  text: string
  /** What follows `@remarks`. */
  remarks: string
  /** What follows `@default`; `undefined` without one. */
  default: string | undefined
}

/** A property of an interface or class. */
export interface Member extends Doc {
  name: string
  /** Its type, as it is written. */
  type: string
  /** Its declaration in one line, without its words and its body. */
  signature: string
  node: ts.TypeNode | undefined
}

/** What the users of a class do not see, or have seen in what it extends. */
const HIDDEN: ts.ModifierFlags = ts.ModifierFlags.Private | ts.ModifierFlags.Protected | ts.ModifierFlags.Override

const program = ts.createProgram(globSync(join(SRC, '**/*.ts')).sort(), {
  // only our own files are read: the words and the names are in them
  noResolve: true, noLib: true, allowImportingTsExtensions: true, module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ESNext
})

const checker = program.getTypeChecker()

/** The files of src/ that people wrote. */
export function sourceFiles (): ts.SourceFile[] {
  return program.getSourceFiles().filter(({ fileName }) => !fileName.includes('/generated/'))
}

/** A file's path inside of src/, with slashes. */
export function pathIn (file: ts.SourceFile): string {
  return relative(SRC, file.fileName).split(sep).join('/')
}

/** What an entry of the package exports, by name. */
export function publicNames (entry = 'index.ts'): Map<string, ts.Symbol> {
  const index = checker.getSymbolAtLocation(program.getSourceFile(join(SRC, entry))!)!

  return new Map(checker.getExportsOfModule(index).map((symbol) => [symbol.name, resolve(symbol)]))
}

/** The properties that an interface declares, and with `inherited` those of the interfaces that it extends. */
export function membersOf (name: string, { inherited = true, entry = 'index.ts' }: { inherited?: boolean, entry?: string } = {}): Member[] {
  const symbol = publicNames(entry).get(name)

  if (symbol == null) {
    throw new Error(`src/${entry} exports no ${name}`)
  }

  const properties = checker.getDeclaredTypeOfSymbol(symbol).getProperties()

  const named = properties.filter((property) => inherited || symbol.members?.has(property.escapedName))

  return [...named, ...symbolMembers(symbol)].map(toMember)
}

/** The properties of the type that a node stands for. */
export function propertiesOf (node: ts.TypeNode): Member[] {
  return checker.getTypeFromTypeNode(node).getProperties().map(toMember)
}

/** What a class or interface declares for its users, static members of a class first. */
export function declaredMembers (symbol: ts.Symbol): Member[] {
  const all = [...symbol.exports?.values() ?? [], ...symbol.members?.values() ?? [], ...symbolMembers(symbol)]

  return all.filter((member) => {
    const [declaration] = member.declarations ?? []

    return declaration != null && !ts.isConstructorDeclaration(declaration) && !ts.isTypeParameterDeclaration(declaration) &&
      !isPrivate(declaration) && (ts.getCombinedModifierFlags(declaration) & HIDDEN) === 0
  }).map(toMember)
}

/** The members whose name is a symbol, such as `[Symbol.asyncDispose]`. The checker, which reads no library, does not list them. */
function symbolMembers ({ declarations = [] }: ts.Symbol): ts.Symbol[] {
  return declarations.flatMap((declaration) => {
    const members = ts.isInterfaceDeclaration(declaration) || ts.isClassDeclaration(declaration) ? [...declaration.members] : []

    return members.filter(({ name }) => name != null && ts.isComputedPropertyName(name))
      .map((member) => (member as unknown as { symbol: ts.Symbol }).symbol)
  })
}

/** Whether its name begins with `#`. */
function isPrivate (declaration: ts.Declaration): boolean {
  const name = ts.getNameOfDeclaration(declaration)

  return name != null && ts.isPrivateIdentifier(name)
}

/** The names of what a class or interface extends. */
export function parentsOf (symbol: ts.Symbol): string[] {
  const [declaration] = symbol.declarations ?? []
  const isExtending = declaration != null && (ts.isClassDeclaration(declaration) || ts.isInterfaceDeclaration(declaration))

  return isExtending ? declaration.heritageClauses?.flatMap(({ types }) => types.map(({ expression }) => expression.getText())) ?? [] : []
}

/** The strings that a type is one of, in order. */
export function literalsOf (symbol: ts.Symbol): string[] {
  const type = checker.getDeclaredTypeOfSymbol(symbol)

  return (type.isUnion() ? type.types : [type]).flatMap((part) => part.isStringLiteral() ? [part.value] : []).sort()
}

/** The declaration that an identifier refers to. */
export function declarationOf (identifier: ts.Identifier): ts.Declaration | undefined {
  const symbol = checker.getSymbolAtLocation(identifier)

  return symbol == null ? undefined : resolve(symbol).declarations?.[0]
}

/** The words of a symbol. */
export function docOf (symbol: ts.Symbol): Doc {
  return toDoc(symbol.getDocumentationComment(checker), symbol.getJsDocTags(checker))
}

/** The words of a constant. */
export function docOfNode (node: ts.VariableDeclaration): Doc {
  return docOf(checker.getSymbolAtLocation(node.name)!)
}

function resolve (symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

function toMember (symbol: ts.Symbol): Member {
  const declaration = symbol.valueDeclaration
  const node = declaration != null && (ts.isPropertySignature(declaration) || ts.isPropertyDeclaration(declaration))
    ? declaration.type
    : undefined

  return { name: symbol.name, type: node?.getText() ?? '', signature: signatureOf(symbol), node, ...docOf(symbol) }
}

/** The declaration of a symbol in one line, without its words and its body. */
export function signatureOf (symbol: ts.Symbol): string {
  const [declaration] = symbol.declarations ?? []

  if (declaration == null) {
    return ''
  }

  const body = 'body' in declaration ? declaration.body as ts.Node | undefined : undefined
  const value = ts.isPropertyDeclaration(declaration) ? declaration.initializer : undefined
  const end = body ?? value
  const text = declaration.getText().slice(0, end == null ? undefined : end.getStart() - declaration.getStart()).replace(/=\s*$/, '')

  return text.replace(/\/\*\*.*?\*\//gs, '').replace(/^(export |static )?async /, '$1').replace(/^export /, '')
    .replace(/^get (\w+) \(\)/, 'readonly $1').replace(/\s+/g, ' ').replace(/\( /g, '(').replace(/ \)/g, ')').trim()
}

function toDoc (parts: ts.SymbolDisplayPart[], tags: ts.JSDocTagInfo[]): Doc {
  const tag = (name: string): string | undefined => {
    const found = tags.find((tag) => tag.name === name)

    return found == null ? undefined : plain(ts.displayPartsToString(found.text))
  }

  return { text: plain(ts.displayPartsToString(parts)), remarks: tag('remarks') ?? '', default: tag('default') }
}

/** Links to names become names, and each paragraph or item of a list becomes one line. */
function plain (text: string): string {
  return text.replace(/\{@link ([^}]+?)\s*\}/g, '`$1`').split(/\n{2,}|\n(?=- )/).map((part) => part.replace(/\s*\n\s*/g, ' ').trim()).join('\n\n')
    .replace(/(?<=^|\n)(- .*)\n\n(?=- )/g, '$1\n').trim()
}
