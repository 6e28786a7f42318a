import assert from 'node:assert/strict'
import fc from 'fast-check'
import { pickEviction, SLOTS_PER_PROTECTED } from '../../src/peers/eviction.ts'
import { UNKNOWN_LOCATION } from '../../src/address/location.ts'
import type { EvictionCandidate } from '../../src/peers/eviction.ts'
import type { Location } from '../../src/address/location.ts'

type Candidate = EvictionCandidate<string>

const MAX_INBOUND = 32
const SECRET = Uint32Array.of(0x12345678, 0x9abcdef0)
const NEWCOMER = publicLocation('new')

function publicLocation (netgroup: string | number, host = 0): Location {
  return { netgroup: `netgroup ${netgroup}`, host: `${netgroup}/${host}` }
}

function candidate (session: string, location: Location, facts: Partial<Candidate> = {}): Candidate {
  return {
    session,
    ...location,
    rtt: undefined,
    lastUsefulBlockAt: undefined,
    lastUsefulTransactionAt: undefined,
    readyFor: 1000,
    isReserved: false,
    ...facts
  }
}

/** So many from one network, the youngest last. */
function crowd (count: number, name = 'crowd', youngest = 1): Candidate[] {
  return Array.from({ length: count }, (_, i) => candidate(`${name}${i}`, publicLocation(name, i), { readyFor: youngest + count - 1 - i }))
}

function pick (candidates: Candidate[], init: { maxInbound?: number, secret?: Uint32Array, newcomer?: Location } = {}): string | undefined {
  return pickEviction(candidates, { maxInbound: MAX_INBOUND, secret: SECRET, newcomer: NEWCOMER, ...init })
}

/** All that can be got out one after the other, without anybody new. */
function exhaust (candidates: Candidate[], init?: Parameters<typeof pick>[1]): Set<string> {
  const rest = [...candidates]
  const evicted = new Set<string>()

  for (let victim = pick(rest, init); victim != null; victim = pick(rest, init)) {
    evicted.add(victim)
    rest.splice(rest.findIndex(({ session }) => session === victim), 1)
  }

  return evicted
}

function replace (peers: Candidate[], victim: string | undefined, newcomer: Candidate): void {
  if (victim != null) {
    peers.splice(peers.findIndex(({ session }) => session === victim), 1, newcomer)
  }
}

