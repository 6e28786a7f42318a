import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { createLibp2p } from 'libp2p'
import { eventually } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { killProcesses, NodeProcess } from '../integration/node-process.ts'
import { addressOf, GENESIS_HASH, LIBP2P_PARTS, nextEvent, nextOf, startNode, startRawPeer, stopNodes } from '../integration/nodes.ts'
import { useTempDir } from '../support/temp-dir.ts'
import { locationOfIp } from '../support/loopback-hosts.ts'
import { Attacker, Scene } from './scene.ts'
import { vibecoin } from '../../src/index.ts'
import { ServiceNetwork } from '../../src/network.ts'
import { Penalties } from '../../src/peers/penalties/penalties.ts'
import { MAX_BANS } from '../../src/peers/penalties/bans.ts'
import { MAX_SCORES } from '../../src/peers/penalties/scores.ts'
import { Targets } from '../../src/connect/targets/targets.ts'
import { MAX_ORIGIN_TARGETS } from '../../src/connect/targets/target.ts'
import { MAX_RATED_HOSTS } from '../../src/address/host-rates.ts'
import { HostRates } from '../../src/address/host-rates.ts'
import { startNetworkWith } from '../../src/start-network.ts'
import { openKnownPeers } from '../../src/store/known-peers/open-known-peers.ts'
import type { Ban, Network, NetworkConfig, VibeCoin } from '../../src/index.ts'
import type { Libp2p } from '@libp2p/interface'
import type { RawSession } from '../../src/testing/index.ts'

/** More than any table holds. */
const IDENTITIES = 12_000

/** A message that nobody may send: a ping with a field that is cut off. */
function violate (remote: RawSession): void {
  remote.sendBody('ping', Uint8Array.of(0x0a, 2, 0xff))
}

