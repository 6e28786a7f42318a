import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { pathOf, RUNTIMES } from './runtimes.ts'
import { addressOf, nextEvent, startNode, stopNodes } from '../integration/nodes.ts'
import { createDirectory, removeDirectory, ROOT } from '../package/packed.ts'
import { growChain, MemoryChain } from '../support/memory-chain.ts'
import { sampleChain, sampleTransaction } from '../support/sample.ts'
import type { Runtime } from './runtimes.ts'
import type { ChildProcessByStdio } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'

/** Blocks above the first that are synchronised: twice by each runtime. */
const BLOCKS = 2000

/** How long a runtime may take for a step on a busy machine, in ms. */
const STEP_TIMEOUT_MS = 60_000

/** How long a process may take to end when all of its nodes have stopped, in ms. */
const EXIT_TIMEOUT_MS = 10_000

type Child = ChildProcessByStdio<Writable, Readable, Readable>

describe('runtimes', function () {
  this.timeout(5 * STEP_TIMEOUT_MS)
  let directory: string
  let child: Child | undefined

  before(async () => {
    directory = await createDirectory()
    await writeFile(join(directory, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
    await copyFile(fileURLToPath(new URL('program.ts', import.meta.url)), join(directory, 'program.ts'))
    // as `npm link` does: the package as it is built, with its own dependencies
    await mkdir(join(directory, 'node_modules'))
    await symlink(ROOT, join(directory, 'node_modules', 'vibecoin-network'), 'dir')
  })

  afterEach(async () => {
    child?.kill('SIGKILL')
    await stopNodes()
  })

  after(async () => { await removeDirectory(directory) })

  /** Starts the program in a runtime. */
  function start (
    { args, isEnded }: Runtime, path: string, task: object
  ): { steps: AsyncIterator<string, undefined>, errors: () => string } {
    let errors = ''
    const given = [...args, 'program.ts', JSON.stringify({ ...task, isEnded })]
    child = spawn(path, given, { cwd: directory, stdio: ['pipe', 'pipe', 'pipe'] })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => { errors += chunk })

    const lines = createInterface({ input: child.stdout })

    return { steps: lines[Symbol.asyncIterator](), errors: () => errors }
  }

  for (const runtime of RUNTIMES) {
    it(`${runtime.name} ${runtime.version}: ${BLOCKS} blocks over TCP and over WebSockets, relay, stop`, async function () {
      const path = await pathOf(runtime)

      if (path == null) {
        console.log(`    skipped: no registry to install ${runtime.packageName} from`)
        this.skip()
      }

      const blocks = sampleChain(1 + BLOCKS)
      const chain = new MemoryChain([...blocks])
      const node = await startNode({ chain, genesisHash: blocks[0]!.hash })
      const dataDir = join(directory, `data-${runtime.name}-${runtime.version}`)
      const { steps, errors } = start(runtime, path, { seed: addressOf(node), network: 'vibecoin-test', dataDir, blocks: BLOCKS })

      const until = async (step: string): Promise<void> => {
        const late = once(AbortSignal.timeout(STEP_TIMEOUT_MS), 'abort').then(() => undefined)
        const line = await Promise.race<IteratorResult<string, undefined> | undefined>([steps.next(), late])
        assert.deepEqual(line, { value: JSON.stringify({ step }), done: false }, errors())
      }

      await until('tcp')
      await until('ws')
      const [, block] = growChain([chain.head], 1, 'made')
      chain.blocks.push(block!)
      const transaction = nextEvent(node, 'transaction')
      node.broadcast({ type: 'newBlock', block: block! })
      await until('relay')
      assert.deepEqual((await transaction).transaction.id, sampleTransaction().id)
      const exited = once(child!, 'exit', { signal: AbortSignal.timeout(STEP_TIMEOUT_MS) })
      child!.stdin.end('stop\n')
      await until('stop')
      const stoppedAt = performance.now()
      assert.deepEqual(await exited, [0, null], errors())
      assert.ok(performance.now() - stoppedAt < EXIT_TIMEOUT_MS, 'it ends by itself')
      // what it warns of is no noise of ours
      assert.equal(errors(), '')
    })
  }

  it('are those that the guide names', async () => {
    const guide = await readFile(join(ROOT, 'docs/guide/getting-started.md'), 'utf8')

    for (const { name, version } of RUNTIMES) {
      const [major, minor] = version.split('.')
      assert.match(guide, new RegExp(`${name}[^\\n]*\\b${major}\\.${minor}\\b`), `${name} ${version}`)
    }
  })
})
