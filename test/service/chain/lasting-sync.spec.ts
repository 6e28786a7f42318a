import assert from 'node:assert/strict'
import { RequestError } from '../../../src/errors.ts'
import { lastingSync, MAX_IDLE_LOSSES, MAX_LOSSES_BESIDE_PEERS } from '../../../src/service/chain/lasting-sync.ts'
import type { SyncResult } from '../../../src/types/sync.ts'

/** What a part of a synchronisation does: the height that it reaches, and how it ends. */
type Part = [height: number, error?: Error]

const LOSS = new RequestError('DISCONNECTED', 'the peer is gone')

describe('service/chain/lasting-sync', () => {
  let tip: number
  let waits: number

  async function run (parts: Part[], { peers = 0, none }: { peers?: number, none?: Error } = {}): Promise<SyncResult> {
    tip = 10
    waits = 0

    return lastingSync({
      hasPeers: () => peers > 0,
      height: () => tip,
      whenPeer: async () => {
        waits++

        if (none != null) {
          throw none
        }
      },
      sync: async () => {
        const from = tip
        const [height, error] = parts.shift()!
        tip = height

        if (error != null) {
          throw error
        }

        return { from, height, reorganised: false }
      }
    })
  }

  it('is one synchronisation where nothing is lost', async () => {
    assert.deepEqual(await run([[50]]), { from: 10, height: 50, reorganised: false })
    assert.equal(waits, 0)
  })

  it('goes on when the last peer is lost, as often as blocks have come in between', async () => {
    const parts: Part[] = [...Array.from({ length: 20 }, (_, index): Part => [11 + index, LOSS]), [50]]
    assert.deepEqual(await run(parts), { from: 10, height: 50, reorganised: false })
    assert.equal(waits, 20)
  })

  it(`gives up at the loss number ${MAX_IDLE_LOSSES} in a row of which nothing came`, async () => {
    const idle = (count: number): Part[] => Array.from({ length: count }, () => [20, LOSS])
    // the first one has brought blocks
    assert.deepEqual(await run([...idle(MAX_IDLE_LOSSES), [50]]), { from: 10, height: 50, reorganised: false })
    await assert.rejects(run([...idle(MAX_IDLE_LOSSES + 1), [50]]), LOSS)
  })

  it(`goes on with a peer that is there meanwhile, and gives up at the loss number ${MAX_LOSSES_BESIDE_PEERS} in a row`, async () => {
    const idle = (count: number): Part[] => Array.from({ length: count }, () => [10, LOSS])
    assert.deepEqual(await run([...idle(MAX_LOSSES_BESIDE_PEERS - 1), [50]], { peers: 1 }), { from: 10, height: 50, reorganised: false })
    await assert.rejects(run([...idle(MAX_LOSSES_BESIDE_PEERS), [50]], { peers: 1 }), LOSS)
  })

  it('goes on after nothing but a loss', async () => {
    const other = new RequestError('INVALID_RESPONSE', 'nonsense')
    await assert.rejects(run([[20, other], [50]]), other)
    assert.equal(waits, 0)
  })

  it('throws the loss where no peer comes back, and why it was told to end', async () => {
    await assert.rejects(run([[20, LOSS]], { none: new RequestError('NO_PEERS', 'none came') }), LOSS)
    await assert.rejects(run([[20, LOSS]], { none: new Error('enough') }), { message: 'enough' })
  })
})
