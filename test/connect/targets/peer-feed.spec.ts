import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { TypedEventEmitter } from 'main-event'
import { ANCHORS_INTERVAL_MS } from '../../../src/connect/targets/anchors.ts'
import { HEALTHY_AFTER_MS } from '../../../src/connect/dial/dialer.ts'
import { FIRST_PAUSE_FACTOR } from '../../../src/connect/targets/peer-search.ts'
import { PeerFeed } from '../../../src/connect/targets/peer-feed.ts'
import { FAILURES_INTERVAL_MS } from '../../../src/connect/targets/remembered.ts'
import { MAX_FAILURES } from '../../../src/connect/targets/target.ts'
import { turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { drawing } from '../../support/chance.ts'
import type { Session } from '../../../src/session/session.ts'
import { readRecord } from '../../../src/address/peer-records.ts'
import { Targets } from '../../../src/connect/targets/targets.ts'
import type { Dialer } from '../../../src/connect/dial/dialer.ts'
import type { NewTarget, Target } from '../../../src/connect/targets/target.ts'
import type { KnownPeer, KnownPeers } from '../../../src/types/known-peers.ts'
import type { FoundPeer } from '../../../src/types/peer-source.ts'
import type { Libp2pEvents, Logger, PeerId } from '@libp2p/interface'
import type { TypedEventTarget } from 'main-event'

const SEED = '/ip4/10.0.0.9/tcp/8765'
const MAX_RECONNECT_DELAY = 300_000
const PAUSE = 1000 * FIRST_PAUSE_FACTOR

type Added = [source: string, peerId: string | undefined, addresses: string[], origin: string | undefined]

describe('connect/targets/peer-feed', () => {
  let alice: PeerId
  let events: TypedEventTarget<Libp2pEvents>
  let clock: FakeClock
  let added: Added[]
  let again: (NewTarget & { source: string })[]
  let addedAnchors: (string | undefined)[]
  let reserved: string[]
  let anchors: KnownPeer[]
  let anchored: string[][]
  let failed: [id: string, time: number][]
  let saved: KnownPeer[]
  let asked: number
  let storeErrors: unknown[]
  let lines: unknown[][]
  let listen: string[]
  let connected: PeerId[]
  let answers: FoundPeer[]
  let feed: PeerFeed
  let isShort: boolean

  before(async () => {
    alice = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  })

  beforeEach(() => {
    events = new TypedEventEmitter()
    clock = new FakeClock()
    added = []
    again = []
    addedAnchors = []
    reserved = []
    anchors = []
    anchored = []
    failed = []
    saved = []
    asked = 0
    storeErrors = []
    lines = []
    listen = ['/ip4/0.0.0.0/tcp/8765']
    connected = []
    answers = []
    isShort = true
    feed = new PeerFeed({
      components: {
        events,
        addressManager: {
          getListenAddrs: () => listen.map((address) => multiaddr(address)),
          getAnnounceAddrs: () => [],
          // as the wildcard is where it is listened on
          getAddresses: () => ['/ip4/127.0.0.1/tcp/8765', '/ip4/192.168.1.2/tcp/8765'].map((address) => multiaddr(address))
        },
        connectionManager: { getConnections: (peer: PeerId) => connected.filter((id) => id.equals(peer)) }
      } as unknown as ConstructorParameters<typeof PeerFeed>[0]['components'],
      config: { seedPeers: [SEED], get reservedPeers () { return reserved }, reconnectDelay: 1000, maxReconnectDelay: MAX_RECONNECT_DELAY },
      knownPeers: {
        anchors: async () => Promise.resolve(anchors),
        setAnchors: async (ids: string[]) => { anchored.push(ids); await Promise.resolve() },
        noteFailure: async (id: string, time: number) => { failed.push([id, time]); await Promise.resolve() },
        load: async () => Promise.resolve([{ id: 'known', addresses: ['/ip4/1.2.3.4/tcp/1'] }]),
        save: async (peer: KnownPeer) => { saved.push(peer); await Promise.resolve() }
      } as unknown as KnownPeers,
      peerSources: [{ name: 'source', find: async function * () { asked++; yield * answers } }],
      onStoreError: (err) => { storeErrors.push(err) },
      localAddresses: () => ['/ip4/172.16.0.5'],
      readRecord,
      dialer: {
        targets: new Targets(),
        get isShort () { return isShort },
        isFull: false,
        addAll: (source: string, peers: NewTarget[]) => { again.push(...peers.map((peer) => ({ source, ...peer }))) },
        add: (source: string, { peerId, addresses, isAnchor }: FoundPeer & { isAnchor?: boolean }, origin?: string) => {
          added.push([source, peerId, addresses, origin])
          addedAnchors.push(...isAnchor === true ? [peerId] : [])
        }
      } as unknown as Dialer,
      clock,
      log: Object.assign((...line: unknown[]) => { lines.push(line) }, { error: () => {} }) as unknown as Logger,
      chance: drawing(() => 1)
    })
  })

  function discover (...addresses: string[]): void {
    events.dispatchEvent(new CustomEvent('peer:discovery', { detail: { id: alice, multiaddrs: addresses.map((address) => multiaddr(address)) } }))
  }

  function session (session: Partial<Session>): Session {
    return {
      id: 'alice', address: '/ip4/1.2.3.4/tcp/1', direction: 'outbound', location: { host: '1.2.3.4', netgroup: '0102' }, isRelayed: false, ...session
    } as Session
  }

  it('tells of the seeds and of the peers of an earlier run', async () => {
    await feed.load()

    assert.deepEqual(added, [
      ['seed', undefined, [SEED], undefined], ['known', 'known', ['/ip4/1.2.3.4/tcp/1'], undefined]
    ])
  })

  it('tells of no seed that the node itself is', async () => {
    listen = [SEED]
    await feed.load()

    assert.deepEqual(added.map(([source]) => source), ['known'])
    assert.deepEqual(lines, [['the seed %s is an address of this node, which does not dial it', SEED]])
  })

  it('reads the known peers again for a dial beside full slots, not more often than when peers are short', async () => {
    isShort = false
    feed.startSearch(() => [])
    await clock.advance(MAX_RECONNECT_DELAY - 1)
    feed.onExtra()
    feed.onFilled()
    await turns(2)
    assert.deepEqual(again, [])
    await clock.advance(1)
    feed.onFilled()
    await turns(2)
    assert.deepEqual(again, [])
    feed.onExtra()
    feed.onExtra()
    await turns(2)
    assert.deepEqual(again.map(({ peerId, failures }) => [peerId, failures]), [['known', MAX_FAILURES - 1]])
    await clock.advance(MAX_RECONNECT_DELAY - 1)
    feed.onExtra()
    await turns(2)
    assert.equal(again.length, 1)
  })

  it('reads the known peers again when peers are short, each to be tried once, and not before the longest pause is over', async () => {
    feed.startSearch(() => [])
    await clock.advance(MAX_RECONNECT_DELAY - 1)
    feed.onFilled()
    await turns(2)
    assert.deepEqual(again, [])

    for (const count of [1, 2]) {
      await clock.advance(1)
      feed.onFilled()
      feed.onFilled()
      await turns(2)
      assert.equal(again.length, count)
      await clock.advance(MAX_RECONNECT_DELAY - 1)
    }

    assert.deepEqual(again[0], {
      source: 'known', peerId: 'known', addresses: ['/ip4/1.2.3.4/tcp/1'], lastSuccess: undefined, failures: MAX_FAILURES - 1
    })
    feed.stop([])
    await clock.advance(MAX_RECONNECT_DELAY)
    feed.onFilled()
    await turns(2)
    assert.equal(again.length, 2)
  })

  describe('of what libp2p discovers', () => {
    beforeEach(() => { feed.start() })
    afterEach(() => { feed.stop([]) })

    it('tells with the addresses that may be dialled', () => {
      discover('/ip4/1.2.3.4/tcp/1', '/ip4/127.0.0.1/tcp/1', '/ip4/0.0.0.0/tcp/1', '/dnsaddr/evil.example')

      assert.deepEqual(added, [['discovered', alice.toString(), ['/ip4/1.2.3.4/tcp/1'], 'libp2p']])
    })

    it('tells with addresses of the networks of its interfaces, its listening addresses and its seeds', () => {
      const addresses = ['/ip4/192.168.7.7/tcp/1', '/ip4/172.16.7.7/tcp/1', '/ip4/10.7.7.7/tcp/1']
      discover(...addresses, '/ip4/100.64.0.1/tcp/1')

      assert.deepEqual(added[0]?.[2], addresses)
    })

    it('tells of loopback where it was told to listen there', async () => {
      listen = ['/ip4/127.0.0.1/tcp/0']
      discover('/ip4/127.0.0.1/tcp/1')

      assert.deepEqual(added[0]?.[2], ['/ip4/127.0.0.1/tcp/1'])
    })

    it('reports no peer that has no such address, or none at all, or is connected', () => {
      discover('/ip4/127.0.0.1/tcp/1')
      discover()
      connected = [alice]
      discover('/ip4/1.2.3.4/tcp/1')

      assert.deepEqual(added, [])
    })

    it('does not tell after it is stopped', () => {
      feed.stop([])
      discover('/ip4/1.2.3.4/tcp/1')

      assert.deepEqual(added, [])
    })
  })

  it('tells of an inbound peer at the address it claims on the host it comes from', () => {
    const info = { listenAddrs: ['/ip4/1.2.3.4/tcp/8765', '/ip4/6.6.6.6/tcp/8765'].map((address) => multiaddr(address).bytes) }
    feed.onReady(session({ direction: 'inbound', info } as Partial<Session>))

    assert.deepEqual(added, [['discovered', 'alice', ['/ip4/1.2.3.4/tcp/8765'], 'inbound']])
  })

  describe('where that is not enough', () => {
    it('asks the sources of peers, once it is told to, and tells of whom they find', async () => {
      answers = [{ peerId: 'bob', addresses: ['/ip4/1.2.3.4/tcp/1'] }, { addresses: ['/ip4/127.0.0.1/tcp/1'] }]
      feed.start()
      feed.onFilled()
      assert.equal(asked, 0)
      feed.startSearch(() => [])
      await turns(5)

      assert.deepEqual(added, [['discovered', 'bob', ['/ip4/1.2.3.4/tcp/1'], 'source']])
      feed.stop([])
      assert.equal(clock.pending, 0)
    })

    it('asks again when the dialer has no target left and the pause is over', async () => {
      feed.startSearch(() => [])
      await clock.advance(2 * PAUSE)
      const before = asked
      await clock.advance(4 * PAUSE)

      assert.ok(before >= 2 && asked > before)
      feed.stop([])
    })

    async function searchForLong (): Promise<number> {
      feed.startSearch(() => [])
      await clock.advance(20 * PAUSE)

      return clock.next ?? 0
    }

    it('goes back to the first pause when the dialer reaches a peer that a source has reported, and remembers it', async () => {
      const before = await searchForLong()
      feed.onReached(session({}), { origin: 'known' } as Target)
      assert.equal(clock.next, before)
      feed.onReached(session({}), { origin: 'source' } as Target)
      assert.ok(clock.next != null && clock.next <= PAUSE && before > PAUSE)
      assert.deepEqual(saved.map(({ id }) => id), ['alice', 'alice'])
      feed.stop([])
    })

    it(`takes the pause back when a session of ${HEALTHY_AFTER_MS} ms has ended, and not for a shorter one`, async () => {
      const before = await searchForLong()
      feed.onClosed(session({ readyFor: HEALTHY_AFTER_MS - 1 }))
      assert.equal(clock.next, before)
      feed.onClosed(session({ readyFor: HEALTHY_AFTER_MS }))
      assert.ok(clock.next != null && clock.next <= PAUSE && before > PAUSE)
      feed.stop([])
    })
  })

  it('remembers an outbound peer for the next run, and no inbound one', () => {
    feed.remember(session({}))
    feed.remember(session({ id: 'bob', direction: 'inbound' }))

    assert.deepEqual(saved, [{ id: 'alice', addresses: ['/ip4/1.2.3.4/tcp/1'], lastSuccess: clock.date(), source: '0102' }])
  })

  it('tells of reserved peers before all others, and of anchors before other known peers', async () => {
    reserved = [`/ip4/10.0.0.8/tcp/8765/p2p/${alice.toString()}`]
    anchors = [{ id: 'anchor', addresses: ['/ip4/1.2.3.5/tcp/1'] }]
    await feed.load()

    assert.deepEqual(added.map(([source, peerId]) => [source, peerId]), [
      ['reserved', alice.toString()], ['seed', undefined], ['known', 'anchor'], ['known', 'known']
    ])
    assert.deepEqual(addedAnchors, ['anchor'])
  })

  it('remembers its best outbound peers when it stops', () => {
    feed.stop([session({ id: 'a', readyFor: HEALTHY_AFTER_MS }), session({ id: 'b', readyFor: HEALTHY_AFTER_MS + 1 }), session({ id: 'c', readyFor: 1 })])

    assert.deepEqual(anchored, [['b', 'a']])
  })

  it('forgets no anchors where it stops without a good peer', () => {
    feed.stop([session({ readyFor: HEALTHY_AFTER_MS - 1 })])

    assert.deepEqual(anchored, [])
  })

  it(`remembers every ${ANCHORS_INTERVAL_MS} ms those that have lasted as long`, async () => {
    feed.startSearch(() => [session({ id: 'a', readyFor: ANCHORS_INTERVAL_MS }), session({ id: 'b', readyFor: ANCHORS_INTERVAL_MS - 1 })])
    await clock.advance(ANCHORS_INTERVAL_MS - 1)
    assert.deepEqual(anchored, [])
    await clock.advance(1)
    assert.deepEqual(anchored, [['a']])
    await clock.advance(ANCHORS_INTERVAL_MS)
    assert.deepEqual(anchored, [['a'], ['a']])
    feed.stop([])
    assert.equal(clock.pending, 0)
  })

  it('remembers that a known peer could not be reached, and nothing of an address', async () => {
    const begin = clock.date()
    feed.onFailure({ key: 'bob', peerId: 'bob' } as Target)
    feed.onFailure({ key: SEED, peerId: 'carol' } as Target)
    feed.onFailure({ key: SEED, peerId: undefined } as Target)
    await clock.advance(FAILURES_INTERVAL_MS)

    assert.deepEqual(failed, [['bob', begin]])
  })

  it('writes the failures of two seconds at once, of each peer the last, and those that are left when it stops', async () => {
    const begin = clock.date()
    feed.onFailure({ key: 'bob', peerId: 'bob' } as Target)
    await clock.advance(FAILURES_INTERVAL_MS - 1)
    feed.onFailure({ key: 'bob', peerId: 'bob' } as Target)
    feed.onFailure({ key: 'carol', peerId: 'carol' } as Target)
    assert.deepEqual(failed, [])
    await clock.advance(1)
    const late = begin + FAILURES_INTERVAL_MS - 1
    assert.deepEqual(failed, [['bob', late], ['carol', late]])
    assert.equal(clock.pending, 0)
    feed.onFailure({ key: 'dave', peerId: 'dave' } as Target)
    feed.stop([])
    assert.deepEqual(failed.slice(2), [['dave', clock.date()]])
    assert.equal(clock.pending, 0)
  })
})
