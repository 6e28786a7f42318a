// Checks that what src/ exports says its types, as `npm run build` needs it: the type check of the tests does not look at that.
//
//   node scripts/check-declarations.js [directory]

import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const directory = resolve(process.argv[2] ?? fileURLToPath(new URL('../src', import.meta.url)))
const compilerOptions = { declaration: true, isolatedDeclarations: true, target: ts.ScriptTarget.ES2024, module: ts.ModuleKind.NodeNext }
const files = globSync('**/*.ts', { cwd: directory }).filter((file) => !file.endsWith('.d.ts'))
const problems = files.flatMap((file) => {
  const text = readFileSync(join(directory, file), 'utf8')
  const { diagnostics = [] } = ts.transpileDeclaration(text, { fileName: file, reportDiagnostics: true, compilerOptions })

  return diagnostics.map(({ messageText, start = 0 }) => {
    return `${file}:${text.slice(0, start).split('\n').length}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
  })
})

problems.forEach((problem) => { console.error(problem) })
console.log(`${files.length} files, ${problems.length === 0 ? 'every export says its type' : `problems: ${problems.length}`}`)
process.exitCode = problems.length === 0 ? 0 : 1
