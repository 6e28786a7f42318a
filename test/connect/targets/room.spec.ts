import assert from 'node:assert/strict'
import { BUCKETS_PER_TELLER, HEARD_BUCKET_SIZE, HEARD_BUCKETS } from '../../../src/connect/targets/room.ts'
import { MAX_NETWORK_TARGETS, MAX_ORIGIN_TARGETS, MAX_TARGETS } from '../../../src/connect/targets/target.ts'
import { Targets } from '../../../src/connect/targets/targets.ts'
import type { Target } from '../../../src/connect/targets/target.ts'

const netgroupOf = (address: string): string | undefined => /^\/ip4\/(\d+\.\d+)\./.exec(address)?.[1]

describe('connect/targets/room: peers that the node has heard of', () => {
  let targets: Targets
  let told: number

  beforeEach(() => {
    targets = new Targets(netgroupOf, Uint32Array.of(0x12345678, 0x9abcdef0))
    told = 0
  })

  /** A peer of its own in a netgroup, that a peer in another one has told of. */
  function tell (toldBy: string, netgroup: string): Target | undefined {
    const id = told++

    return targets.add('discovered', { peerId: `told ${id}`, addresses: [`/ip4/${netgroup}.${id >> 8 & 255}.${id & 255}/tcp/1`], toldBy }, 'peers')
  }

  const netgroups = (count: number): string[] => Array.from({ length: count }, (_, index) => `${20 + (index >> 8)}.${index & 255}`)
  const bound = BUCKETS_PER_TELLER * HEARD_BUCKET_SIZE

  it(`are at most ${HEARD_BUCKET_SIZE} of one netgroup that one netgroup has told of`, () => {
    const added = Array.from({ length: HEARD_BUCKET_SIZE + 1 }, () => tell('teller', '8.8'))

    assert.deepEqual(added.map((target) => target != null), [...Array.from({ length: HEARD_BUCKET_SIZE }, () => true), false])
  })

  it(`are at most ${bound} that one netgroup has told of, however many it tells of and wherever these are`, () => {
    netgroups(5000).forEach((netgroup) => { tell('teller', netgroup) })
    assert(targets.size <= bound && targets.size > bound / 2, `${targets.size}`)
    // others have room all the same
    const before = targets.size
    netgroups(16).forEach((netgroup) => { tell('another', netgroup) })
    assert(targets.size >= before + 8, `${targets.size - before} of another teller`)
  })

  it(`are at most ${HEARD_BUCKETS * HEARD_BUCKET_SIZE} in all, however many tell of them`, () => {
    for (const teller of netgroups(60)) {
      netgroups(120).forEach((netgroup) => { tell(teller, netgroup) })
    }

    const most = HEARD_BUCKETS * HEARD_BUCKET_SIZE
    assert(targets.size <= most && targets.size > 0.9 * most, `${targets.size}`)
  })

  it('are in buckets that only the secret tells: the same answers leave other peers at another node', () => {
    const keysAt = (secret: Uint32Array): string => {
      targets = new Targets(netgroupOf, secret)
      told = 0
      netgroups(1000).forEach((netgroup) => { tell('teller', netgroup) })

      return [...targets].map(({ key }) => key).sort().join()
    }

    assert.equal(keysAt(Uint32Array.of(1, 2)), keysAt(Uint32Array.of(1, 2)))
    assert.notEqual(keysAt(Uint32Array.of(1, 2)), keysAt(Uint32Array.of(3, 4)))
  })

  it('make room in a full bucket where they have failed, and not otherwise', () => {
    const members = Array.from({ length: HEARD_BUCKET_SIZE }, () => tell('teller', '8.8')!)
    assert.equal(tell('teller', '8.8'), undefined)
    targets.fail(members[3]!, 0)
    assert.notEqual(tell('teller', '8.8'), undefined)
    assert.equal(targets.has(members[3]!.key), false)
  })

  it('leave their bucket when they are reached', () => {
    const members = Array.from({ length: HEARD_BUCKET_SIZE }, () => tell('teller', '8.8')!)
    targets.noteReached(members[0]!, members[0]!.addresses[0]!, 5)

    assert.notEqual(tell('teller', '8.8'), undefined)
    assert.equal(targets.has(members[0]!.key), true)
  })

  it('never push out a peer that the node has reached', () => {
    for (let index = 0; index < MAX_NETWORK_TARGETS; index++) {
      const target = targets.add('discovered', { peerId: `reached ${index}`, addresses: [`/ip4/8.8.9.${index}/tcp/1`] }, 'dns')!
      targets.noteReached(target, target.addresses[0]!, index)
      target.failures = 3
    }

    assert.equal(tell('teller', '8.8'), undefined)

    for (let index = MAX_NETWORK_TARGETS; index < MAX_TARGETS; index++) {
      const origin = `origin ${Math.floor(index / MAX_ORIGIN_TARGETS)}`
      const target = targets.add('discovered', { peerId: `reached ${index}`, addresses: [`/ip4/9.${index >> 2}.9.${index & 3}/tcp/1`] }, origin)!
      targets.noteReached(target, target.addresses[0]!, index)
    }

    assert.equal(targets.size, MAX_TARGETS)
    assert.equal(tell('teller', '7.7'), undefined)
    assert.equal(targets.size, MAX_TARGETS)
  })
})
