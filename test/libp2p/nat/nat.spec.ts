import assert from 'node:assert/strict'
import { createNat } from '../../../src/libp2p/nat/nat.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { startNode, stopNodes } from '../../integration/nodes.ts'
import type { NatOptions } from '../../../src/index.ts'

async function partsOf (nat: NatOptions, listen = ['/ip4/127.0.0.1/tcp/0']): Promise<{ transports: number, services: string[] }> {
  const { transports, services } = await createNat(resolveConfig({ genesisHash: new Uint8Array(32), nat, listen }))

  return { transports: transports?.length ?? 0, services: Object.keys(services ?? {}) }
}

describe('libp2p/nat/nat', () => {
  afterEach(stopNodes)

  it('is what is asked for', async () => {
    assert.deepEqual(await partsOf({}), { transports: 0, services: [] })
    assert.deepEqual(await partsOf({ relay: true }), { transports: 1, services: ['relayListener'] })
    assert.deepEqual(await partsOf({ relayServer: true }), { transports: 1, services: ['relay', 'relayReservations', 'stun'] })
    assert.deepEqual(await partsOf({ relay: true, relayServer: true }), {
      transports: 1, services: ['relayListener', 'relay', 'relayReservations', 'stun']
    })
    assert.deepEqual(await partsOf({ relay: true, webrtc: true }), { transports: 2, services: ['relayListener', 'directCalls', 'releaseNative'] })
    assert.deepEqual(await partsOf({ relay: true, holePunch: true }), { transports: 1, services: ['relayListener', 'holePunch'] })
    assert.deepEqual(await partsOf({ autonat: true }), { transports: 0, services: ['autonat', 'dialBackRequests'] })
    assert.deepEqual(await partsOf({ upnp: true }), { transports: 0, services: ['portMapper', 'upnp'] })
    assert.deepEqual(await partsOf({ relay: false, relayServer: false, holePunch: false, autonat: false, upnp: false }), {
      transports: 0, services: []
    })
  })

  it('takes a way through relays, and offers none, where the node does not listen', async () => {
    assert.deepEqual(await partsOf({ relay: true }, []), { transports: 1, services: [] })
  })

  it('believes the gateway where it asks no peer', async () => {
    for (const autonat of [false, true]) {
      const { services } = await createNat(resolveConfig({ genesisHash: new Uint8Array(32), nat: { upnp: true, autonat } }))
      const { libp2p } = await startNode()
      const service = services!['upnp']!((libp2p as unknown as { components: never }).components) as { autoConfirmAddress: boolean }

      assert.equal(service.autoConfirmAddress, !autonat)
    }
  })

  for (const nat of [
    { relay: true }, { relayServer: true }, { relay: true, holePunch: true }, { relay: true, webrtc: true }, { autonat: true },
    { upnp: true }, { relay: true, relayServer: true, holePunch: true, webrtc: true, autonat: true, upnp: true }
  ] as NatOptions[]) {
    it(`lets a node start and stop with ${Object.keys(nat).join(', ')}, and speaks what belongs to that only`, async () => {
      const node = await startNode({ nat })
      const protocols = node.libp2p.getProtocols()

      assert.equal(protocols.includes('/libp2p/circuit/relay/0.2.0/stop'), nat.relay === true || nat.relayServer === true)
      assert.equal(protocols.includes('/libp2p/circuit/relay/0.2.0/hop'), nat.relayServer === true)
      assert.equal(protocols.includes('/libp2p/dcutr'), nat.holePunch === true)
      assert.equal(protocols.includes('/webrtc-signaling/0.0.1'), nat.webrtc === true)
      assert.equal(protocols.includes('/libp2p/autonat/2/dial-request'), nat.autonat === true)
      await node.stop()
    })
  }
})
