import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { isTellable, MAX_ANSWER_BYTES, MAX_ANSWERED, PeerAnswers, PEERS_ANSWER_INTERVAL_MS } from '../../../src/connect/exchange/answers.ts'
import { recordOf } from '../../../src/address/peer-records.ts'
import { Targets } from '../../../src/connect/targets/targets.ts'
import { ADDRESS_RULES } from '../../../src/address/scope.ts'
import { locationOf, locationOfIp } from '../../../src/address/location.ts'
import { seededChance } from '../../../src/util/chance.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { ReadRecord } from '../../../src/address/peer-records.ts'
import type { Target, TargetSource } from '../../../src/connect/targets/target.ts'
import type { OwnRecord } from '../../../src/connect/exchange/own-record.ts'
import type { Session } from '../../../src/session/session.ts'

type Asker = Pick<Session, 'id' | 'address' | 'location'>

const OWN = Uint8Array.of(1, 2, 3)
const PUBLIC = '/ip4/99.0.0.1/tcp/50000'
const LOCAL = '/ip4/192.168.7.7/tcp/50000'

const recordAt = (id: string, addresses: string[], bytes = 200): ReadRecord => recordOf(id, {
  sequence: 1n, multiaddrs: addresses.map((address) => multiaddr(address)), bytes: new Uint8Array(bytes).fill(id.length)
})!

const asker = (id: string, address = PUBLIC): Asker => ({ id, address, location: locationOf(multiaddr(address), locationOfIp) })

