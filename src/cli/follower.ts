import { errorText } from './format.ts'
import type { Block, Verdict } from '../index.ts'
import type { ChainDb } from './chain-db.ts'
import type { Rules } from './rules.ts'

/** A catch-up that is under way: it began at `from` and is to reach `to`. */
export interface Progress { from: number, at: number, to: number }

/** What a {@link Follower} needs of a network. */
export interface BlockSource {
  /** Those that may be asked. */
  readonly peers: Iterable<{ readonly id: string, readonly bestHeight: number }>
  /** Blocks in order; throws where no more can be had. */
  requestBlockRange: (startHeight: number, endHeight: number, options: { peer?: string, signal: AbortSignal }) => AsyncIterable<Block>
}

/** What a {@link Follower} is made with. */
export interface FollowerInit {
  chain: Pick<ChainDb, 'head' | 'append'>
  rules: Pick<Rules, 'verifySeal' | 'verifyBlock'>
  network: BlockSource
  /** A block is part of the chain now. */
  onAppend?: (block: Block) => void
  /** Called as a catch-up begins, after each of its blocks, and with `undefined` when it has ended, as it may early. */
  onProgress?: (progress: Progress | undefined) => void
  /** A catch-up ended early; it is tried again. */
  onFailure?: (reason: string) => void
  /** Sent a block in a range that breaks the rules. */
  onBadPeer?: (peer: string, reason: string) => void
}

/** Blocks that are asked for in one go. */
const MAX_RANGE_BLOCKS = 10_000
/** Blocks that wait to be verified; more of them are left to the catch-up. */
const MAX_WAITING_BLOCKS = 64
/** Checks that are left out after a failed catch-up, at most. */
const MAX_SKIPPED_CHECKS = 32

class BadBlockError extends Error {
  override readonly name = 'BadBlockError'
}

/**
 * Keeps a chain at the height of the network's best: takes the blocks that come by, and fetches those that did not.
 * It is the only one that writes to the chain.
 */
export class Follower {
  readonly #init: FollowerInit
  readonly #stop = new AbortController()
  #writes: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #catchUp: Promise<void> | undefined
  /** The height of the best block that came by with a valid seal and could not be linked yet. */
  #announced = 0
  #failures = 0
  #skips = 0
  /** Set after a bad block in a range: it is not known who sent it until one peer alone is asked. */
  #suspects: string[] = []

  constructor (init: FollowerInit) {
    this.#init = init
  }

  /** True while blocks are being fetched. */
  get catchingUp (): boolean {
    return this.#catchUp != null
  }

  /** What to tell the network about a block that a peer sent, which is in the chain where this is 'accept'. */
  async onBlock (block: Block): Promise<{ verdict: Verdict, reason?: string }> {
    const { chain, rules } = this.#init

    if (block.height <= chain.head.height || this.#waiting >= MAX_WAITING_BLOCKS) {
      return { verdict: 'ignore' }
    }

    if (block.height > chain.head.height + 1) {
      const reason = rules.verifySeal(block)

      if (reason != null) {
        return { verdict: 'reject', reason }
      }

      this.#announced = Math.max(this.#announced, block.height)
      this.#failures = 0
      this.#skips = 0
      this.check()

      return { verdict: 'ignore' }
    }

    return this.append(block)
  }

  /** Verifies a block and writes it: 'ignore' where another one has taken its place by then. */
  async append (block: Block): Promise<{ verdict: Verdict, reason?: string }> {
    this.#waiting++
    const write = this.#writes.then(async () => this.#append(block))
    this.#writes = write.catch(() => {})

    try {
      return await write
    } finally {
      this.#waiting--
    }
  }

  /** Starts to catch up if a peer is ahead. Call it when a peer is ready and every second. */
  check (): void {
    if (this.#catchUp != null || this.#stop.signal.aborted || this.#target() <= this.#init.chain.head.height) {
      return
    }

    if (this.#skips > 0) {
      this.#skips--
      return
    }

    this.#catchUp = this.#run().finally(() => { this.#catchUp = undefined })
  }

  /** Ends the catch-up, and waits for the block that is being written. */
  async stop (): Promise<void> {
    this.#stop.abort()
    await this.#catchUp
    await this.#writes
  }

  async #append (block: Block): Promise<{ verdict: Verdict, reason?: string }> {
    const { chain, rules, onAppend } = this.#init

    if (block.height <= chain.head.height || this.#stop.signal.aborted) {
      return { verdict: 'ignore' }
    }

    const reason = rules.verifyBlock(block, chain.head)

    if (reason != null) {
      return { verdict: 'reject', reason }
    }

    await chain.append(block)
    onAppend?.(block)

    return { verdict: 'accept' }
  }

  async #run (): Promise<void> {
    const { chain, onFailure, onProgress } = this.#init
    const from = chain.head.height

    try {
      while (this.#target() > chain.head.height && !this.#stop.signal.aborted) {
        await this.#fetch(from, this.#target())
      }

      this.#failures = 0
    } catch (err) {
      if (this.#stop.signal.aborted) {
        return
      }

      this.#failures = chain.head.height > from ? 1 : this.#failures + 1
      this.#skips = Math.min(2 ** this.#failures, MAX_SKIPPED_CHECKS)
      this.#announced = 0
      onFailure?.(errorText(err))
    } finally {
      onProgress?.(undefined)
    }
  }

  async #fetch (from: number, to: number): Promise<void> {
    const { chain, network, onProgress } = this.#init
    const start = chain.head.height + 1
    const peer = this.#nextSuspect()
    const signal = this.#stop.signal
    onProgress?.({ from, at: chain.head.height, to })

    try {
      for await (const block of network.requestBlockRange(start, Math.min(to, start + MAX_RANGE_BLOCKS - 1), { peer, signal })) {
        const { verdict, reason } = await this.append(block)

        if (verdict === 'reject') {
          throw new BadBlockError(`Block ${block.height} breaks the rules: ${reason ?? ''}`)
        }

        onProgress?.({ from, at: chain.head.height, to: Math.max(to, chain.head.height) })
      }
    } catch (err) {
      this.#onFetchError(err, peer)
      throw err
    }

    if (chain.head.height < start) {
      throw new Error(`No peer sent block ${start}`)
    }
  }

  #onFetchError (err: unknown, peer: string | undefined): void {
    if (!(err instanceof BadBlockError)) {
      return
    }

    if (peer == null) {
      this.#suspects = Array.from(this.#init.network.peers, ({ id }) => id)
    } else {
      this.#init.onBadPeer?.(peer, err.message)
    }
  }

  /** The next peer that is to be asked alone, if it still has something for us. */
  #nextSuspect (): string | undefined {
    const height = this.#init.chain.head.height
    const useful = new Set(Array.from(this.#init.network.peers).filter((peer) => peer.bestHeight > height).map(({ id }) => id))
    this.#suspects = this.#suspects.filter((id) => useful.has(id))

    return this.#suspects.shift()
  }

  #target (): number {
    let target = this.#announced

    for (const { bestHeight } of this.#init.network.peers) {
      target = Math.max(target, bestHeight)
    }

    return target
  }
}
