import assert from 'node:assert/strict'
import { FakeSession } from '../support/fake-session.ts'
import { digestOf } from '../../src/codec/digest.ts'
import { encodeBlock, writeItem } from '../../src/codec/items/items.ts'
import { Gossip } from '../../src/gossip/gossip.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { sampleBlock } from '../support/sample.ts'
import { systemChance } from '../../src/util/chance.ts'
import type { Direction } from '../../src/types/peer.ts'
import type { Location } from '../../src/address/location.ts'

/** Within how long a block comes that an honest peer announces last, and the next one of the same peers, in ms. */
const FIRST_MS = 3000
const NEXT_MS = 300

/** How long an honest peer takes to send what it is asked for, in ms. */
const ROUND_TRIP_MS = 50
const STEP_MS = 10

/** Those who withhold: from where, and in which direction, the one with this number is. */
interface Crew {
  directionOf: (which: number) => Direction
  locationOf: (which: number) => Location
}

const everywhere = (which: number): Location => ({ host: `10.${which}.0.1`, netgroup: `0a${which}` })
const CREWS: Record<string, Crew> = {
  'inbound, of as many networks': { directionOf: () => 'inbound', locationOf: everywhere },
  'outbound, of as many networks': { directionOf: () => 'outbound', locationOf: everywhere },
  'of both directions': { directionOf: (which) => which % 4 === 3 ? 'outbound' : 'inbound', locationOf: everywhere },
  'of two hosts': { directionOf: () => 'inbound', locationOf: (which) => everywhere(which % 2) },
  'of this machine': { directionOf: () => 'inbound', locationOf: () => ({ host: undefined, netgroup: undefined }) }
}

/** From this height on blocks are of no use. */
const USELESS = 1000

describe('gossip/withholding', () => {
  let clock: FakeClock
  let gossip: Gossip
  let accepted: number
  let height: number
  let honest: FakeSession
  let withholders: FakeSession[]

  beforeEach(() => {
    clock = new FakeClock()
    accepted = 0
    height = 0
    withholders = []
    gossip = new Gossip({
      clock,
      chance: systemChance,
      maxFrameBytes: 1024 * 1024,
      maxPeers: 40,
      importer: { judge: ({ message }) => message.type === 'newBlock' && message.block.height < USELESS ? 'accept' : 'ignore' },
      onOutcome: (_message, _from, outcome) => { accepted += outcome === 'accept' ? 1 : 0 },
      onRefused: () => {}
    })
    honest = ready('honest', 'inbound', { host: '192.0.2.1', netgroup: 'c000' })
  })

  afterEach(() => {
    gossip.stop()
    assert.equal(clock.pending, 0)
  })

  function ready (id: string, direction: Direction, location: Location): FakeSession {
    const session = new FakeSession(id, direction, location)
    gossip.onReady(session.session)

    return session
  }

  function gather (count: number, { directionOf, locationOf }: Crew, name = 'withholder'): void {
    withholders = Array.from({ length: count }, (_, which) => ready(`${name} ${which}`, directionOf(which), locationOf(which)))
  }

  /** A block of 20 KB. */
  function newItem (height: number): Uint8Array {
    return Uint8Array.from(encodeBlock(sampleBlock({ height, timestamp: clock.date(), proof: new Uint8Array(20_000) })))
  }

  /** How long it takes until a block of 20 KB is there that the honest peer announces last, in ms. */
  async function timeOfBlock (meanwhile: () => void = () => {}): Promise<number> {
    const item = newItem(++height)
    const [since, before] = [clock.now(), accepted]
    honest.queue.length = 0

    for (const { session } of [...withholders, honest]) {
      gossip.onHave([digestOf(item)], session)
    }

    const isThere = (): boolean => accepted > before

    while (!isThere()) {
      assert.ok(clock.now() - since < 60_000, 'it does not come at all')

      if (honest.types.includes('want')) {
        await clock.advance(ROUND_TRIP_MS)
        void gossip.onMessage('newBlock', writeItem(item), honest.session)
      } else {
        await clock.advance(STEP_MS)
        meanwhile()
      }
    }

    return clock.now() - since
  }

  for (const count of [1, 7, 8, 31]) {
    for (const [name, crew] of Object.entries(CREWS)) {
      it(`cost ${FIRST_MS} ms at most where there are ${count}, ${name}, and ${NEXT_MS} ms with the next block`, async () => {
        gather(count, crew)
        const times = [await timeOfBlock(), await timeOfBlock(), await timeOfBlock()]

        assert.ok(times[0]! <= FIRST_MS, `the first came after ${times[0]} ms`)
        assert.ok(Math.max(...times.slice(1)) <= NEXT_MS, `the next came after ${times.slice(1).join(' and ')} ms`)
      })
    }
  }

  it(`cost ${NEXT_MS} ms at most when they come back under new names from the same hosts`, async () => {
    gather(31, CREWS['inbound, of as many networks']!)
    await timeOfBlock()
    withholders.forEach(({ session }) => { gossip.onClosed(session) })
    gather(31, CREWS['inbound, of as many networks']!, 'another')

    const ms = await timeOfBlock()
    assert.ok(ms <= NEXT_MS, `it came after ${ms} ms`)
  })

  for (const count of [7, 31]) {
    it(`cost ${FIRST_MS} ms at most where ${count} of them open a new session whenever they are asked, and ${NEXT_MS} ms with the next block`, async () => {
      gather(count, CREWS['inbound, of as many networks']!)
      const dodge = (): void => {
        withholders = withholders.map((withholder, which) => {
          return withholder.types.includes('want') ? ready(withholder.id, 'inbound', everywhere(which)) : withholder
        })
      }
      const times = [await timeOfBlock(dodge), await timeOfBlock(dodge), await timeOfBlock(dodge)]

      assert.ok(times[0]! <= FIRST_MS, `the first came after ${times[0]} ms`)
      assert.ok(Math.max(...times.slice(1)) <= NEXT_MS, `the next came after ${times.slice(1).join(' and ')} ms`)
    })
  }

  it('are not taken for honest ones again for items of no use', async () => {
    gather(7, CREWS['inbound, of as many networks']!)
    await timeOfBlock()

    for (const { session } of withholders) {
      const item = newItem(USELESS)
      gossip.onHave([digestOf(item)], session)
      await clock.advance(ROUND_TRIP_MS)
      void gossip.onMessage('newBlock', writeItem(item), session)
    }

    assert.ok(withholders.every(({ types }) => types.at(-1) === 'want'), 'they were asked for it')
    const ms = await timeOfBlock()
    assert.ok(ms <= NEXT_MS, `it came after ${ms} ms`)
  })

  it('are taken for honest ones again when they have sent something good for each that they have withheld', async () => {
    gather(1, CREWS['of this machine']!)
    await timeOfBlock()
    await clock.advance(FIRST_MS)
    const [withholder] = withholders
    const item = newItem(++height)
    gossip.onHave([digestOf(item)], withholder!.session)
    await clock.advance(ROUND_TRIP_MS)
    void gossip.onMessage('newBlock', writeItem(item), withholder!.session)
    withholder!.queue.length = 0
    await timeOfBlock()

    assert.deepEqual(withholder!.types.filter((type) => type === 'want'), ['want'])
  })
})
