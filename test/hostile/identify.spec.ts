import assert from 'node:assert/strict'
import { eventually } from '../support/eventually.ts'
import { addressOf } from '../integration/nodes.ts'
import { Scene, usedBytes } from './scene.ts'
import { sendStrangers } from './strangers.ts'
import { MAX_IDENTIFIED_ADDRESSES, MAX_IDENTIFIED_PROTOCOLS } from '../../src/libp2p/patches/bounded-identify.ts'
import { MAX_REMEMBERED_PEERS } from '../../src/libp2p/gate/peer-memory.ts'

/** Identities, how many of them are connected at a time, and from how many hosts. */
const STRANGERS = 45
const AT_A_TIME = 15
const HOSTS = Array.from({ length: 15 }, (_, i) => `127.90.${i}.1`)

/** What may be left of all of them, in bytes. Before there was a bound, 16,000 tiny addresses of one left up to 170 kB. */
const MAX_LEFT_BYTES = 2 * 1024 * 1024

describe('hostile/identify', function () {
  this.timeout(120_000)

  let scene: Scene

  before(async () => {
    scene = await Scene.start({ maxInboundRate: 1000 })
    // what is loaded and compiled at the first of them is none of what is left
    await sendStrangers({ address: addressOf(scene.victim), hosts: HOSTS, count: AT_A_TIME, atATime: AT_A_TIME, answers: ['usual'] })
    await scene.expectNobodyElse()
    await scene.expectHonestServed()
  })

  after(async () => { await scene.stop() })

  for (const answer of ['usual', 'addresses', 'protocols'] as const) {
    const title = answer === 'usual' ? 'say what is usual' : `say that they have as many ${answer} as libp2p reads`

    it(`that come once each, and ${title}, leave little, and others are served meanwhile`, async () => {
      const { peerStore } = scene.victim.libp2p
      const before = usedBytes()
      const answered = await scene.expectHonestServedDuring(sendStrangers({
        address: addressOf(scene.victim), hosts: HOSTS, count: STRANGERS, atATime: AT_A_TIME, answers: [answer]
      }))
      assert.ok(answered > STRANGERS / 3, `${answered} were asked who they are`)

      await scene.expectNobodyElse()
      const peers = await peerStore.all()
      assert.ok(peers.length <= MAX_REMEMBERED_PEERS + 1, `${peers.length} are remembered`)

      // and the one that it was asked with
      for (const { addresses, protocols } of peers) {
        assert.ok(addresses.length <= MAX_IDENTIFIED_ADDRESSES && protocols.length <= MAX_IDENTIFIED_PROTOCOLS + 1)
      }

      await eventually(() => usedBytes() - before < MAX_LEFT_BYTES, `less than ${MAX_LEFT_BYTES} bytes to be left of them`)
    })
  }
})
