import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { install } from '../package/packed.ts'

/** A runtime that the package works in. All of them are in npm. */
export interface Runtime {
  name: string
  version: string
  /** The package with its binary, and where that is in it. */
  packageName: string
  binary: string
  /** What comes before the program. */
  args: readonly string[]
  /** Whether the program has to end it: docs/upstream/mortice-deno.md says why. */
  isEnded: boolean
}

const PLATFORM = `${process.platform}-${process.arch}`
const NODES = ['22.18.0', '24.21.0', '26.10.0']

/** The runtimes of the matrix. docs/guide/getting-started.md names these versions. */
export const RUNTIMES: readonly Runtime[] = [
  ...NODES.map((version) => ({ name: 'Node.js', version, packageName: `node-${PLATFORM}`, binary: 'bin/node', args: [], isEnded: false })),
  {
    name: 'Deno', version: '2.9.6', packageName: `@deno/${PLATFORM}${process.platform === 'linux' ? '-glibc' : ''}`, binary: 'deno',
    args: ['run', '--allow-all', '--quiet'], isEnded: true
  },
  { name: 'Bun', version: '1.4.5', packageName: `@oven/bun-${PLATFORM}`, binary: 'bin/bun', args: [], isEnded: false }
]

/** Where they are kept from one run to the next: together they have 800 MB. */
const DIRECTORY = fileURLToPath(new URL('../../node_modules/.cache/vibecoin-network/runtimes/', import.meta.url))

/** The path of a runtime, which npm installs where it is not there yet. `undefined` where it cannot be had. */
export async function pathOf ({ version, packageName, binary }: Runtime): Promise<string | undefined> {
  const directory = join(DIRECTORY, `${packageName.replaceAll('/', '-')}-${version}`)
  const path = join(directory, 'node_modules', packageName, binary)

  if (!existsSync(path)) {
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, 'package.json'), '{ "private": true }')

    if (!await install(directory, '--no-save', `${packageName}@${version}`)) {
      return undefined
    }
  }

  return path
}
