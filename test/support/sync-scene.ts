import { setImmediate } from 'node:timers/promises'
import { Candidates } from '../../src/sync/run/candidates.ts'
import { ChainWriter } from '../../src/sync/chain/chain-writer.ts'
import { Download } from '../../src/sync/download/download.ts'
import { askForBlock } from '../../src/sync/download/client.ts'
import { SyncRun } from '../../src/sync/run/run.ts'
import { FakeClock } from './fake-clock.ts'
import { MemoryChain } from './memory-chain.ts'
import { FakePeer } from './fake-peer.ts'
import type { SyncPeers } from '../../src/sync/run/candidates.ts'
import type { CreateDownload } from '../../src/sync/run/feed.ts'
import type { SyncRunInit } from '../../src/sync/run/run.ts'
import type { Block } from '../../src/types/block.ts'
import type { ChainStore } from '../../src/types/chain.ts'
import type { SyncFault, SyncProgress } from '../../src/types/sync.ts'

/** How many timers may fire before something has come to its end. */
const MAX_STEPS = 5000

/** A chain of ours and peers with chains of theirs, who are asked by a real download. */
export class SyncScene {
  readonly clock: FakeClock = new FakeClock()
  readonly byId = new Map<string, FakePeer>()
  readonly store: MemoryChain
  writer: ChainWriter
  readonly peers: SyncPeers = {
    get: (id: string) => this.byId.get(id)?.session,
    [Symbol.iterator]: () => Array.from(this.byId.values(), ({ session }) => session)[Symbol.iterator]()
  }

  readonly candidates: Candidates
  readonly progress: SyncProgress[] = []
  readonly faults: SyncFault[] = []
  /** The first and the last height of each download. */
  readonly downloads: [number, number][] = []
  grown = 0

  constructor (blocks: readonly Block[]) {
    this.store = new MemoryChain(blocks)
    this.writer = new ChainWriter(this.store, this.clock)
    this.candidates = new Candidates(this.peers, this.clock)
  }

  /** A peer that answers from `blocks` and says to be as high. */
  add (id: string, blocks: readonly Block[], { bestHeight = blocks.length - 1, cap = Infinity } = {}): FakePeer {
    return Object.assign(new FakePeer(id, this.byId, this.clock), { bestHeight }).serve(blocks, cap)
  }

  /** Has a chain that does without what it may do without. */
  useStore (store: ChainStore): void {
    this.writer = new ChainWriter(store, this.clock)
  }

  readonly createDownload: CreateDownload = (init, range) => {
    this.downloads.push([range.startHeight, range.endHeight])
    return new Download(init, range)
  }

  readonly requestBlock: SyncRunInit['requestBlock'] = askForBlock

  createRun ({ peer, signal = new AbortController().signal }: { peer?: string, signal?: AbortSignal } = {}): SyncRun {
    return new SyncRun({
      writer: this.writer,
      candidates: this.candidates,
      clock: this.clock,
      peer,
      signal,
      createDownload: this.createDownload,
      requestBlock: this.requestBlock,
      onProgress: (progress) => { this.progress.push(progress) },
      onFault: (fault) => { this.faults.push(fault) },
      onGrown: () => { this.grown++ }
    })
  }

  /** What each peer was found to have done. */
  get faultKinds (): string[] {
    return this.faults.map(({ peer, kind, height }) => `${peer.id} ${kind} ${height}`)
  }

  /** Lets the time pass until a promise is settled, and gives what it gives. */
  async drive<Value> (promise: Promise<Value>): Promise<Value> {
    const state = { isSettled: false }
    const settle = (): void => { state.isSettled = true }
    promise.then(settle, settle)

    for (let step = 0; step < MAX_STEPS; step++) {
      // what goes on without a timer goes first
      for (let turn = 0; turn < 20 && !state.isSettled; turn++) {
        await setImmediate()
      }

      if (state.isSettled) {
        return promise
      }

      await this.clock.advance(this.clock.next ?? 0)
    }

    throw new Error('It neither ends nor fails')
  }
}
