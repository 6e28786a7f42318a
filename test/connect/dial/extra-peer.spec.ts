import assert from 'node:assert/strict'
import { MAX_EXTRA_OUTBOUND } from '../../../src/peers/slots.ts'
import {
  EARLY_EXTRA_INTERVAL_MS, EARLY_MS, EXTRA_INTERVAL_MS, EXTRA_TRIAL_MS, ExtraPeer, leastOf, STALE_INTERVAL_MS, STALE_TIP_MS
} from '../../../src/connect/dial/extra-peer.ts'
import { seededChance } from '../../../src/util/chance.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { HEARTBEAT, randomOf, SECOND, World } from './dialer-world.ts'
import { drawing } from '../../support/chance.ts'
import type { FakeSession } from './dialer-world.ts'
import type { ExtraCandidate } from '../../../src/connect/dial/extra-peer.ts'
import type { NewTarget } from '../../../src/connect/targets/target.ts'
import type { Tip } from '../../../src/types/block.ts'

const CHECK_MS = 5 * SECOND
const SLOTS = 8
const MINUTE = 60 * SECOND

describe('connect/dial/extra-peer', () => {
  let clock: FakeClock
  let peers: ExtraCandidate[]
  let dials: number[]
  let closed: string[]
  let extra: ExtraPeer
  let tip: Tip | undefined

  function session (id: string, more: Partial<ExtraCandidate> = {}): ExtraCandidate {
    return {
      id,
      direction: 'outbound',
      asksBlockOnly: false,
      readyFor: EXTRA_TRIAL_MS,
      lastUsefulBlockAt: undefined,
      location: { host: undefined, netgroup: id },
      close: () => { closed.push(id); peers = peers.filter((peer) => peer.id !== id) },
      ...more
    }
  }

  beforeEach(() => {
    clock = new FakeClock()
    peers = []
    dials = []
    closed = []
    tip = undefined
    extra = new ExtraPeer({
      clock,
      peers: { [Symbol.iterator]: () => peers[Symbol.iterator]() },
      maxOutbound: 2,
      reserved: new Set(['friend']),
      dialExtra: () => { dials.push(clock.now()) },
      tip: () => tip,
      chance: drawing(() => 1)
    })
    extra.start()
  })

  afterEach(() => {
    extra.stop()
    assert.equal(clock.pending, 0)
  })

  it('tries a peer beside full slots after its pause, and not before: more often in its first minutes', async () => {
    const useful = session('b', { lastUsefulBlockAt: clock.now() + EARLY_MS })
    peers = [session('a'), useful, session('friend'), session('c', { direction: 'inbound' })]
    await clock.advance(EARLY_EXTRA_INTERVAL_MS - 1)
    assert.equal(dials.length, 0)
    await clock.advance(1)
    assert.equal(dials.length, 1)
    await clock.advance(EARLY_MS - EARLY_EXTRA_INTERVAL_MS)
    assert.equal(dials.length, EARLY_MS / EARLY_EXTRA_INTERVAL_MS)
    const begun = dials.at(-1)!
    await clock.advance(EXTRA_INTERVAL_MS - 1)
    assert.equal(dials.at(-1), begun)
    await clock.advance(1)
    assert.equal(dials.at(-1), begun + EXTRA_INTERVAL_MS)
    assert.deepEqual(closed, [])
  })

  it('leaves it to the dialer while there is room', async () => {
    peers = [session('a'), session('friend')]
    await clock.advance(2 * EXTRA_INTERVAL_MS)
    assert.deepEqual(dials, [])
  })

  it('counts no block-only sessions, and ends none', async () => {
    peers = [session('a'), session('b'), session('c', { asksBlockOnly: true })]
    await clock.advance(CHECK_MS)
    assert.deepEqual(closed, [])
    peers = [session('a'), session('c', { asksBlockOnly: true })]
    await clock.advance(2 * EXTRA_INTERVAL_MS)
    assert.deepEqual(dials, [])
  })

  it('does so more often while no useful block comes', async () => {
    peers = [session('a'), session('b')]
    await clock.advance(STALE_TIP_MS)
    const { length } = dials
    await clock.advance(10 * STALE_INTERVAL_MS)
    assert(dials.length - length >= 8, `${dials.length - length} dials`)
    const busy = session('b', { lastUsefulBlockAt: clock.now() })
    peers = [session('a'), busy]
    await clock.advance(STALE_INTERVAL_MS + CHECK_MS)
    const before = dials.length
    await clock.advance(EXTRA_INTERVAL_MS - CHECK_MS)
    assert(dials.length - before <= 1)
  })

  describe('with a chain', () => {
    /** How many are tried in so many pauses of a node whose tip is stale. */
    async function countIn (pauses: number): Promise<number> {
      const { length } = dials
      await clock.advance(pauses * STALE_INTERVAL_MS)

      return dials.length - length
    }

    beforeEach(() => {
      peers = [session('a'), session('b')]
      tip = { height: 7, hash: Uint8Array.of(7) }
      extra.start()
    })

    it('does so more often while our tip stands still, whatever useful blocks come, and not before', async () => {
      await clock.advance(STALE_TIP_MS - CHECK_MS - STALE_INTERVAL_MS)
      peers = [session('a'), session('b', { lastUsefulBlockAt: clock.now() })]
      assert(await countIn(1) <= 1)
      peers = [session('a'), session('b', { lastUsefulBlockAt: clock.now() })]
      await clock.advance(CHECK_MS)
      assert(await countIn(10) >= 8)
    })

    for (const [how, moved] of [['goes up', { height: 8, hash: Uint8Array.of(8) }], ['changes at its height', { height: 7, hash: Uint8Array.of(9) }]] as const) {
      it(`does not while our tip ${how}, though no peer has sent a useful block`, async () => {
        await clock.advance(STALE_TIP_MS + 2 * STALE_INTERVAL_MS)
        tip = moved
        await clock.advance(STALE_INTERVAL_MS + CHECK_MS)
        assert(await countIn(8) <= 2)
        await clock.advance(STALE_TIP_MS)
        assert(await countIn(10) >= 8)
      })
    }
  })

  it('ends one session once the youngest has had its time, and not before', async () => {
    const young = session('c', { readyFor: EXTRA_TRIAL_MS - 1 })
    peers = [session('a'), session('b'), young]
    await clock.advance(CHECK_MS)
    assert.deepEqual(closed, [])
    peers = [session('a'), session('b'), session('c')]
    await clock.advance(CHECK_MS)
    assert.equal(closed.length, 1)
    await clock.advance(CHECK_MS)
    assert.equal(closed.length, 1)
  })

  it('keeps half of them for their useful blocks, the latest ones', () => {
    const useful = Array.from({ length: 6 }, (_, i) => session(`useful${i}`, { lastUsefulBlockAt: i }))
    const all = [...useful, ...['a', 'b', 'c'].map((id) => session(id))]
    const ended = new Set(Array.from({ length: 500 }, (_, i) => leastOf(all, Uint32Array.of(i * 7919, i * 104_729))!.id))

    assert.deepEqual([...ended].sort(), ['a', 'b', 'c', 'useful0', 'useful1'])
    const nobody: ExtraCandidate[] = []
    assert.equal(leastOf(nobody, Uint32Array.of(1, 2)), undefined)
  })

  it('ends the same one of the others whatever other sessions there are, so that sessions come to rest', () => {
    const secret = Uint32Array.of(7, 9)
    const all = Array.from({ length: 20 }, (_, i) => session(`peer${i}`))
    const least = leastOf(all, secret)!

    assert.equal(leastOf([...all].reverse(), secret), least)
    assert(all.every((other) => other === least || leastOf([other, least], secret) === least))
  })

  describe('with a dialer', () => {
    /** Runs a node for a while: whoever is dialled is there at once. */
    async function run (world: World, random: () => number, ms: number): Promise<void> {
      const candidates = (): ExtraCandidate[] => [...world.sessions.values()].map(({ session }) => candidateOf(world, session))
      const rotation = new ExtraPeer({
        clock: world.clock,
        peers: { [Symbol.iterator]: () => candidates()[Symbol.iterator]() },
        maxOutbound: SLOTS,
        reserved: new Set(),
        dialExtra: (wish) => { world.dialer.dialExtra(wish) },
        tip: () => undefined,
        chance: seededChance(random())
      })
      rotation.start()

      for (const end = world.clock.now() + ms; world.clock.now() < end;) {
        for (const dial of world.underWay) {
          await dial.succeed()
        }

        assert(world.slots.counts.outbound <= SLOTS + MAX_EXTRA_OUTBOUND)
        await world.clock.advance(CHECK_MS)
      }

      rotation.stop()
    }

    function candidateOf (world: World, session: FakeSession): ExtraCandidate {
      const { id, direction, location, readyFor } = session

      return {
        ...{ id, direction, asksBlockOnly: false, location, readyFor, lastUsefulBlockAt: undefined },
        close: (reason) => { world.close(id, reason) }
      }
    }

    function tell (name: string, count: number, network: number): NewTarget[] {
      return Array.from({ length: count }, (_, i) => {
        return { peerId: `${name}${i}`, addresses: [`/ip4/8.${network + i}.1.1/tcp/1`], lastSuccess: 1 }
      })
    }

    function worldOf (random: () => number): World {
      const world = new World(SLOTS)
      Object.defineProperty(world, 'random', { get: random })
      world.start()

      return world
    }

    it('gives 2 of 8 slots on average, and never more than 4, to an attacker that had all of them 10 min before', async () => {
      const counts: number[] = []

      for (let seed = 0; seed < 10; seed++) {
        const random = randomOf(seed)
        const world = worldOf(random)
        world.dialer.addAll('discovered', tell('attacker', 8, 200))
        await run(world, random, MINUTE)
        assert.equal(world.sessions.size, SLOTS)
        world.dialer.addAll('discovered', tell('honest', 100, 0))
        await run(world, random, EARLY_MS)
        counts.push([...world.sessions.keys()].filter((id) => id.startsWith('attacker')).length)
        world.stop()
      }

      assert(counts.reduce((sum, count) => sum + count, 0) / counts.length <= 2, counts.join())
      assert(Math.max(...counts) <= 4, counts.join())
    })

    it('finds the other half of a network that was split within 3 minutes, where each node knows others of its own half too', async () => {
      for (let seed = 0; seed < 10; seed++) {
        const random = randomOf(seed)
        let across = 0

        // any of them is enough
        for (let node = 0; node < 10; node++) {
          const world = worldOf(random)
          world.add('known', ...Array.from({ length: SLOTS }, (_, i) => `own${i}`))
          await run(world, random, SECOND)
          assert.equal(world.sessions.size, SLOTS)
          world.add('known', ...Array.from({ length: 16 }, (_, i) => `own${i + SLOTS}`))
          world.dialer.addAll('known', tell('across', 25, 0).map((peer) => ({ ...peer, failures: 7 })))
          await run(world, random, 3 * MINUTE - HEARTBEAT / 2)
          across += world.reached.filter((id) => id.startsWith('across')).length
          world.stop()
        }

        assert(across > 0, `seed ${seed}`)
      }
    })
  })
})
