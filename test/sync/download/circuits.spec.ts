import assert from 'node:assert/strict'
import { FakePeer } from '../../support/fake-peer.ts'
import { Download } from '../../../src/sync/download/download.ts'
import { encodeBlock } from '../../../src/codec/items/items.ts'
import { turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { growChain } from '../../support/memory-chain.ts'
import { circuitWith } from '../../support/circuits.ts'
import { sampleChain } from '../../support/sample.ts'
import type { TestCircuit } from '../../support/circuits.ts'
import type { DownloadFault } from '../../../src/sync/download/fault.ts'
import type { Block } from '../../../src/types/block.ts'

const BLOCK_BYTES = 10_000
const chain = growChain(sampleChain(1), 49, 'main', BLOCK_BYTES)

describe('sync/download/circuits', () => {
  let clock: FakeClock
  let peers: Map<string, FakePeer>
  let faults: DownloadFault[]
  let controller: AbortController
  let blocks: Block[]
  let error: unknown

  beforeEach(() => {
    clock = new FakeClock()
    peers = new Map()
    faults = []
    controller = new AbortController()
    blocks = []
    error = undefined
  })

  afterEach(async () => {
    controller.abort()
    await turns(5)
    assert.equal(clock.pending, 0, 'timers are left')
  })

  /** Adds a peer that is reached through a circuit of so much room, or has another one. What it sends takes its room. */
  function add (room: number): { peer: FakePeer, used: TestCircuit } {
    const peer = new FakePeer('alice', peers, clock).serve(chain)
    const used = circuitWith(clock, room)
    const { onAsk } = peer
    peer.bestHeight = 49
    Object.assign(peer, { circuit: used.circuit, isRelayed: true })
    peer.onAsk = (question) => {
      assert(question.type === 'requestBlockRange')
      const asked = chain.slice(question.startHeight, question.endHeight + 1)
      used.use(asked.reduce((bytes, block) => bytes + encodeBlock(block).byteLength, 0))
      onAsk(question)
    }

    return { peer, used }
  }

  async function take (): Promise<void> {
    const download = new Download({
      peers: () => Array.from(peers.values(), ({ session }) => session), clock, onFault: (fault) => { faults.push(fault) }
    }, { startHeight: 1, endHeight: 49, signal: controller.signal })

    void (async () => {
      for await (const batch of download.batches()) {
        blocks.push(...batch.blocks.map(({ block }) => block))
      }
    })().catch((err: unknown) => { error = err })
    await turns(50)
  }

  it('ask for one block first, then for what fits, one request at a time, and then for another circuit', async () => {
    const { peer, used } = add(100_000)
    await take()

    assert.deepEqual(peer.heights[0], [1, 1])
    assert.ok(blocks.length >= 8 && blocks.length <= 9, `${blocks.length} blocks`)
    assert.ok(peer.heights.every(([start], index) => start === (peer.heights[index - 1]?.[1] ?? 0) + 1), JSON.stringify(peer.heights))
    assert.ok(used.circuit.room >= 0, `${used.circuit.room} bytes`)
    assert.equal(used.lows, 1)
  })

  it('go on in another circuit, without a fault', async () => {
    add(100_000)
    await take()

    for (let i = 0; i < 20 && blocks.length < 49; i++) {
      add(100_000)
      await clock.advance(250)
      await turns(50)
    }

    assert.deepEqual(blocks, chain.slice(1))
    assert.deepEqual([faults, error], [[], undefined])
  })

  it('ask for a block that may be too large once, in a circuit that carries what it can', async () => {
    const { peer } = add(9000)
    peer.onAsk = (question) => { void peer.sendRange([], true, question) }
    await take()

    assert.deepEqual(peer.heights, [[1, 1]])
    assert.deepEqual(faults.map(({ kind, height }) => [kind, height]), [['unavailable', 1]])
    assert.match(String(error), /does not have block 1/)
  })
})