describe('connect/exchange/answers', () => {
  let clock: FakeClock
  let targets: Targets
  let answers: PeerAnswers
  let own: Uint8Array | undefined
  let connected: string[]

  beforeEach(() => {
    clock = new FakeClock()
    targets = new Targets()
    own = OWN
    connected = []
    answers = new PeerAnswers({
      targets,
      own: { for: async () => own } as unknown as OwnRecord,
      isConnected: (id) => connected.includes(id),
      rules: ADDRESS_RULES,
      clock,
      chance: seededChance('answers')
    })
  })

  function reach (id: string, { addresses = [`/ip4/8.8.${id.length}.1/tcp/1`], source = 'discovered', bytes = 200, minutesAgo = 0 }: {
    addresses?: string[]
    source?: TargetSource
    bytes?: number
    minutesAgo?: number
  } = {}): Target {
    const target = targets.add(source, { peerId: id, addresses, record: recordAt(id, addresses, bytes) }, `origin of ${id}`)!
    targets.noteReached(target, addresses[0]!, clock.date() - minutesAgo * 60_000)

    return target
  }

  const reachMany = (count: number, bytes?: number): void => {
    for (let index = 0; index < count; index++) {
      reach(`peer ${index}`, { addresses: [`/ip4/8.${index >> 4}.1.${index & 15}/tcp/1`], ...(bytes == null ? {} : { bytes }) })
    }
  }

  const othersIn = async (who: Asker, count = 64): Promise<number> => {
    return (await answers.answer(who, count)).filter(({ record }) => record !== OWN).length
  }

  it('has the own record first, then others with how long ago they were reached', async () => {
    reach('a', { minutesAgo: 90 })
    reach('bb', { minutesAgo: 5 })
    connected = ['bb']
    const answer = await answers.answer(asker('x'), 64)

    assert.deepEqual(answer[0], { record: OWN, ageMinutes: 0 })
    assert.deepEqual(answer.slice(1).map(({ record, ageMinutes }) => [record[0], ageMinutes]).sort(), [[1, 90], [2, 0]])
  })

  it('has no more than were asked for, the own record counted, and nothing where none were', async () => {
    reachMany(8)

    assert.deepEqual(await answers.answer(asker('x'), 0), [])
    assert.deepEqual(await answers.answer(asker('x'), 1), [{ record: OWN, ageMinutes: 0 }])
    assert.equal((await answers.answer(asker('x'), 3)).length, 3)
  })

  it('has 64 and no more, however many are asked for and could be told', async () => {
    reachMany(320)

    assert.equal((await answers.answer(asker('x'), 0xffffffff)).length, 64)
  })

  it(`has ${MAX_ANSWER_BYTES} bytes of other records and no more`, async () => {
    reachMany(320, 1024)
    const answer = await answers.answer(asker('x'), 64)

    assert.equal(answer.length - 1, MAX_ANSWER_BYTES / 1024)
  })

  for (const told of [63, 16, 1]) {
    const pause = PEERS_ANSWER_INTERVAL_MS * told / 64

    it(`tells a peer of others again ${pause / 1000} s after it was told of ${told} and not before, and of itself in between`, async () => {
      reachMany(320)
      assert.equal(await othersIn(asker('x'), told + 1), told)
      await clock.advance(pause - 1)
      assert.deepEqual(await answers.answer(asker('x'), 64), [{ record: OWN, ageMinutes: 0 }])
      await clock.advance(1)
      assert.equal(await othersIn(asker('x'), told + 1), told)
    })
  }

  it('counts all peers of a public host as one, and no two of a local network', async () => {
    reachMany(8)

    assert.equal(await othersIn(asker('x')), 8)
    assert.equal(await othersIn(asker('y')), 0)
    assert.equal(await othersIn(asker('y', '/ip4/99.0.0.2/tcp/1')), 8)
    assert.equal(await othersIn(asker('l', LOCAL)), 8)
    assert.equal(await othersIn(asker('m', LOCAL)), 8)
  })

  it('does not count an answer in which there was nobody to tell of', async () => {
    assert.equal(await othersIn(asker('x')), 0)
    reachMany(1)
    assert.equal(await othersIn(asker('x')), 1)
    assert.equal(await othersIn(asker('x')), 0)
  })

  it(`remembers ${MAX_ANSWERED} peers and hosts and no more: the oldest goes`, async () => {
    reachMany(1)
    assert.equal(await othersIn(asker('first', LOCAL)), 1)

    for (let index = 0; index < MAX_ANSWERED - 1; index++) {
      await answers.answer(asker(`peer of ours ${index}`, LOCAL), 2)
    }

    assert.equal(await othersIn(asker('first', LOCAL)), 0)
    await answers.answer(asker('one more', LOCAL), 2)
    assert.equal(await othersIn(asker('first', LOCAL)), 1)
  })

  it('tells a peer nothing of itself, and nothing over a circuit', async () => {
    reachMany(1)

    assert.equal(await othersIn(asker('peer 0')), 0)
    assert.equal(await othersIn(asker('x', `${PUBLIC}/p2p/12D3KooWGaNs8rXF8SWqEc4KiK3oSEcTEDjstUoe49m9E9CxfWdd/p2p-circuit`)), 0)
  })

  it('tells a public peer of no address in a local network, and a peer in a local network of both', async () => {
    reach('local', { addresses: ['/ip4/192.168.7.1/tcp/1'] })
    reach('loopback', { addresses: ['/ip4/127.0.0.1/tcp/1'] })
    reach('public')

    assert.equal(await othersIn(asker('x')), 1)
    assert.equal(await othersIn(asker('y', LOCAL)), 2)
    assert.equal(await othersIn(asker('z', '/ip4/127.0.0.1/tcp/50000')), 3)
  })

  it('tells 20 hosts that ask every hour for a day of a quarter of what it has reached', async () => {
    reachMany(400)
    const seen = new Set<Uint8Array>()

    for (let hour = 0; hour < 24; hour++) {
      for (let host = 0; host < 20; host++) {
        for (const { record } of await answers.answer(asker(`asker ${host}`, `/ip4/99.0.1.${host}/tcp/1`), 64)) {
          seen.add(record)
        }
      }

      await clock.advance(PEERS_ANSWER_INTERVAL_MS)
    }

    assert.equal(answers.tellable, 400)
    assert.equal(seen.size, 101)
  })

  it('tells of a peer whose dials have failed before the session that there is now, and not of one without a session', async () => {
    reach('a').failures = 2
    assert.equal(await othersIn(asker('x')), 0)
    connected = ['a']
    assert.equal(await othersIn(asker('x')), 1)
  })

  describe('a target', () => {
    const REASONS: [what: string, isTold: boolean, change: (target: Target) => void][] = [
      ['that was reached where its record says', true, () => {}],
      ['that the node has only heard of', false, (target) => { target.lastSuccess = -1 }],
      ['without a record', false, (target) => { target.record = undefined }],
      ['that has failed since', false, (target) => { target.failures = 1 }],
      ['that is reserved', false, (target) => { target.source = 'reserved' }],
      ['that is a seed', true, (target) => { target.source = 'seed' }],
      ['that was reached at another host than its record says', false, (target) => { target.reachedAt = '8.8.8.9' }],
      ['whose record has another host besides', false, (target) => { target.record = recordAt('a', ['/ip4/8.8.1.1/tcp/1', '/ip4/66.6.6.6/tcp/80']) }],
      ['whose record has several ports of the host', true, (target) => { target.record = recordAt('a', ['/ip4/8.8.1.1/tcp/1', '/ip4/8.8.1.1/tcp/2']) }]
    ]

    for (const [what, isTold, change] of REASONS) {
      it(`${what} is ${isTold ? '' : 'not '}told of`, async () => {
        const target = reach('a')
        change(target)

        assert.equal(isTellable(target, () => false), isTold)
        assert.equal(await othersIn(asker('x')), Number(isTold))
      })
    }
  })
})
