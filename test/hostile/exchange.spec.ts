import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { multiaddr } from '@multiformats/multiaddr'
import { stopNodes } from '../integration/nodes.ts'
import { eventually } from '../support/eventually.ts'
import { Scene } from './scene.ts'
import { libp2pRecords } from '../../src/address/peer-records.ts'
import { BUCKETS_PER_TELLER, HEARD_BUCKET_SIZE } from '../../src/connect/targets/room.ts'
import { MAX_NETWORK_TARGETS } from '../../src/connect/targets/target.ts'
import type { Attacker } from './scene.ts'
import type { RawSession } from '../../src/testing/index.ts'
import type { Libp2pEvents, TypedEventTarget } from '@libp2p/interface'

const FEATURES = { features: 7n }

/** A record that a new identity has signed. */
async function newRecord (addresses: string[], sequence = 1n): Promise<Uint8Array> {
  return libp2pRecords(await generateKeyPair('Ed25519')).sign(addresses.map((address) => multiaddr(address)), sequence)
}

describe('hostile/exchange', function () {
  this.timeout(60_000)

  let scene: Scene
  let attacker: Attacker
  let session: RawSession

  beforeEach(async () => {
    scene = await Scene.start({ maxOutbound: 1, maxBlockOnly: 0 })
    attacker = await scene.attacker()
    const { events } = (scene.victim.libp2p as unknown as { components: { events: TypedEventTarget<Libp2pEvents> } }).components
    const detail = { id: attacker.libp2p.peerId, multiaddrs: attacker.libp2p.getMultiaddrs() }
    events.dispatchEvent(new CustomEvent('peer:discovery', { detail }))
    session = await eventually(() => attacker.accepted[0], 'the dial')
    await session.handshake(FEATURES)
  })

  afterEach(async () => {
    await scene.stop()
    await stopNodes()
  })

  /** Answers the question of the victim for peers. */
  async function tell (records: Uint8Array[]): Promise<void> {
    const { requestId } = await session.next('requestPeers')
    session.send({ type: 'responsePeers', peers: records.map((record) => ({ record, ageMinutes: 0 })) }, requestId)
  }

  const heardOf = (): number => scene.victim.status().known.exchange.heard
  const asked = (): number => scene.victim.status().known.exchange.asked

  it('of 64 peers of one network leaves a bounded number of them, and no honest peer waits', async () => {
    const records = await Promise.all(Array.from({ length: 63 }, async (_, index) => newRecord([`/ip4/66.1.${index}.1/tcp/1`])))
    await scene.expectHonestServedDuring(tell(records))
    await eventually(() => asked() === 1, 'the answer to be taken')

    assert(heardOf() <= Math.min(MAX_NETWORK_TARGETS, BUCKETS_PER_TELLER * HEARD_BUCKET_SIZE) && heardOf() > 0, `${heardOf()} heard of`)
    assert.equal(session.closure, undefined)
  })

  it('of private addresses, names and the victim itself leaves nothing', async () => {
    // a node in a private network may dial others there
    const isPrivate = Object.values(networkInterfaces()).flat().some((one) => /^(10|172|192\.168)\./.test(one?.address ?? ''))
    const local = isPrivate ? [] : ['/ip4/192.168.1.1/tcp/1', '/ip4/10.1.1.1/tcp/1']
    const addresses = [...local, '/ip4/0.0.0.0/tcp/1', '/ip4/224.0.0.1/tcp/1', '/dns4/example.org/tcp/1']
    const own = libp2pRecords((scene.victim.libp2p as unknown as { components: { privateKey: never } }).components.privateKey)
    const others = await Promise.all(addresses.map(async (address) => newRecord([address])))
    await tell([...others, await own.sign([multiaddr('/ip4/8.8.8.8/tcp/1')], 9n)])
    await eventually(() => asked() === 1, 'the answer to be taken')

    const found = scene.victim.status().dials.targets.flatMap(({ addresses }) => addresses)
    assert.deepEqual([heardOf(), found.filter((address) => !address.includes('/127.'))], [0, []])
    assert.equal(session.closure, undefined)
  })

  it('of a record that its peer has not signed counts against the one that tells of it, and the rest is not looked at', async () => {
    const forged = await newRecord(['/ip4/8.8.1.1/tcp/1'])
    forged[forged.byteLength - 1]! ^= 1
    await tell([forged, await newRecord(['/ip4/8.9.1.1/tcp/1'])])
    await eventually(() => scene.victim.status().known.exchange.forged === 1, 'the forged record to be found')

    assert.equal(heardOf(), 0)
    await scene.expectHonestServed()
  })

  it('of an old record of a peer changes nothing of what the victim knows', async () => {
    const key = await generateKeyPair('Ed25519')
    const { sign } = libp2pRecords(key)
    const [now, old] = [await sign([multiaddr('/ip4/8.8.1.1/tcp/1')], 5n), await sign([multiaddr('/ip4/9.9.1.1/tcp/1')], 4n)]
    await tell([now, old])
    await eventually(() => asked() === 1, 'the answer to be taken')

    const addresses = scene.victim.status().dials.targets.flatMap(({ addresses }) => addresses)
    assert.deepEqual([heardOf(), addresses.filter((address) => /8\.8\.1\.1|9\.9\.1\.1/.test(address))], [1, ['/ip4/8.8.1.1/tcp/1']])
  })
})
