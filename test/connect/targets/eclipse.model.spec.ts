import assert from 'node:assert/strict'
import { Targets } from '../../../src/connect/targets/targets.ts'
import { shuffle } from '../../../src/util/shuffle.ts'
import { locationOf, randomOf, SECOND, World } from '../dial/dialer-world.ts'
import type { Dial } from '../dial/dialer-world.ts'

const SEEDS = 30
const SLOTS = 8
const ATTACKERS = 250
const ATTACKER_NETWORKS = 8
const HONEST = 100

interface Told { peerId: string, addresses: string[] }

const attackers = Array.from({ length: ATTACKERS }, (_, i): Told => ({
  peerId: `attacker${i}`, addresses: [`/ip4/8.${200 + i % ATTACKER_NETWORKS}.1.${i}/tcp/1`]
}))
/** As above, each with an address in a network of its own too, where there is nobody. */
const pretenders = attackers.map(({ peerId, addresses }, i): Told => ({ peerId, addresses: [`/ip4/8.${i % 200 + 300}.1.1/tcp/1`, ...addresses] }))
/** As the attackers, but each with an address of IPv6 too, in a network of its own, where there is nobody. */
const dualPretenders = attackers.map(({ peerId, addresses }, i): Told => {
  return { peerId, addresses: [...addresses, `/ip6/2a${(i >> 4).toString(16).padStart(2, '0')}:${(i & 15).toString(16)}::dead/tcp/1`] }
})
/** As above, but many of them name one network, which is then no emptier than the one where they are. */
const crowdedPretenders = attackers.map(({ peerId, addresses }, i): Told => {
  return { peerId, addresses: [...addresses, `/ip6/2a00:${(i % ATTACKER_NETWORKS).toString(16)}::dead/tcp/1`] }
})
const honest = Array.from({ length: HONEST }, (_, i): Told => ({ peerId: `honest${i}`, addresses: [`/ip4/8.${i}.1.1/tcp/1`] }))

/** Whether somebody is at the addresses that a dial goes to. */
function isReachable ({ addresses }: Dial): boolean {
  return addresses.some(isThere)
}

function isThere (address: string): boolean {
  return /^\/ip4\/8\.[12]?\d?\d\./.test(address)
}

/** Who has the slots in the end. */
async function play (seed: number, told: readonly Told[]): Promise<number> {
  const world = new World(SLOTS)
  const random = randomOf(seed)
  Object.defineProperty(world, 'random', { get: random })
  told.forEach((peer) => { world.dialer.add('discovered', peer, 'libp2p') })
  world.start()

  while (world.sessions.size < SLOTS) {
    for (let dial = [...world.underWay][0]; dial != null; dial = [...world.underWay][0]) {
      dial.answers = dial.addresses.find(isThere) ?? dial.answers
      await (isReachable(dial) ? dial.succeed() : dial.fail())
    }

    await world.clock.advance(SECOND)
  }

  assert.equal(world.sessions.size, SLOTS)
  world.stop()

  return [...world.sessions.keys()].filter((id) => id.startsWith('attacker')).length
}

describe('connect/targets/eclipse, beside a model', () => {
  const orders: Record<string, (random: () => number) => Told[]> = {
    'come first': (random) => [...shuffle([...attackers], random), ...shuffle([...honest], random)],
    'come last': (random) => [...shuffle([...honest], random), ...shuffle([...attackers], random)],
    'come among them': (random) => shuffle([...attackers, ...honest], random),
    'come first with made-up addresses elsewhere': (random) => [...shuffle([...pretenders], random), ...shuffle([...honest], random)],
    'come first with made-up addresses of IPv6 each': (random) => [...shuffle([...dualPretenders], random), ...shuffle([...honest], random)],
    'come first with made-up addresses of IPv6 in 8 more': (random) => {
      return [...shuffle([...crowdedPretenders], random), ...shuffle([...honest], random)]
    }
  }

  for (const [name, orderOf] of Object.entries(orders)) {
    it(`gives 2 of 8 slots on average, and never more than 4, to 250 addresses in 8 networks that ${name}`, async () => {
      const counts: number[] = []

      for (let seed = 0; seed < SEEDS; seed++) {
        counts.push(await play(seed, orderOf(randomOf(seed + 1_000_000))))
      }

      const mean = counts.reduce((sum, count) => sum + count, 0) / SEEDS
      assert(mean <= 2, `${mean} on average`)
      assert(Math.max(...counts) <= 4, `at most ${Math.max(...counts)}`)
    })
  }

  it('has room for every honest netgroup, whichever target is reported first', () => {
    const targets = new Targets((address) => locationOf(address).netgroup)
    const all = [...attackers, ...honest]
    all.forEach((peer) => { targets.add('discovered', peer, 'libp2p') })

    assert.deepEqual(honest.filter(({ peerId }) => !targets.has(peerId)), [])
  })
})
