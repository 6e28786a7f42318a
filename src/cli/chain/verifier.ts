import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import Tinypool from 'tinypool'
import type { Awaitable, Block } from '../../index.ts'
import type { Rules } from '../node/rules.ts'
import type { VerifyTask } from './verify-worker.ts'

/** Threads that verify blocks, at most: what they share, such as the one that feeds them, is busy with as many. */
export const MAX_THREADS = 16

/** Blocks that a thread may have waiting. The next ones are ready when it has verified the first. */
export const BLOCKS_PER_THREAD = 32

/** Signatures up to which blocks are verified on the thread of the network: handing them over would cost as much. */
export const MAX_OWN_SIGNATURES = 8

/** Signatures in one task: about two milliseconds of work. */
export const TASK_SIGNATURES = 16

/** How long a thread that has nothing to do is kept, in ms. */
const IDLE_TIMEOUT_MS = 30_000

const WORKER_FILE: string = fileURLToPath(new URL(`verify-worker${extname(import.meta.url)}`, import.meta.url))

/** Options of {@link BlockVerifier}. */
export interface BlockVerifierInit {
  /** The name of the network, which says what rules there are. */
  network: string
  /** These rules. */
  rules: Pick<Rules, 'verifyBlock'>
  /** Threads besides the own one: by default as many as the machine has cores, and none on a machine with one core. */
  threads?: number
}

interface Job {
  block: Block
  parent: Block
  bytes: Uint8Array
  settle: PromiseWithResolvers<string | undefined>
}

/**
 * Verifies blocks by the rules of a network. A few signatures are checked here. More are shared out to other threads, which begin when
 * there is work for them.
 */
export class BlockVerifier {
  /** Blocks that it verifies at a time. */
  readonly concurrency: number
  readonly #init: BlockVerifierInit
  readonly #threads: number
  #pool: Tinypool | undefined
  /** The blocks of this turn. */
  #jobs: Job[] = []
  /** Tasks that threads have. */
  #tasks = 0
  #isClosed = false

  constructor (init: BlockVerifierInit) {
    const cores = availableParallelism()
    this.#init = init
    this.#threads = Math.min(init.threads ?? (cores === 1 ? 0 : cores), MAX_THREADS)
    this.concurrency = Math.max(1, this.#threads * BLOCKS_PER_THREAD)
  }

  /** Why the block cannot come after `parent`, if it cannot. `bytes` is the block as it is encoded: without them it is verified here. */
  verify (block: Block, parent: Block, bytes?: Uint8Array): Awaitable<string | undefined> {
    if (bytes == null || this.#threads === 0 || this.#isClosed) {
      return this.#init.rules.verifyBlock(block, parent)
    }

    const settle = Promise.withResolvers<string | undefined>()

    if (this.#jobs.push({ block, parent, bytes, settle }) === 1) {
      setImmediate(() => { this.#handOut() })
    }

    return settle.promise
  }

  /** Ends the threads. What they have begun fails, and later blocks are verified here. */
  async close (): Promise<void> {
    this.#isClosed = true
    await this.#pool?.destroy()
  }

  #handOut (): void {
    const jobs = this.#jobs
    this.#jobs = []
    const signatures = jobs.reduce((sum, { block }) => sum + signaturesOf(block), 0)

    if (this.#isClosed || (this.#tasks === 0 && signatures <= MAX_OWN_SIGNATURES)) {
      jobs.forEach(({ block, parent, settle }) => { settle.resolve(this.#init.rules.verifyBlock(block, parent)) })
      return
    }

    for (const task of split(jobs)) {
      void this.#run(task)
    }
  }

  async #run (jobs: readonly Job[]): Promise<void> {
    this.#pool ??= new Tinypool({ filename: WORKER_FILE, name: 'verifyTask', minThreads: 0, maxThreads: this.#threads, idleTimeout: IDLE_TIMEOUT_MS })
    const task = taskOf(this.#init.network, jobs)
    this.#tasks++

    try {
      const reasons = await this.#pool.run(task, { transferList: [task.bytes.buffer as ArrayBuffer] }) as (string | undefined)[]
      jobs.forEach(({ settle }, index) => { settle.resolve(reasons[index]) })
    } catch (err) {
      jobs.forEach(({ settle }) => { settle.reject(err) })
    } finally {
      this.#tasks--
    }
  }
}

/** Runs of blocks that follow each other, of about {@link TASK_SIGNATURES}. */
function split (jobs: readonly Job[]): Job[][] {
  const tasks: Job[][] = []
  let signatures = 0

  for (const job of jobs) {
    const last = tasks.at(-1)

    if (last?.at(-1)?.block === job.parent && signatures < TASK_SIGNATURES) {
      last.push(job)
      signatures += signaturesOf(job.block)
    } else {
      tasks.push([job])
      signatures = signaturesOf(job.block)
    }
  }

  return tasks
}

/** The copy is what another thread gets: it could be given no part of a frame. */
function taskOf (network: string, jobs: readonly Job[]): VerifyTask {
  const { height, hash, timestamp, stateRoot } = jobs[0]!.parent
  const bytes = new Uint8Array(jobs.reduce((sum, job) => sum + job.bytes.byteLength, 0))
  let end = 0
  const ends = jobs.map((job) => {
    bytes.set(job.bytes, end)
    end += job.bytes.byteLength

    return end
  })

  return { network, parent: { height, timestamp, hash: new Uint8Array(hash), stateRoot: new Uint8Array(stateRoot) }, bytes, ends }
}

function signaturesOf ({ transactions }: Block): number {
  return transactions.length + 1
}
