import assert from 'node:assert/strict'
import { Candidates } from '../../../src/sync/run/candidates.ts'
import { FIRST_DISTRUST_MS } from '../../../src/sync/run/distrust.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { sampleHash } from '../../support/sample.ts'
import type { Session } from '../../../src/session/session.ts'

const tip = { height: 10, hash: sampleHash('ours') }
const other = sampleHash('theirs')

describe('sync/run/candidates', () => {
  let clock: FakeClock
  let peers: Map<string, Session>
  let candidates: Candidates

  beforeEach(() => {
    clock = new FakeClock()
    peers = new Map()
    candidates = new Candidates({ get: (id) => peers.get(id), [Symbol.iterator]: () => peers.values() }, clock)
  })

  function add (id: string, bestHeight: number, handshake = { bestHeight, bestHash: other }): Session {
    const peer = { id, bestHeight, info: handshake } as unknown as Session
    peers.set(id, peer)

    return peer
  }

  const ahead = (rivals: boolean, trusting = false): [string, number][] => {
    return candidates.ahead(tip, { rivals, trusting }).map(({ peer, height }) => [peer.id, height])
  }

  it('finds peers that say to be higher, the highest first', () => {
    add('lower', 9)
    add('a', 11)
    add('b', 12)

    assert.deepEqual(ahead(false), [['b', 12], ['a', 11]])
  })

  it('knows the peers that say to have more and are not believed, and when they are asked again', async () => {
    const [liar, branch] = [add('liar', 99), add('had some', 99)]
    add('honest', 12)
    candidates.distrust.add(liar, { above: 3 })
    candidates.distrust.add(branch, { above: 11 })
    candidates.distrust.add(add('lower', 9), { above: 3 })
    const doubted = (): unknown[] => candidates.doubted(tip).map(({ peer, believed, retryIn }) => [peer.id, believed, retryIn])
    await clock.advance(1000)
    assert.deepEqual(doubted(), [['liar', 3, FIRST_DISTRUST_MS - 1000]])
    await clock.advance(FIRST_DISTRUST_MS - 1001)
    assert.deepEqual(doubted(), [['liar', 3, 1]])
    await clock.advance(1)
    assert.deepEqual(doubted(), [])
  })

  it('finds who is as high on another branch only where that is asked for', () => {
    add('beside', 10)
    assert.deepEqual(ahead(false), [])
    assert.deepEqual(ahead(true), [['beside', 10]])
  })

  it('finds one at a time, behind all others, of those in a distrusted netgroup, the one that came first', () => {
    const at = (host: number): object => ({ direction: 'inbound', location: { host: `192.0.2.${host}`, netgroup: '192.0' } })
    candidates.distrust.add(Object.assign(add('distrusted', 99), at(0)), { above: 0 })
    Object.assign(add('first', 12), at(1))
    const second = Object.assign(add('second', 90), at(2))
    add('elsewhere', 11)
    add('dialled', 20)

    assert.deepEqual(ahead(false), [['dialled', 20], ['elsewhere', 11], ['first', 12]])
    candidates.distrust.onDelivered(second, 5)
    assert.deepEqual(ahead(false), [['second', 90], ['dialled', 20], ['elsewhere', 11], ['first', 12]])
    peers.delete('second')
    peers.delete('first')
    Object.assign(add('third', 12), at(3))
    assert.deepEqual(ahead(false), [['dialled', 20], ['elsewhere', 11], ['third', 12]])
    assert.deepEqual(ahead(false, true), [['distrusted', 99], ['dialled', 20], ['third', 12], ['elsewhere', 11]])
  })

  it('goes by the handshake only where it is not outdated', () => {
    add('same', 10, { bestHeight: 10, bestHash: tip.hash })
    add('grown since', 10, { bestHeight: 8, bestHash: other })
    assert.deepEqual(ahead(true), [])
  })

  it('goes by what a peer has shown since, first', () => {
    const peer = add('peer', 10, { bestHeight: 8, bestHash: other })
    candidates.noteRival(peer, { height: 10, hash: other })
    assert.deepEqual(ahead(true), [['peer', 10]])
    candidates.noteRival(peer, tip)
    assert.deepEqual(ahead(true), [])
    const changed = add('changed', 10)
    candidates.noteRival(changed, tip)
    assert.deepEqual(ahead(true), [])
    candidates.noteRival(changed, { height: 9, hash: other })
    assert.deepEqual(ahead(true), [['changed', 10]])
  })

  it('does not believe distrusted peers, unless the options say so', async () => {
    const above = add('above', 20)
    const beside = add('beside', 10)
    candidates.distrust.add(above, { above: 10 })
    candidates.distrust.add(beside, { above: 10 })
    assert.deepEqual(ahead(true), [])
    assert.deepEqual(ahead(true, true), [['above', 20]])
    await clock.advance(FIRST_DISTRUST_MS)
    assert.deepEqual(ahead(true), [['above', 20], ['beside', 10]])
  })

  it('believes distrusted peers as far as they have kept their word', () => {
    candidates.distrust.add(add('peer', 20), { above: 15 })
    assert.deepEqual(ahead(false), [['peer', 15]])
  })

  it('gives the ready peers, or the one that is named', () => {
    const [a, b] = [add('a', 1), add('b', 2)]
    assert.deepEqual(candidates.ready(), [a, b])
    assert.deepEqual(candidates.ready('b'), [b])
    assert.deepEqual(candidates.ready('c'), [])
  })
})