describe('peers/eviction', () => {
  it('picks none where there are no sessions', () => {
    assert.equal(pick([]), undefined)
  })

  it('picks the youngest of a single netgroup', () => {
    assert.equal(pick(crowd(MAX_INBOUND)), `crowd${MAX_INBOUND - 1}`)
  })

  it('picks the youngest of the most crowded netgroup, however young others are', () => {
    const others = Array.from({ length: 12 }, (_, i) => candidate(`other${i}`, publicLocation(i), { readyFor: 0 }))

    assert.equal(pick([...others, ...crowd(20)]), 'crowd19')
  })

  it('counts protected sessions in their netgroup too', () => {
    const protectedOnes = crowd(4, 'attacker', 1000).map((attacker, i) => ({ ...attacker, rtt: i }))
    const attackers = [...protectedOnes, ...crowd(14, 'attacker', 500).slice(0, 2)]
    const honest = crowd(4, 'honest', 1)

    assert.match(pick([...attackers, ...honest], { maxInbound: 8 }) ?? '', /^attacker/)
  })

  it('takes peers of which nothing is known for one netgroup, and each private host for one of its own', () => {
    const others = Array.from({ length: 20 }, (_, i) => candidate(`private${i}`, { host: `10.0.0.${i}`, netgroup: undefined }))
    const nowhere = Array.from({ length: 12 }, (_, i) => candidate(`nowhere${i}`, UNKNOWN_LOCATION, { readyFor: 100 - i }))

    assert.equal(pick([...others, ...nowhere]), 'nowhere11')
  })

  it('picks none for a newcomer whose netgroup would be the more crowded one', () => {
    const others = Array.from({ length: MAX_INBOUND / 2 }, (_, i) => crowd(2, `pair${i}`, 100 * i)).flat()

    assert.notEqual(pick(others), undefined)
    assert.notEqual(pick([...others, ...crowd(1, 'new', 9999)], { newcomer: publicLocation('new') }), undefined)
    assert.equal(pick([...others, ...crowd(2, 'new', 9999)], { newcomer: publicLocation('new') }), undefined)
  })

  it('picks one of the newcomer\'s own network where that is the most crowded one', () => {
    assert.equal(pick(crowd(MAX_INBOUND, 'new'), { newcomer: publicLocation('new') }), `new${MAX_INBOUND - 1}`)
  })

  it('never picks a reserved peer, and does not count it', () => {
    const reserved = crowd(20, 'reserved').map((candidate) => ({ ...candidate, isReserved: true }))

    assert.equal(pick(reserved), undefined)
    assert.match(pick([...reserved, ...crowd(12)]) ?? '', /^crowd/)
  })

  for (const [maxInbound, most] of [[1, 0], [4, 0], [5, 0], [6, 2], [8, 3], [32, 12], [128, 48]] as const) {
    it(`lets newcomers from ever other netgroups have ${most} of ${maxInbound} slots at most`, () => {
      const count = Math.ceil(maxInbound / SLOTS_PER_PROTECTED)
      const peers = Array.from({ length: maxInbound }, (_, i) => candidate(`honest${i}`, publicLocation(i), {
        readyFor: i,
        ...(i < count ? { rtt: 10 } : i < 2 * count ? { lastUsefulBlockAt: 10 } : i < 3 * count ? { lastUsefulTransactionAt: 10 } : {})
      }))

      assert.equal(pick(peers, { maxInbound }) == null, most === 0)

      for (let i = 0; i < 10 * maxInbound; i++) {
        const newcomer = candidate(`attacker${i}`, publicLocation(`attacker${i}`), { readyFor: -1 - i })
        replace(peers, pick(peers, { maxInbound, newcomer }), newcomer)
      }

      assert.ok(peers.filter(({ session }) => session.startsWith('attacker')).length <= most)
    })
  }

  it('picks none where there are no more slots than merits', () => {
    assert.equal(pick(crowd(4), { maxInbound: 4 }), undefined)
    assert.equal(pick(crowd(5), { maxInbound: 5 }), 'crowd4')
  })

  const merits = {
    'the shortest round trip': (i: number) => ({ rtt: i }),
    'the latest useful transaction': (i: number) => ({ lastUsefulTransactionAt: -i }),
    'the latest useful block': (i: number) => ({ lastUsefulBlockAt: -i })
  }

  for (const [what, meritOf] of Object.entries(merits)) {
    it(`protects the ${MAX_INBOUND / SLOTS_PER_PROTECTED} with ${what}, however young they are`, () => {
      const good = Array.from({ length: 6 }, (_, i) => candidate(`good${i}`, publicLocation('good', i), { readyFor: 0, ...meritOf(i) }))
      const evicted = exhaust([...good, ...crowd(26)])

      assert.deepEqual([0, 1, 2, 3].filter((i) => evicted.has(`good${i}`)), [])
      assert.ok(evicted.has('good5'))
    })
  }

  it('protects half of the others by age, even those of the most crowded netgroup', () => {
    const young = Array.from({ length: 10 }, (_, i) => candidate(`young${i}`, publicLocation(i), { readyFor: 9 - i }))

    assert.equal(pick([...crowd(10, 'old', 100), ...young], { maxInbound: 0 }), 'young9')
    assert.equal(pick([...crowd(11, 'old', 100), ...young.slice(1)], { maxInbound: 0 }), 'old10')
  })

  it('protects some netgroups, which the secret alone chooses', () => {
    const all = Array.from({ length: 64 }, (_, i) => candidate(`peer${i}`, publicLocation(i)))
    const victimOf = (secret: Uint32Array): string | undefined => pick(all, { secret, maxInbound: 62 * SLOTS_PER_PROTECTED })
    const secrets = Array.from({ length: 40 }, () => crypto.getRandomValues(new Uint32Array(2)))

    assert.ok(new Set(secrets.map(victimOf)).size > 5)
    assert.deepEqual(secrets.map(victimOf), secrets.map(victimOf))
  })

  it('protects the oldest session of such a netgroup', () => {
    const evicted = exhaust([...crowd(20, 'a', 50), ...crowd(20, 'b', 50)])

    assert.deepEqual([evicted.has('a0'), evicted.has('b0')], [false, false])
  })

  const locations = fc.oneof(
    fc.constant(UNKNOWN_LOCATION),
    fc.record({ netgroup: fc.constant(undefined), host: fc.constantFrom('10.0.0.1', '10.0.0.2') }),
    fc.nat(5).map((netgroup) => publicLocation(netgroup))
  )
  const merit = fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined })
  const candidates = fc.array(fc.record({
    location: locations,
    rtt: merit,
    lastUsefulBlockAt: merit,
    lastUsefulTransactionAt: merit,
    readyFor: fc.nat(1000),
    isReserved: fc.boolean()
  }), { maxLength: 60 }).map((all) => all.map(({ location, ...facts }, i) => candidate(String(i), location, facts)))

  it('picks a session that is there and not reserved, and changes nothing', () => {
    fc.assert(fc.property(candidates, locations, fc.integer({ min: 0, max: 60 }), (all, newcomer, maxInbound) => {
      const before = [...all]
      const victim = pick(all, { newcomer, maxInbound })
      assert.deepEqual(all, before)
      assert.ok(victim == null || all[Number(victim)]?.isReserved === false)
    }))
  })

  it('never picks the session that is the best at a merit', () => {
    fc.assert(fc.property(candidates, locations, (all, newcomer) => {
      const victim = all[Number(pick(all, { newcomer }) ?? NaN)]
      const others = all.filter((other) => other !== victim && !other.isReserved)

      if (victim == null) {
        return
      }

      assert.ok(others.some(({ readyFor }) => readyFor >= victim.readyFor), 'the oldest')
      assert.ok(victim.rtt == null || others.some(({ rtt }) => rtt != null && rtt <= victim.rtt!), 'the shortest round trip')
      assert.ok(victim.lastUsefulBlockAt == null || others.some(({ lastUsefulBlockAt: at }) => at != null && at >= victim.lastUsefulBlockAt!), 'the latest block')
    }))
  })

  describe('against an attacker', () => {
    /** Honest peers of as many networks, a few of them close by or useful. */
    function honestPeers (): Candidate[] {
      return Array.from({ length: MAX_INBOUND }, (_, i) => candidate(`honest${i}`, publicLocation(`honest${i}`), {
        readyFor: 100_000 - i,
        rtt: 20 + 10 * i,
        ...(i % 3 === 0 ? { lastUsefulBlockAt: i } : {}),
        ...(i % 3 === 1 ? { lastUsefulTransactionAt: i } : {})
      }))
    }

    /** Lets so many in, one after the other, and says how many honest peers are left. */
    function attack (attackerOf: (i: number) => Candidate, times = 3000): number {
      const secret = crypto.getRandomValues(new Uint32Array(2))
      const peers = honestPeers()

      for (let i = 0; i < times; i++) {
        const attacker = attackerOf(i)
        replace(peers, pick(peers, { secret, newcomer: attacker }), attacker)
      }

      return peers.filter(({ session }) => session.startsWith('honest')).length
    }

    it('loses at most one honest peer to an attacker with many hosts in one netgroup', () => {
      assert.ok(attack((i) => candidate(`attacker${i}`, publicLocation('attacker', i), { readyFor: i / 1000, rtt: 1, lastUsefulBlockAt: 9999 })) >= MAX_INBOUND - 1)
    })

    it('loses only peers without a merit to an attacker with any number of netgroups', () => {
      assert.ok(attack((i) => candidate(`attacker${i}`, publicLocation(`attacker${i}`), { readyFor: i / 1000 })) >= 20)
    })

    it('keeps half of those without a merit even where the attacker is the best at everything but age', () => {
      const left = attack((i) => candidate(`attacker${i}`, publicLocation(`attacker${i}`), {
        readyFor: i / 1000, rtt: 0, lastUsefulBlockAt: 1e6 + i, lastUsefulTransactionAt: 1e6 + i
      }))

      assert.ok(left >= 8, `${left} are left`)
    })
  })
})