describe('hostile/slots', function () {
  this.timeout(60_000)

  const running: { stop: () => Promise<void> | void }[] = []

  afterEach(async () => {
    await Promise.all(running.splice(0, Infinity).map(async (one) => { await one.stop() }))
    await stopNodes()
  })

  async function startScene (config: Partial<NetworkConfig>): Promise<Scene> {
    const scene = await Scene.start(config)
    running.push(scene)

    return scene
  }

  /** A node for which each address of 127/8 is a host and each /16 of it a network. */
  async function startAlone (config: Partial<NetworkConfig>): Promise<Network> {
    const network = await startNetworkWith({
      listen: ['/ip4/127.0.0.1/tcp/0'], network: 'vibecoin-test', genesisHash: GENESIS_HASH, maxInboundRate: 1000, ...config
    }, undefined, { locationOfIp })
    running.push(network)

    return network
  }

  async function startAttacker (host: string, victim: Network): Promise<Attacker> {
    const attacker = await Attacker.start(host, victim)
    running.push(attacker.libp2p)

    return attacker
  }

  /** Everybody tries to get a session. Resolves when it is decided about all; with those who have one. */
  async function storm (scene: Scene, attackers: Attacker[]): Promise<Attacker[]> {
    const decided = new Set<string>()
    const onDecided = ({ detail }: CustomEvent<{ peer: { id: string } } | { id: string }>): void => {
      decided.add('peer' in detail ? detail.peer.id : detail.id)
    }
    scene.victim.addEventListener('peer:ready', onDecided)
    scene.victim.addEventListener('peer:refused', onDecided)
    attackers.forEach((attacker) => { attacker.connect().catch(() => { decided.add(attacker.id) }) })

    await scene.expectHonestServedDuring(eventually(() => {
      return attackers.every(({ id }) => decided.has(id)) && scene.victim.peers.counts.pending === 0
    }, 'an end of it', { timeout: 20_000 }))

    return attackers.filter(({ id }) => scene.victim.peers.get(id) != null)
  }

  describe('of others', () => {
    it('are filled by three times as many as there are and not by one more, while ours and those of reserved peers stay', async () => {
      const friendKey = await generateKeyPair('Ed25519')
      const friendId = peerIdFromPrivateKey(friendKey).toString()
      const scene = await startScene({
        maxInbound: 8, maxOutbound: 2, maxPendingHandshakes: 32, reservedPeers: [`/ip4/127.0.0.1/tcp/1/p2p/${friendId}`]
      })
      const { victim } = scene
      const outbound = await Promise.all(['127.30.0.1', '127.31.0.1'].map(async (ip) => {
        return victim.connect(addressOf(await startNode({ listen: [`/ip4/${ip}/tcp/0`], maxOutbound: 0 })))
      }))
      let most = 0
      victim.addEventListener('peer:ready', () => { most = Math.max(most, victim.peers.counts.inbound) })
      const inside = await storm(scene, await Promise.all(Array.from({ length: 24 }, async () => scene.attacker())))

      assert.deepEqual({ ...victim.peers.counts, most }, { inbound: 8, outbound: 2, blockOnly: 0, pending: 0, reserved: 0, most: 8 })
      assert.equal(inside.length, 7, 'the eighth is the honest peer')
      assert.deepEqual(outbound.map(({ state }) => state), ['ready', 'ready'])

      const friend = await startNode({ privateKey: friendKey, maxOutbound: 1 })
      await friend.connect(addressOf(victim))
      await eventually(() => victim.peers.get(friendId) != null, 'the reserved peer')
      assert.deepEqual(victim.peers.counts, { inbound: 8, outbound: 2, blockOnly: 0, pending: 0, reserved: 1 })
    })

    it('are given to honest peers while an attacker with a whole network has nearly all, and not taken from them by more of it', async () => {
      const scene = await startScene({ maxInbound: 16, maxPendingHandshakes: 32 })
      const attackers = await Promise.all(Array.from({ length: 40 }, async (_, i) => scene.attacker(`127.50.${i}.1`)))
      assert.equal((await storm(scene, attackers.splice(0, 20))).length, 15)

      // they come last: whoever goes by age alone has them go first
      const honest = []

      for (let i = 0; i < 4; i++) {
        const peer = await scene.attacker(`127.${20 + i}.0.1`)
        await peer.connect()
        honest.push(scene.sessionWith(peer))
      }

      await storm(scene, attackers)
      assert.deepEqual(honest.map(({ state }) => state), Array(4).fill('ready'))
      assert.equal(scene.victim.peers.counts.inbound, 16)
    })

    it('go to as many of one host as may be, whatever name they have', async () => {
      const scene = await startScene({ maxInboundPerHost: 3 })
      const attackers = await Promise.all(Array.from({ length: 10 }, async () => scene.attacker('127.66.0.1')))
      assert.equal((await storm(scene, attackers)).length, 3)

      const neighbour = await scene.attacker('127.66.0.2')
      await neighbour.connect()
      assert.equal(scene.sessionWith(neighbour).state, 'ready')
    })
  })

  describe('that are kept from a peer', () => {
    const tempDir = useTempDir()

    it('are refused in a node without a gate too, which says why', async () => {
      const node: Libp2p<{ vibecoin: VibeCoin }> = await createLibp2p({
        ...LIBP2P_PARTS,
        addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
        services: { identify: identify(), vibecoin: vibecoin({ network: 'vibecoin-test', genesisHash: GENESIS_HASH }) } as never
      })
      running.push(node)
      const service = node.services.vibecoin
      const network = new ServiceNetwork({ libp2p: node, service, stop: async () => { await node.stop() } })
      const raw = await startRawPeer()
      violate(await raw.connect(network))
      assert.equal((await nextOf(network, 'peer:closed', raw)).reason, 'PROTOCOL_VIOLATION')
      await eventually(() => raw.libp2p.getConnections().length === 0, 'the end of the connection')

      const again = await raw.open(network)
      const { message } = await again.next(['handshake', 'disconnect'])
      assert.deepEqual([message.type, 'reason' in message ? message.reason : undefined], ['disconnect', 'BANNED'])
      assert.deepEqual(service.peers.bans.map(({ subject, kind, offences }) => [subject, kind, offences]), [[raw.id, 'peer', 1]])
      assert.ok(service.peers.unban(raw.id))
      await eventually(() => raw.libp2p.getConnections().length === 0, 'the end of the connection')
      await raw.connect(network)
    })

    it('are kept from it after a restart, under any name and by its name on any host, until it is let in again', async () => {
      const dataDir = tempDir()
      const first = await startAlone({ dataDir })
      const attacker = await startAttacker('127.70.0.1', first)
      const ended = nextEvent(first, 'peer:closed')
      violate(await attacker.connect())
      await ended
      const bans = listOf(first)
      assert.deepEqual(bans.map(({ subject, kind }) => [kind, subject]), [['host', attacker.host], ['peer', attacker.id]])
      await first.stop()

      const second = await startAlone({ dataDir })
      assert.deepEqual(listOf(second), bans)
      const other = await startAttacker(attacker.host, second)
      await assert.rejects(other.open(), 'another name on the same host')
      const neighbour = await startAttacker('127.70.0.2', second)
      await neighbour.connect()

      assert.deepEqual([second.peers.unban(attacker.host), second.peers.unban(attacker.host)], [true, false])
      await other.connect()
      assert.equal(second.peers.isBanned(attacker.id), true)
      assert.equal(second.peers.unban(attacker.id), true)
      await second.stop()

      const third = await startAlone({ dataDir })
      assert.deepEqual(third.peers.bans, [])
    })

    it('are kept from so many and no more, who have a new name and host each time', async () => {
      const scene = await startScene({ limits: { bans: 10 } })

      for (let i = 0; i < 30; i++) {
        const attacker = await scene.attacker()
        violate(await attacker.connect())
        assert.equal((await scene.endOf(attacker)).reason, 'PROTOCOL_VIOLATION')
        assert.ok(scene.victim.peers.isBanned(attacker.id) && scene.victim.peers.isBanned(attacker.host))
        assert.ok(scene.victim.peers.bans.length <= 10)
        await attacker.libp2p.stop()
      }

      await scene.expectHonestServed()
      await scene.expectNobodyElse()
    })

    it('cost no more memory for twelve thousand names, each on a host of its own', () => {
      const clock = new FakeClock()
      const penalties = new Penalties({ clock })
      const rates = new HostRates({ perSecond: 5, maxHosts: MAX_RATED_HOSTS, clock })
      const targets = new Targets()

      for (let i = 0; i < IDENTITIES; i++) {
        const host = `10.${i >> 16}.${i >> 8 & 255}.${i & 255}`
        const location = { host, netgroup: host.split('.').slice(0, 2).join('.') }
        rates.take(host)
        targets.add('discovered', { peerId: `name ${i}`, addresses: [`/ip4/${host}/tcp/1`] }, 'inbound')
        penalties.note({ id: `name ${i}`, location }, 'rejected')
        penalties.onViolation({ id: `name ${i}`, location }, 'violation')
      }

      assert.deepEqual({
        bans: penalties.bans.size, scores: penalties.scores.size, hosts: rates.size, targets: targets.size
      }, { bans: MAX_BANS, scores: MAX_SCORES, hosts: MAX_RATED_HOSTS, targets: MAX_ORIGIN_TARGETS })
      assert.ok(penalties.isBanned({ id: `name ${IDENTITIES - 1}` }), 'the last one is kept out')
    })
  })

  describe('of ours', () => {
    const tempDir = useTempDir()

    afterEach(killProcesses)

    /** Writes an address book, as the run before has left it. */
    async function remember (nodes: { id: string, address: string }[], anchors: string[] = []): Promise<void> {
      const book = await openKnownPeers(tempDir())
      await Promise.all(nodes.map(async ({ id, address }) => book.save({ id, addresses: [address], lastSuccess: 1_790_000_000_000 })))
      await book.setAnchors(anchors)
      await book.close()
    }

    /** Nodes that can be dialled. */
    async function startAt (ips: string[]): Promise<{ id: string, address: string }[]> {
      const nodes = await Promise.all(ips.map(async (ip) => startNode({ listen: [`/ip4/${ip}/tcp/0`], maxOutbound: 0 })))

      return nodes.map((node) => ({ id: node.libp2p.peerId.toString(), address: addressOf(node) }))
    }

    it('go to one peer of a network, however many of it are in the address book', async () => {
      const evil = await startAt(Array.from({ length: 8 }, (_, i) => `127.60.${i}.1`))
      const honest = await startAt(['127.61.0.1', '127.62.0.1'])
      await remember([...evil, ...honest])
      const victim = await startAlone({ dataDir: tempDir(), maxOutbound: 5, reconnectDelay: 10, maxReconnectDelay: 20 })
      let most = 0
      victim.addEventListener('peer:ready', () => { most = Math.max(most, countOf(victim, evil)) })
      await eventually(() => countOf(victim, honest) === 2 && countOf(victim, evil) === 1, 'a peer of each network')

      // the one that has the slot goes, and another one of its network may come, but never a second one
      for (let i = 0; i < 5; i++) {
        const ready = nextEvent(victim, 'peer:ready')
        victim.peers.disconnect([...victim.peers].find(({ id }) => evil.some((one) => one.id === id))!.id)
        await ready
      }

      assert.equal(most, 1)
      assert.deepEqual([countOf(victim, honest), victim.peers.counts.outbound], [2, 3])
    })

    it('go to the anchors first after a restart, before a book full of others', async () => {
      const [anchor, ...others] = await startAt(Array.from({ length: 8 }, (_, i) => `127.${40 + i}.0.1`))
      await remember([...others, anchor!], [anchor!.id])
      const victim = await startAlone({ dataDir: tempDir(), maxOutbound: 1 })
      const first = await eventually(() => [...victim.peers][0], 'a session')
      assert.equal(first.id, anchor!.id)
    })

    it('do not go to an anchor again and again where the node crashes each time', async () => {
      const nodes = await startAt(['127.0.0.1'])
      await remember(nodes, nodes.map(({ id }) => id))
      const child = await NodeProcess.start({ dataDir: tempDir(), maxOutbound: 1 })
      await eventually(() => child.peers === 1, 'a session with the anchor')
      await child.kill()

      const book = await openKnownPeers(tempDir())
      assert.deepEqual(await book.anchors(), [])
      assert.deepEqual((await book.load()).map(({ id }) => id), nodes.map(({ id }) => id))
      await book.close()
    })
  })
})

/** What is listed, hosts first. */
function listOf ({ peers }: Network): Pick<Ban, 'kind' | 'subject' | 'reason' | 'offences'>[] {
  return peers.bans
    .map(({ kind, subject, reason, offences }) => ({ kind, subject, reason, offences }))
    .sort((a, b) => a.kind < b.kind ? -1 : 1)
}

function countOf (network: Network, nodes: { id: string }[]): number {
  return nodes.filter(({ id }) => network.peers.get(id) != null).length
}
