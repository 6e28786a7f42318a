import assert from 'node:assert/strict'
import { readRecord } from '../../../src/address/peer-records.ts'
import { RememberedPeers } from '../../../src/connect/targets/remembered.ts'
import { MAX_FAILURES, MAX_KNOWN_TARGETS } from '../../../src/connect/targets/target.ts'
import { Targets } from '../../../src/connect/targets/targets.ts'
import { turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { Dialer } from '../../../src/connect/dial/dialer.ts'
import type { NewTarget, TargetSource } from '../../../src/connect/targets/target.ts'
import type { KnownPeer, KnownPeers } from '../../../src/types/known-peers.ts'
import type { Logger } from '@libp2p/interface'

const MAX_RECONNECT_DELAY = 300_000

/** Peers on disk beyond those that there is room for. */
const MORE = 20

describe('connect/targets/remembered', () => {
  let clock: FakeClock
  let targets: Targets
  let known: KnownPeer[]
  let given: string[][]
  let remembered: RememberedPeers

  beforeEach(() => {
    clock = new FakeClock()
    targets = new Targets()
    known = []
    given = []
    const add = (source: TargetSource, peer: NewTarget, origin?: string): void => { targets.add(source, peer, origin) }

    remembered = new RememberedPeers({
      config: { maxReconnectDelay: MAX_RECONNECT_DELAY },
      knownPeers: {
        anchors: async () => Promise.resolve([]),
        load: async () => Promise.resolve(known)
      } as Partial<KnownPeers> as KnownPeers,
      dialer: {
        targets,
        add,
        addAll: (source: TargetSource, peers: NewTarget[]) => {
          given.push(peers.map(({ peerId }) => peerId!))
          peers.forEach((peer) => { add(source, peer) })
          // as the dialer does while it is short
          remembered.onShort()
        }
      } as unknown as Dialer,
      readRecord,
      onStoreError: (err) => { throw err },
      clock,
      log: Object.assign(() => {}, { error: () => {} }) as unknown as Logger
    })
  })

  /** As many as there is room for, and more. */
  function fillDisk (): void {
    known = Array.from({ length: MAX_KNOWN_TARGETS + MORE }, (_, i) => ({
      id: `peer-${i}`, addresses: [`/ip4/10.0.${i >> 8}.${i & 255}/tcp/1`], lastSuccess: 10_000 - i
    }))
  }

  function fail (from: number, to: number): void {
    for (const target of [...targets].slice(from, to)) {
      targets.fail(target, 0)
    }
  }

  it('has those that found no room take the places of targets that have failed, once peers are short', async () => {
    fillDisk()
    await remembered.load()
    assert.deepEqual([targets.size, targets.has(`peer-${MAX_KNOWN_TARGETS}`)], [MAX_KNOWN_TARGETS, false])
    fail(0, MORE - 1)
    remembered.onShort()
    const late = known.slice(MAX_KNOWN_TARGETS).filter(({ id }) => targets.has(id))
    assert.equal(late.length, MORE - 1)
    assert.deepEqual(late.map(({ id }) => [...targets].find(({ key }) => key === id)?.failures), late.map(() => 0))
    // the last one has no room until another has failed
    fail(0, 1)
    remembered.onShort()
    assert.equal(targets.has(known.at(-1)!.id), true)
    const before = given.length
    remembered.onShort()
    assert.equal(given.length, before)
  })

  it('gives up those that the dialer never takes', async () => {
    fillDisk()
    await remembered.load()
    remembered.onShort()
    assert.deepEqual(given, [known.slice(MAX_KNOWN_TARGETS).map(({ id }) => id)])
    remembered.onShort()
    assert.equal(given.length, 1)
  })

  it('gives those that were forgotten one more try each, in no room but free one', async () => {
    fillDisk()
    remembered.start(() => [])
    await clock.advance(MAX_RECONNECT_DELAY)
    fillTargets()
    fail(0, 1)
    remembered.onShort()
    await turns(2)
    assert.deepEqual([given.length, targets.has('other-0'), targets.has('peer-0')], [1, true, false])
    targets.remove([...targets][0]!)
    await clock.advance(MAX_RECONNECT_DELAY)
    remembered.onShort()
    await turns(2)
    assert.equal([...targets].find(({ key }) => key === 'peer-0')?.failures, MAX_FAILURES - 1)
    assert.equal(targets.has('peer-1'), false)
  })

  it('gives those that it has only heard of the room of their tellers, and never that of peers that it has reached', async () => {
    known = [{ id: 'heard', addresses: ['/ip4/1.2.3.4/tcp/1'], toldBy: '0102' }, { id: 'reached', addresses: ['/ip4/1.2.3.5/tcp/1'], lastSuccess: 1 }]
    await remembered.load()
    assert.deepEqual([...targets].map(({ key, source, toldBy }) => [key, source, toldBy]), [['heard', 'discovered', '0102'], ['reached', 'known', undefined]])
    remembered.start(() => [])
    await clock.advance(MAX_RECONNECT_DELAY)
    remembered.onShort()
    await turns(2)
    assert.deepEqual(given, [['reached']])
  })

  function fillTargets (): void {
    for (let i = 0; i < MAX_KNOWN_TARGETS; i++) {
      targets.add('known', { peerId: `other-${i}`, addresses: [`/ip4/10.1.${i >> 8}.${i & 255}/tcp/1`], lastSuccess: 1 })
    }
  }
})
