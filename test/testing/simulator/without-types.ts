import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'

const ROOT = join(import.meta.dirname, '../../..')

/** Copies src/ and this folder as JavaScript: Node.js takes no TypeScript where it has no WebAssembly, as with `--jitless`. */
export async function copyWithoutTypes (to: string): Promise<void> {
  await Promise.all(globSync(['src/**/*.{js,ts}', 'test/testing/simulator/{child,scripts}.ts', 'package.json'], { cwd: ROOT }).map(async (file) => {
    const path = join(to, file)
    await mkdir(dirname(path), { recursive: true })

    if (/(?<!\.d)\.ts$/.test(file)) {
      await writeFile(path.replace(/ts$/, 'js'), transpile(await readFile(join(ROOT, file), 'utf8'), file))
    } else if (!file.endsWith('.d.ts')) {
      await cp(join(ROOT, file), path)
    }
  }))
  await symlink(join(ROOT, 'node_modules'), join(to, 'node_modules'))
}

function transpile (source: string, fileName: string): string {
  return ts.transpileModule(source, {
    fileName,
    compilerOptions: {
      target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true, rewriteRelativeImportExtensions: true
    }
  }).outputText
}
