import assert from 'node:assert/strict'
import fc from 'fast-check'
import { DisconnectedError } from '../../../src/errors.ts'
import { MAX_DIAL_BURST, MAX_DIAL_RATE } from '../../../src/connect/dial/dial-pace.ts'
import { FOUND_PEER_MAX_AGE_MS } from '../../../src/connect/targets/candidates.ts'
import { HEALTHY_AFTER_MS } from '../../../src/connect/dial/dialer.ts'
import { ANSWERED_PATIENCE_MS, DIAL_PATIENCE_MS, MAX_PARALLEL_DIALS } from '../../../src/connect/dial/dials-under-way.ts'
import { FIRST_DIAL_TIMEOUT_MS } from '../../../src/connect/connectivity.ts'
import { MAX_FAILURES } from '../../../src/connect/targets/target.ts'
import { turns } from '../../support/eventually.ts'
import { circuitWith } from '../../support/circuits.ts'
import { HEARTBEAT, HOUR, LOCAL_ID, MINUTE, locationOf, randomOf, SECOND, World } from './dialer-world.ts'
import type { Dial } from './dialer-world.ts'
import type { Session } from '../../../src/session/session.ts'
import type { Slot } from '../../../src/peers/slots.ts'
import type { Target, TargetSource } from '../../../src/connect/targets/target.ts'
import type { DisconnectReason } from '../../../src/types/message.ts'

function disconnected (reason: DisconnectReason): DisconnectedError {
  return new DisconnectedError('The session has ended', { reason, byRemote: true })
}

describe('connect/dial/dialer', () => {
  let world: World

  beforeEach(() => {
    world = new World()
  })

  function start (maxOutbound?: number): void {
    world = new World(maxOutbound)
    world.dialer.start()
  }

  describe('whom it dials', () => {
    it('dials no target before it is started, then all of them', () => {
      world.add('known', 'alice', 'bob')
      assert.deepEqual(world.dials, [])
      world.dialer.start()
      assert.deepEqual(world.dials.map(({ key }) => key), ['alice', 'bob'])
    })

    it('dials a target that is added later, at once', () => {
      start()
      world.add('discovered', 'alice')

      assert.equal(world.last.key, 'alice')
    })

    it('dials a seed without a peer id', () => {
      start()
      world.dialer.add('seed', { addresses: ['/dnsaddr/a.example'] })

      assert.equal(world.last.key, '/dnsaddr/a.example')
    })

    it('fills its outbound slots and no more', () => {
      start(3)
      world.add('known', 'a', 'b', 'c', 'd', 'e')

      assert.deepEqual(world.dials.map(({ key }) => key), ['a', 'b', 'c'])
      assert.deepEqual(world.slots.counts, { reserved: 0, inbound: 0, outbound: 0, blockOnly: 0, pending: 3 })
    })

    it('counts a session that was made, and dials another when a dial fails or a session ends', async () => {
      start(2)
      world.add('known', 'a', 'b', 'c', 'd')
      await world.dials[0]!.succeed()
      assert.equal(world.dials.length, 2)
      await world.dials[1]!.fail()
      assert.equal(world.last.key, 'c')
      assert.equal(world.dials.length, 3)
      world.close('a')
      assert.equal(world.last.key, 'd')
      assert.deepEqual(world.slots.counts, { reserved: 0, inbound: 0, outbound: 0, blockOnly: 0, pending: 2 })
    })

    it('dials no target without outbound slots', async () => {
      start(0)
      world.add('seed', 'alice')
      await world.clock.advance(10 * HEARTBEAT)

      assert.deepEqual(world.dials, [])
    })

    it('makes one dial to a target at a time', async () => {
      start()
      world.add('known', 'alice')
      world.add('discovered', 'alice')
      world.dialer.fill()
      await world.clock.advance(10 * HEARTBEAT)

      assert.equal(world.dials.length, 1)
    })

    it('prefers those with the fewest failures', async () => {
      start(1)
      world.add('seed', 'failing')
      await world.last.fail()
      world.add('discovered', 'fresh')
      assert.equal(world.last.key, 'fresh')
      await world.clock.advance(MINUTE)
      world.add('discovered', 'fresher')
      await world.last.fail()

      // the failing one might be dialled again by now
      assert.equal(world.last.key, 'fresher')
    })

    it('draws lots among those with as many failures', () => {
      // a network, then a target in it
      const draws = [1, 0.5, 1, 0.1, 1, 1]
      world = new World(3)
      Object.defineProperty(world, 'random', { get: () => draws.shift() ?? 1 })
      world.add('known', 'a', 'b', 'c')
      world.dialer.start()

      assert.deepEqual(world.dials.map(({ key }) => key), ['b', 'c', 'a'])
    })

    it('draws a network first, so that who fills one is drawn as often as who has one address', () => {
      const draws = [0.6, 0.4]
      world = new World(1)
      Object.defineProperty(world, 'random', { get: () => draws.shift() ?? 1 })

      for (let i = 0; i < 9; i++) {
        world.dialer.add('known', { peerId: `crowd${i}`, addresses: [`/ip4/8.1.0.${i}/tcp/1`] })
      }

      world.dialer.add('known', { peerId: 'b', addresses: ['/ip4/8.2.0.1/tcp/1'] })
      world.dialer.add('known', { peerId: 'c', addresses: ['/ip4/8.3.0.1/tcp/1'] })
      world.dialer.start()

      assert.deepEqual(world.dials.map(({ key }) => key), ['b'])
    })

    it('does not dial whom it has a session with', () => {
      world.open('alice')
      start()
      world.open('alice')
      world.add('known', 'alice')

      assert.deepEqual(world.dials, [])
    })

    it('does not dial a banned peer, and does within a minute of the end of the ban', async () => {
      start()
      world.banned.add('alice')
      world.add('seed', 'alice')
      await world.clock.advance(10 * HEARTBEAT)
      assert.deepEqual(world.dials, [])
      world.banned.delete('alice')
      await world.clock.advance(HEARTBEAT)
      assert.equal(world.dials.length, 1)
    })

    it('does not take itself in', () => {
      start()
      world.add('seed', LOCAL_ID)

      assert.deepEqual([world.dials, world.targets], [[], []])
    })

    it('dials an address that leads to itself after an hour, when it may lead elsewhere, and not before', async () => {
      start()
      world.dialer.add('seed', { addresses: ['/dnsaddr/self.example'] })
      await world.last.fail(new Error('Can not dial self'))
      await world.clock.advance(HOUR - 1)
      assert.equal(world.dials.length, 1)
      assert.deepEqual(world.failures, [])
      await world.clock.advance(1)
      assert.equal(world.dials.length, 2)
      await world.last.succeed('alice')
      assert.deepEqual(world.reached, ['alice'])
    })

    it('dials a seed an hour after it led to a banned peer, when it may lead elsewhere, and not before', async () => {
      start()
      world.dialer.add('seed', { addresses: ['/dnsaddr/a.example'] })
      world.random = 0
      await world.last.succeed('alice')
      world.banned.add('alice')
      world.close('alice')
      const { nextAttempt } = world.targets[0]!
      await world.clock.advance(nextAttempt + FOUND_PEER_MAX_AGE_MS - 1 - world.clock.now())
      assert.equal(world.dials.length, 1)
      await world.clock.advance(HEARTBEAT)
      assert.equal(world.dials.length, 2)
      await world.last.succeed('bob')
      assert.deepEqual(world.reached, ['alice', 'bob'])
    })

    it('lets others have the slot of a dial that takes its time, and gives up that dial where it comes too late', async () => {
      start(1)
      world.add('known', 'silent', 'alive')
      await world.clock.advance(DIAL_PATIENCE_MS - 1)
      assert.deepEqual(world.dials.map(({ key }) => key), ['silent'])
      await world.clock.advance(1)
      assert.deepEqual(world.dials.map(({ key }) => key), ['silent', 'alive'])
      await world.last.succeed()
      await world.dials[0]!.succeed()
      assert.deepEqual(world.slots.counts, { reserved: 0, inbound: 0, outbound: 1, blockOnly: 0, pending: 0 })
      assert.deepEqual([world.reached, world.failures, world.targets[0]!.failures], [['alive'], [], 0])
    })

    it('lets a dial that takes its time go on while there is room', async () => {
      start(1)
      world.add('known', 'slow', 'silent')
      await world.clock.advance(DIAL_PATIENCE_MS)
      await world.clock.advance(DIAL_PATIENCE_MS)
      await world.dials[0]!.succeed()
      assert.deepEqual(world.reached, ['slow'])
      await world.last.succeed()
      assert.deepEqual([world.reached, world.slots.counts.outbound], [['slow'], 1])
    })

    it('gives its slot to the first dial that gets through, however many were begun in its place meanwhile', async () => {
      start(1)
      world.add('known', 'a', 'b', 'c')
      await world.clock.advance(DIAL_PATIENCE_MS)
      await world.clock.advance(DIAL_PATIENCE_MS)
      assert.deepEqual(world.dials.map(({ key }) => key), ['a', 'b', 'c'])
      await world.dials[0]!.succeed()
      assert.deepEqual([world.reached, world.slots.counts.outbound], [['a'], 1])
      await world.last.succeed()
      assert.deepEqual(world.reached, ['a'])
    })

    it('leaves a dial that has reached its peer more time than one that has not', async () => {
      start(1)
      world.add('known', 'a', 'b')
      world.dials[0]!.reach()
      await world.clock.advance(ANSWERED_PATIENCE_MS - 1)
      assert.equal(world.dials.length, 1)
      await world.clock.advance(1)
      assert.deepEqual(world.dials.map(({ key }) => key), ['a', 'b'])
    })

    it(`has ${MAX_PARALLEL_DIALS} dials under way and no more`, async () => {
      start()
      world.add('known', ...Array.from({ length: 2 * MAX_PARALLEL_DIALS }, (_, i) => `silent${i}`))
      await world.clock.advance(MINUTE)
      assert.equal(world.underWay.size, MAX_PARALLEL_DIALS)
      await world.dials[0]!.fail()
      await world.clock.advance(MINUTE)
      assert.equal(world.underWay.size, MAX_PARALLEL_DIALS)
    })

    it(`begins ${MAX_DIAL_BURST} dials at once and ${MAX_DIAL_RATE} in a second after that, however many are refused`, async () => {
      start()
      world.random = 0.9
      world.add('known', ...Array.from({ length: 400 }, (_, i) => `gone${i}`))
      const refuse = async (): Promise<void> => {
        for (let dial = [...world.underWay][0]; dial != null; dial = [...world.underWay][0]) {
          await dial.fail()
        }
      }
      await refuse()
      assert.equal(world.dials.length, MAX_DIAL_BURST)

      for (let ms = 0; ms < 2 * SECOND; ms += 10) {
        await world.clock.advance(10)
        await refuse()
      }

      assert.equal(world.dials.length, MAX_DIAL_BURST + 2 * MAX_DIAL_RATE)
    })

    it('reaches the three that are there soon among 500 that swallow everything, where they were reached last', async () => {
      for (let seed = 0; seed < 6; seed++) {
        start()
        const random = randomOf(seed)
        Object.defineProperty(world, 'random', { get: random })
        world.onDial = ({ key }) => {
          const find = (): Dial | undefined => [...world.underWay].find((dial) => dial.key === key)

          if (key.startsWith('alive')) {
            setImmediate(() => { void find()?.succeed() })
          } else {
            world.clock.setTimeout(() => { void find()?.fail() }, FIRST_DIAL_TIMEOUT_MS)
          }
        }

        for (let i = 0; i < 500; i++) {
          const peerId = `${i % 167 === 100 ? 'alive' : 'gone'}${i}`
          world.dialer.add('known', { peerId, addresses: [`/ip4/8.${i}.0.1/tcp/1`], lastSuccess: peerId.startsWith('alive') ? 9000 + i : i })
        }

        await world.clock.advance(15 * SECOND)
        assert.equal(world.reached.length, 3, `seed ${seed}`)
        world.stop()
      }
    })

    it('does not dial a seed whose peer it has met elsewhere', async () => {
      start()
      world.dialer.add('seed', { addresses: ['/dnsaddr/a.example'] })
      await world.last.succeed('alice')
      world.add('discovered', 'alice')
      await world.clock.advance(10 * HEARTBEAT)

      assert.equal(world.dials.length, 1)
    })
  })

  describe('reserved peers', () => {
    it('are dialled whatever is full, and without outbound slots', () => {
      start(0)
      world.add('seed', 'seed')
      world.add('reserved', 'alice', 'bob')

      assert.deepEqual(world.dials.map(({ key }) => key), ['alice', 'bob'])
    })

    it('are dialled first, and take no slot', async () => {
      world = new World(1)
      world.add('known', 'known')
      world.add('seed', 'seed')
      world.add('reserved', 'alice', 'bob')
      world.dialer.start()
      assert.deepEqual(world.dials.map(({ key }) => key), ['alice', 'bob', 'known'])
      await world.dials[0]!.succeed()
      assert.deepEqual(world.slots.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 1, reserved: 1 })
      assert.equal(world.dialer.isFull, false)
    })

    it('are dialled before others however often they have failed', async () => {
      start(1)
      world.add('reserved', 'alice')
      await world.last.fail()
      world.dialer.stop()
      world.add('known', 'bob')
      await world.clock.advance(SECOND)
      world.dialer.start()

      assert.deepEqual(world.dials.map(({ key }) => key), ['alice', 'alice', 'bob'])
    })

    it('are never given up, and wait no longer than what is passing', async () => {
      start()
      world.add('reserved', 'alice')

      for (let i = 1; i <= 5 * MAX_FAILURES; i++) {
        await world.last.fail(disconnected(i % 2 === 0 ? 'TOO_MANY_CONNECTIONS' : 'WRONG_NETWORK'))
        assert.equal(world.failures.at(-1)?.retryIn, Math.min(5 * MINUTE, SECOND * 2 ** (i - 1)))
        await world.untilNextDial(5 * MINUTE)
      }
    })

    it('wait no longer after a session that they end for a reason of their own', async () => {
      start()
      world.add('reserved', 'alice')
      await world.last.succeed()
      world.close('alice', 'BANNED')

      assert.equal(await world.untilNextDial(), SECOND)
    })

    it('are not dialled while banned by hand', () => {
      start()
      world.banned.add('alice')
      world.add('reserved', 'alice')

      assert.deepEqual(world.dials, [])
    })

    it('are dialled as such whatever seed has led to them', async () => {
      start(1)
      world.dialer.add('seed', { addresses: ['/dnsaddr/a.example'] })
      await world.last.succeed('alice')
      world.add('reserved', 'alice')
      world.close('alice')
      await world.clock.advance(SECOND)

      assert.deepEqual(world.dials.map(({ key }) => key), ['/dnsaddr/a.example', 'alice'])
    })
  })

  describe('block-only slots', () => {
    const blockOnly = (): number => world.slots.counts.blockOnly

    it('are filled when every other slot has a session, and no sooner', async () => {
      world = new World(2, 1)
      world.start()
      world.add('discovered', 'a', 'b', 'c', 'd')
      assert.deepEqual(world.dials.map(({ key }) => key), ['a', 'b'])
      assert.equal(world.dialer.status.targets.find(({ target }) => target === 'c')?.state, 'no-slot')
      await world.dials[0]!.succeed()
      assert.equal(world.dials.length, 2)
      await world.dials[1]!.succeed()
      assert.deepEqual(world.dials.map(({ key }) => key), ['a', 'b', 'c'])
      await world.dials[2]!.succeed()
      assert.deepEqual([world.dials.length, world.slots.counts.outbound, blockOnly()], [3, 2, 1])

      // the slot of a session that ends is filled as it was
      world.close('c')
      assert.deepEqual([world.last.key, world.slots.counts.pending], ['d', 1])
      await world.last.succeed()
      assert.deepEqual([world.slots.counts.outbound, blockOnly()], [2, 1])
    })

    it('are those of anchors from the start, until these have failed', async () => {
      world = new World(2, 1)
      const anchor = (peerId: string): void => {
        world.dialer.add('known', { peerId, addresses: ['/ip4/10.0.0.1/tcp/1'], isAnchor: true, lastSuccess: 1 })
      }
      anchor('first')
      anchor('second')
      world.dialer.addAll('known', ['a', 'b'].map((peerId) => ({ peerId, addresses: ['/ip4/10.0.0.1/tcp/1'], lastSuccess: 1 })))
      world.start()
      assert.deepEqual(world.dials.map(({ key }) => key), ['first', 'second', 'a'])
      await world.dials[0]!.succeed()
      await world.dials[1]!.succeed()
      assert.deepEqual(world.slots.counts, { inbound: 0, outbound: 1, blockOnly: 1, pending: 1, reserved: 0 })
      // once it has ended, the slot is as any other
      world.close('first')
      await world.last.succeed()
      assert.deepEqual([world.last.key, world.dials.length], ['b', 4])
    })

    it('are not those of anchors where the node knows too few others to fill the other slots', async () => {
      world = new World(2, 1)
      world.dialer.add('known', { peerId: 'anchor', addresses: ['/ip4/10.0.0.1/tcp/1'], isAnchor: true, lastSuccess: 1 })
      world.dialer.addAll('known', [{ peerId: 'a', addresses: ['/ip4/10.0.0.1/tcp/1'], lastSuccess: 1 }])
      world.add('discovered', 'heard of')
      world.start()
      await world.dials[0]!.succeed()
      assert.deepEqual([world.dials[0]!.key, world.slots.counts.outbound, blockOnly()], ['anchor', 1, 0])
    })

    it('are not for reserved peers, and leave the search for peers to the other slots', async () => {
      world = new World(1, 1)
      world.start()
      world.add('reserved', 'friend')
      await world.last.succeed()
      world.add('discovered', 'a')
      await world.last.succeed()
      assert.deepEqual(world.slots.counts, { inbound: 0, outbound: 1, blockOnly: 0, pending: 0, reserved: 1 })
      assert.equal(world.dialer.isShort, false)
    })

    it('go to a network that no other outbound session is in', async () => {
      world = new World(1, 1)
      world.start()
      world.dialer.add('discovered', { peerId: 'a', addresses: ['/ip4/8.1.1.1/tcp/1'] })
      world.dialer.add('discovered', { peerId: 'b', addresses: ['/ip4/8.1.1.2/tcp/1'] })
      await world.last.succeed()
      assert.equal(world.dials.length, 1)
      world.dialer.add('discovered', { peerId: 'c', addresses: ['/ip4/8.2.1.1/tcp/1'] })
      assert.equal(world.last.key, 'c')
    })
  })

  describe('anchors', () => {
    it('are tried before others, but for reserved peers', () => {
      world = new World(2)
      world.add('seed', 'seed')
      world.add('known', 'known')
      world.dialer.add('known', { peerId: 'anchor', addresses: ['/ip4/10.0.0.1/tcp/1'], isAnchor: true })
      world.add('reserved', 'reserved')
      world.dialer.start()

      assert.deepEqual(world.dials.map(({ key }) => key), ['reserved', 'anchor', 'seed'])
    })

    it('are like others once they have failed', async () => {
      start(1)
      world.dialer.add('known', { peerId: 'anchor', addresses: ['/ip4/10.0.0.1/tcp/1'], isAnchor: true })
      world.add('known', 'known')
      world.random = 0.1
      await world.last.fail()
      await world.clock.advance(SECOND / 10)
      world.add('discovered', 'fresh')
      await world.last.fail()

      assert.deepEqual(world.dials.map(({ key }) => key), ['anchor', 'known', 'fresh'])
    })
  })

  describe('networks', () => {
    function add (source: TargetSource, peerId: string, ...addresses: string[]): void {
      world.dialer.add(source, { peerId, addresses })
    }

    function keys (): string[] {
      return world.dials.map(({ key }) => key)
    }

    it('has one dial in a network at a time, and none where there is a session', async () => {
      start()
      add('known', 'a', '/ip4/8.1.0.1/tcp/1')
      add('known', 'b', '/ip4/8.1.0.2/tcp/1')
      add('known', 'c', '/ip4/8.2.0.1/tcp/1')
      assert.deepEqual(keys(), ['a', 'c'])
      await world.dials[0]!.succeed()
      await world.clock.advance(24 * HOUR)
      assert.deepEqual(keys(), ['a', 'c'])
    })

    it('dials the next in a network when a dial there fails, and when a session there ends', async () => {
      start()
      add('known', 'a', '/ip4/8.1.0.1/tcp/1')
      add('known', 'b', '/ip4/8.1.0.2/tcp/1')
      add('known', 'c', '/ip4/8.1.0.3/tcp/1')
      await world.last.fail()
      assert.deepEqual(keys(), ['a', 'b'])
      await world.last.succeed()
      assert.deepEqual(keys(), ['a', 'b'])
      world.close('b')
      assert.deepEqual(keys(), ['a', 'b', 'c'])
    })

    it('leaves slots empty rather than have two in one network, and says that it needs others', async () => {
      start(3)
      add('known', 'a', '/ip4/8.1.0.1/tcp/1')
      add('known', 'b', '/ip4/8.1.0.2/tcp/1')
      await world.last.succeed()

      assert.equal(keys().length, 1)
      assert.equal(world.dialer.isShort, true)
    })

    it('counts the session of a seed and of a reserved peer, and dials both wherever they are', async () => {
      start()
      add('seed', 'a', '/ip4/8.1.0.1/tcp/1')
      add('seed', 'b', '/ip4/8.1.0.2/tcp/1')
      add('reserved', 'c', '/ip4/8.1.0.3/tcp/1')
      add('reserved', 'd', '/ip4/8.2.0.3/tcp/1')
      add('discovered', 'e', '/ip4/8.1.0.4/tcp/1')
      add('discovered', 'f', '/ip4/8.2.0.4/tcp/1')

      assert.deepEqual(keys(), ['a', 'b', 'c', 'd'])
    })

    it('does not count inbound sessions: they are free to make', () => {
      start()
      world.open('inbound', { location: locationOf('/ip4/8.1.0.1/tcp/1') })
      add('known', 'a', '/ip4/8.1.0.2/tcp/1')

      assert.deepEqual(keys(), ['a'])
    })

    it('counts an outbound session that it has not made', () => {
      start()
      world.open('outbound', { slot: world.slots.reserve('outbound')!, location: locationOf('/ip4/8.1.0.1/tcp/1') })
      add('known', 'a', '/ip4/8.1.0.2/tcp/1')

      assert.deepEqual(keys(), [])
    })

    it('dials any number at addresses that are not public', () => {
      start()
      Array.from({ length: 8 }, (_, i) => { add('discovered', `a${i}`, `/ip4/10.0.0.${i}/tcp/1`) })

      assert.equal(keys().length, 8)
    })

    it('dials a target at its addresses in one netgroup, which is one that is not taken', async () => {
      start()
      add('known', 'a', '/ip4/8.1.0.1/tcp/1')
      await world.last.succeed()
      add('known', 'b', '/ip4/8.1.0.2/tcp/1', '/ip4/8.2.0.2/tcp/1', '/ip4/10.0.0.2/tcp/1')

      assert.deepEqual(world.last.addresses, ['/ip4/8.2.0.2/tcp/1'])
      assert.deepEqual(world.targets[1]?.addresses.length, 3)
      world.random = 0.9
      await world.last.fail()
      await world.untilNextDial()
      assert.deepEqual(world.last.addresses, ['/ip4/10.0.0.2/tcp/1'])
    })

    it('never has two sessions in one netgroup, whatever targets are reported', async () => {
      const address = fc.tuple(fc.nat(3), fc.nat(3), fc.boolean()).map(([group, host, isIp6]) => {
        return isIp6 ? `/ip6/2a00:${group}::${host}/tcp/1` : `/ip4/8.${group}.0.${host}/tcp/1`
      })
      const step = fc.oneof(
        fc.tuple(fc.nat(15), fc.array(address, { minLength: 1, maxLength: 4 })).map(([id, addresses]) => async () => {
          add('discovered', `peer${id}`, ...addresses)
          await turns(1)
        }),
        fc.tuple(fc.nat(7), fc.boolean()).map(([nth, isGood]) => async () => {
          const dial = [...world.underWay][nth % Math.max(1, world.underWay.size)]
          await (isGood ? dial?.succeed() : dial?.fail())
        }),
        fc.nat(7).map((nth) => async () => {
          const id = [...world.sessions.keys()][nth % Math.max(1, world.sessions.size)]

          if (id != null) {
            world.close(id)
            await world.clock.advance(MINUTE)
          }
        })
      )

      await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        start()

        for (const step of steps) {
          await step()
          const groups = [...world.sessions.values()].map(({ session }) => session.location.netgroup)
          const dialled = [...world.underWay].flatMap(({ addresses }) => {
            return [...new Set(addresses.map((address) => locationOf(address).netgroup))]
          })

          assert.equal(new Set([...groups, ...dialled]).size, groups.length + dialled.length)
        }
      }), { numRuns: 150 })
    })
  })

  describe('after a failure', () => {
    it('says who could not be reached', async () => {
      start()
      world.dialer.add('known', { peerId: 'alice', addresses: ['/ip4/10.0.0.1/tcp/1'] })
      await world.last.fail()

      assert.deepEqual(world.unreached.map(({ key, source }) => [key, source]), [['alice', 'known']])
    })

    it('tells of it', async () => {
      start()
      world.add('known', 'alice')
      const error = new Error('connection refused')
      await world.last.fail(error)

      assert.deepEqual(world.failures, [{ target: 'alice', error, failures: 1, retryIn: SECOND }])
    })

    it('makes an error of whatever was thrown', async () => {
      start()
      world.add('known', 'alice')
      await world.last.fail('text')

      assert.equal(world.failures[0]?.error.message, 'text')
    })

    it('does not dial again before the backoff is over, and dials right after it', async () => {
      start()
      world.add('known', 'alice')

      for (const delay of [1, 2, 4, 8].map((seconds) => seconds * SECOND)) {
        const { length } = world.dials
        await world.last.fail()
        await world.clock.advance(delay - 1)
        assert.equal(world.dials.length, length, `no dial ${delay - 1} ms after failure ${length}`)
        await world.clock.advance(1)
        assert.equal(world.dials.length, length + 1, `a dial ${delay} ms after failure ${length}`)
      }
    })

    it('does not dial before the backoff is over when there is another reason to look', async () => {
      start()
      world.add('known', 'alice')
      await world.last.fail()
      await world.clock.advance(SECOND - 1)
      world.add('discovered', 'alice', 'bob')

      assert.deepEqual(world.dials.map(({ key }) => key), ['alice', 'bob'])
    })

    it('waits as long as was drawn', async () => {
      start()
      world.random = 0.5
      world.add('known', 'alice')
      await world.last.fail()
      assert.equal(await world.untilNextDial(), SECOND / 2)
      world.random = 0
      await world.last.fail()
      assert.equal(await world.untilNextDial(), 100)
    })

    it('dials at once those that the operator wants, with the first pause after that, and no others', async () => {
      start()
      world.add('known', 'wanted', 'other')

      for (let i = 0; i < 4; i++) {
        await Promise.all([...world.underWay].map(async (dial) => dial.fail(disconnected('BANNED'))))
        await world.clock.advance(i < 3 ? 48 * HOUR : 0)
      }

      const before = world.dials.length
      world.dialer.retry(({ peerId }) => peerId === 'wanted')
      assert.deepEqual(world.dials.slice(before).map(({ key }) => key), ['wanted'])
      await world.last.fail()
      assert.equal(world.failures.at(-1)!.retryIn, SECOND)
    })

    it('leaves a dial that is under way as it is', async () => {
      start()
      world.add('known', 'wanted')
      world.dialer.retry(() => true)
      assert.equal(world.dials.length, 1)
    })

    it('gives up on a target that is no seed after MAX_FAILURES failures, and says so', async () => {
      start()
      world.add('discovered', 'alice')

      for (let i = 1; i < MAX_FAILURES; i++) {
        await world.last.fail()
        await world.untilNextDial()
      }

      await world.last.fail()
      assert.deepEqual(world.failures.map(({ retryIn }) => retryIn === Infinity), [...Array<boolean>(MAX_FAILURES - 1).fill(false), true])
      assert.deepEqual(world.targets, [])
      await world.clock.advance(24 * HOUR)
      assert.equal(world.dials.length, MAX_FAILURES)
    })

    it('tries a peer once that is reported again after so many failures, and knows it anew where it is there', async () => {
      start()
      const again = [{ peerId: 'alice', addresses: ['/ip4/10.0.0.1/tcp/1'], failures: MAX_FAILURES - 1 }, { peerId: LOCAL_ID, addresses: [] }]
      world.dialer.addAll('known', again)
      await world.last.fail()
      assert.deepEqual([world.dials.length, world.targets], [1, []])
      world.dialer.addAll('known', again)
      await world.last.succeed()
      await world.clock.advance(HEALTHY_AFTER_MS)
      world.close('alice')
      assert.deepEqual(world.targets.map(({ failures }) => failures), [1])
    })

    it('begins with another address each time, and with the one where the peer was reached last', async () => {
      for (const source of ['known', 'seed'] as const) {
        start()
        const addresses = [1, 2, 3].map((i) => `/ip4/10.0.0.${i}/tcp/1`)
        world.dialer.add(source, { peerId: 'alice', addresses })
        assert.deepEqual(world.last.addresses, addresses)
        await world.last.fail()
        await world.untilNextDial()
        assert.deepEqual(world.last.addresses, [addresses[1], addresses[2], addresses[0]])
        world.last.answers = `${addresses[0]!}/p2p/alice`
        await world.last.succeed()
        await world.clock.advance(HEALTHY_AFTER_MS)
        world.close('alice')
        await world.untilNextDial()
        assert.deepEqual(world.last.addresses, [addresses[0], addresses[1], addresses[2]])
      }
    })

    it('never gives up on a seed', async () => {
      start()
      world.add('seed', 'alice')

      for (let i = 1; i <= 50; i++) {
        await world.last.fail()
        await world.untilNextDial(5 * MINUTE)
      }

      assert.equal(world.dials.length, 51)
      assert.equal(world.failures.at(-1)?.failures, 50)
    })

    it('takes a seed that was discovered before for a seed', async () => {
      start()
      world.add('discovered', 'alice')
      world.add('seed', 'alice')

      for (let i = 0; i < 2 * MAX_FAILURES; i++) {
        await world.last.fail()
        await world.untilNextDial(5 * MINUTE)
      }
    })

    const floors: [what: string, error: Error, floor: number][] = [
      ['that was full', disconnected('TOO_MANY_CONNECTIONS'), 30 * SECOND],
      ['of another network', disconnected('WRONG_NETWORK'), 30 * MINUTE],
      ['of another version', disconnected('INCOMPATIBLE_VERSION'), 30 * MINUTE],
      ['that has banned us', disconnected('BANNED'), 30 * MINUTE]
    ]

    for (const [what, error, floor] of floors) {
      it(`leaves a peer ${what} alone for ${floor} ms, however the lot falls`, async () => {
        start()
        world.random = 0
        world.add('known', 'alice')
        await world.last.fail(error)

        assert.equal(await world.untilNextDial(), floor)
        assert.equal(world.failures.at(-1)?.retryIn, floor)
      })
    }

    it('comes back soon to a peer that does not speak the protocol: it may be about to start', async () => {
      start()
      world.add('known', 'alice')

      for (const delay of [1, 2, 4].map((seconds) => seconds * SECOND)) {
        await world.last.fail(Object.assign(new Error('no'), { name: 'UnsupportedProtocolError' }))
        assert.equal(await world.untilNextDial(), delay)
      }
    })

    it('takes a claim of another session that there is not for a failure like any other', async () => {
      start()
      world.add('known', 'alice')

      for (const delay of [1, 2, 4].map((seconds) => seconds * SECOND)) {
        await world.last.fail(disconnected('DUPLICATE_CONNECTION'))
        assert.equal(await world.untilNextDial(), delay)
      }
    })
  })

  describe('after a session', () => {
    async function meet (source: TargetSource = 'known', id = 'alice'): Promise<void> {
      world.add(source, id)
      await world.last.succeed()
    }

    it('tells of the session once it is made', async () => {
      start()
      await meet()

      assert.deepEqual(world.reached, ['alice'])
    })

    it('reports a session that existed already, and gives the slot to another target', async () => {
      start(1)
      world.open('alice')
      world.dialer.add('seed', { addresses: ['/dnsaddr/a.example'] })
      world.add('known', 'bob')
      await world.last.join('alice')

      assert.deepEqual(world.reached, ['alice'])
      assert.equal(world.last.key, 'bob')
    })

    it('waits the first backoff where it breaks, then longer from one such session to the next', async () => {
      start()
      await meet()
      world.close('alice')
      assert.equal(await world.untilNextDial(), SECOND)
      await world.last.succeed()
      world.close('alice')
      assert.equal(await world.untilNextDial(), 2 * SECOND)
      await world.last.fail()
      assert.equal(await world.untilNextDial(), 4 * SECOND)
    })

    it('counts no end that comes with its own, and dials at once when it is started again', async () => {
      start()
      await meet()

      for (let run = 2; run < 12; run++) {
        world.dialer.stop()
        world.close('alice')
        assert.deepEqual(world.targets.map(({ failures }) => failures), [0])
        await world.clock.advance(SECOND)
        world.dialer.start()
        assert.equal(world.dials.length, run)
        await world.last.succeed()
      }
    })

    for (const [source, dials] of [['seed', 2], ['reserved', 2], ['known', 1]] as const) {
      it(`has a ${source} peer ${dials === 2 ? 'dialled at once' : 'wait as long as before'} in the next run, whatever has failed in this one`, async () => {
        start()
        world.add(source, 'alice')
        await world.last.fail()
        world.dialer.stop()
        world.dialer.start()
        assert.equal(world.dials.length, dials)
      })
    }

    it('dials at once, and counts no failure, where it ends since its circuit is used up, but not where that was cut', async () => {
      start()
      await meet()
      const full = circuitWith(world.clock, 100_000)
      const used = circuitWith(world.clock, 100_000)
      used.use(90_000)

      for (const [circuit, reason, expected] of [
        [used.circuit, 'SHUTDOWN', 0], [used.circuit, 'SHUTDOWN', 0], [used.circuit, undefined, SECOND], [full.circuit, 'SHUTDOWN', 2 * SECOND]
      ] as const) {
        const { length } = world.dials
        Object.assign(world.sessions.get('alice')!.session, { circuit })
        world.close('alice', reason)
        assert.equal(world.dials.length > length ? 0 : await world.untilNextDial(), expected, String(reason))
        await world.last.succeed()
      }
    })

    async function failThreeTimes (): Promise<void> {
      world.add('known', 'alice')

      for (let i = 0; i < 3; i++) {
        await world.last.fail()
        await world.untilNextDial()
      }

      await world.last.succeed()
    }

    it(`starts over after a session of ${HEALTHY_AFTER_MS} ms`, async () => {
      start()
      await failThreeTimes()
      await world.clock.advance(HEALTHY_AFTER_MS)
      world.close('alice')

      assert.equal(await world.untilNextDial(), SECOND)
    })

    it(`does not start over after a session of ${HEALTHY_AFTER_MS - 1} ms`, async () => {
      start()
      await failThreeTimes()
      await world.clock.advance(HEALTHY_AFTER_MS - 1)
      world.close('alice')

      assert.equal(await world.untilNextDial(), 8 * SECOND)
    })

    for (const [reason, floor] of [['TOO_MANY_CONNECTIONS', 30 * SECOND], ['WRONG_NETWORK', 30 * MINUTE], ['BANNED', 30 * MINUTE]] as const) {
      it(`waits ${floor} ms at least where it was closed with ${reason}`, async () => {
        start()
        world.random = 0
        await meet()
        await world.clock.advance(HOUR)
        world.close('alice', reason)

        assert.equal(await world.untilNextDial(), floor)
      })
    }

    it('forgets a peer whose sessions never last, but never a seed', async () => {
      for (const source of ['discovered', 'seed'] as const) {
        start()
        await meet(source)

        for (let i = 1; i < MAX_FAILURES; i++) {
          world.close('alice')
          await world.untilNextDial()
          await world.last.succeed()
        }

        world.close('alice')
        assert.equal(world.targets.length, source === 'seed' ? 1 : 0)
      }
    })

    it('counts a session that another one has replaced as no failure', async () => {
      start()
      await meet()
      await world.clock.advance(10 * SECOND)
      const old = world.sessions.get('alice')!.session
      world.open('alice')
      old.state = 'closed'
      world.dialer.onClosed(old as Session, { reason: 'DUPLICATE_CONNECTION', detail: '', byRemote: false })

      assert.equal(world.targets[0]?.failures, 0)
      assert.equal(world.dials.length, 1)
    })

    it('counts the end of an inbound session with a target', async () => {
      start()
      world.open('alice')
      world.add('known', 'alice')
      world.close('alice')

      assert.equal(world.targets[0]?.failures, 1)
      assert.equal(await world.untilNextDial(), SECOND)
    })

    it('counts no failure where a session that the peer began was never ready: it may be a test dial', () => {
      start()
      world.open('alice')
      world.add('known', 'alice')
      world.sessions.get('alice')!.session.readyAt = undefined
      world.close('alice')

      assert.equal(world.targets[0]?.failures, 0)
    })

    it('leaves the count to the dial while that is under way', async () => {
      start()
      world.add('known', 'alice')
      const refused = world.open('alice')
      world.end(refused, 'TOO_MANY_CONNECTIONS')
      await world.last.fail(disconnected('TOO_MANY_CONNECTIONS'))

      assert.equal(world.failures[0]?.failures, 1)
    })

    it('counts a session that is over before the dial has come back', async () => {
      start()
      world.add('known', 'alice')

      for (const delay of [1, 2, 4].map((seconds) => seconds * SECOND)) {
        await world.last.succeedInVain('SHUTDOWN')
        assert.equal(await world.untilNextDial(), delay)
      }
    })

    it('does not dial at once where a session that another one has replaced was the last', async () => {
      start()
      await meet()
      const { session: replaced } = world.sessions.get('alice')!
      world.open('alice')
      world.dialer.onClosed(replaced as Session, { reason: 'DUPLICATE_CONNECTION', detail: '', byRemote: true })

      assert.equal(world.targets[0]?.failures, 0)
      world.close('alice', 'SHUTDOWN')
      assert.equal(await world.untilNextDial(), SECOND)
    })

    it('counts no session that was replaced before the dial has come back', async () => {
      start()
      world.add('known', 'alice')
      await world.last.succeedInVain('DUPLICATE_CONNECTION', () => { world.open('alice') })

      assert.equal(world.targets[0]?.failures, 0)
    })

    it('dials the peer that a seed has led to at the seed only, whatever else is known of it', async () => {
      start()
      world.dialer.add('seed', { addresses: ['/dnsaddr/a.example'] })
      world.add('discovered', 'alice')
      await world.dials[1]!.fail()
      await world.dials[0]!.succeed('alice')
      world.close('alice')
      await world.clock.advance(HOUR)

      assert.deepEqual(world.dials.map(({ key }) => key), ['/dnsaddr/a.example', 'alice', '/dnsaddr/a.example'])
    })

    it('counts the end of a session for every seed that has led to its peer', async () => {
      start()
      world.dialer.add('seed', { addresses: ['/dnsaddr/a.example'] })
      await world.last.succeed('alice')
      world.add('discovered', 'alice')
      world.close('alice')

      assert.deepEqual(world.targets.map(({ key, failures }) => [key, failures]), [['/dnsaddr/a.example', 1], ['alice', 1]])
    })

    it('takes the end of a session with an unknown peer for a reason to dial others', async () => {
      start(1)
      const slot = world.slots.reserve('outbound')!
      slot.promote()
      world.open('stranger', { slot })
      world.add('known', 'alice')
      assert.equal(world.dials.length, 0)
      world.close('stranger')

      assert.equal(world.last.key, 'alice')
    })
  })

  describe('whether it needs others', () => {
    it('says no before it is started and after it is stopped', () => {
      assert.equal(world.dialer.isShort, false)
      world.dialer.start()
      assert.equal(world.dialer.isShort, true)
      world.dialer.stop()
      assert.equal(world.dialer.isShort, false)
    })

    it('says yes when all targets were tried and have failed, even while they are tried again', async () => {
      start()
      world.add('known', 'alice', 'bob')
      assert.equal(world.dialer.isShort, false)
      await world.dials[0]!.fail()
      assert.equal(world.dialer.isShort, false, 'bob is being dialled')
      await world.dials[1]!.fail()
      assert.equal(world.dialer.isShort, true)
      await world.untilNextDial()
      assert.equal(world.dialer.isShort, true)
    })

    it('says no while a target that was not tried waits for a slot', async () => {
      start(1)
      world.add('known', 'alice', 'bob')
      await world.last.fail()
      world.slots.reserve('outbound')
      assert.equal(world.dialer.isShort, false)
    })

    it('does not count those who are there already, or banned', async () => {
      world.open('alice')
      world.banned.add('bob')
      start()
      world.open('alice')
      world.banned.add('bob')
      world.add('known', 'alice', 'bob')

      assert.equal(world.dialer.isShort, true)
    })

    it('says no when every slot has a session in it, and yes when one has ended', async () => {
      start(1)
      world.add('known', 'alice')
      assert.equal(world.dialer.isFull, false)
      await world.last.succeed()
      assert.deepEqual([world.dialer.isShort, world.dialer.isFull], [false, true])
      world.close('alice')
      assert.deepEqual([world.dialer.isShort, world.dialer.isFull], [true, false])
    })

    it('says no without outbound slots', () => {
      start(0)
      assert.deepEqual([world.dialer.isShort, world.dialer.isFull], [false, true])
    })

    it('tells whenever it has begun what dials it could', async () => {
      start()
      assert.equal(world.fills, 1)
      await world.clock.advance(HEARTBEAT)
      assert.equal(world.fills, 2)
      world.add('known', 'alice')
      assert.equal(world.fills, 3)
      await world.last.fail()
      assert.equal(world.fills, 4)
      world.dialer.stop()
      world.dialer.fill()
      assert.equal(world.fills, 4)
    })

    it('says whether a target that is added is new', () => {
      start()
      const add = (peerId: string | undefined, address: string): boolean => {
        return world.dialer.add('discovered', { ...(peerId == null ? {} : { peerId }), addresses: [address] })
      }

      assert.equal(add('alice', '/ip4/10.0.0.1/tcp/1'), true)
      assert.equal(add('alice', '/ip4/10.0.0.1/tcp/2'), false)
      assert.equal(add(undefined, '/ip4/10.0.0.1/tcp/3'), true)
      assert.equal(add(undefined, '/ip4/10.0.0.1/tcp/3'), false)
      assert.equal(add(LOCAL_ID, '/ip4/10.0.0.1/tcp/4'), false)
    })

    it('says who has told of whom it has reached', async () => {
      start()
      world.dialer.add('discovered', { peerId: 'alice', addresses: ['/ip4/10.0.0.1/tcp/1'] }, 'seed.example')
      await world.last.succeed()
      world.add('known', 'bob')
      await world.last.succeed()

      assert.deepEqual(world.origins, ['seed.example', 'known'])
    })
  })

  describe('timer', () => {
    it('looks once a minute however little there is to do', async () => {
      start()
      assert.deepEqual([world.clock.pending, world.clock.next], [1, HEARTBEAT])
      await world.clock.advance(HEARTBEAT)
      assert.deepEqual([world.clock.pending, world.clock.next], [1, HEARTBEAT])
    })

    it('runs while all slots are taken: who has one may give it back without a word', async () => {
      start(1)
      const slot = world.slots.reserve('outbound')
      world.add('seed', 'alice')
      assert.deepEqual(world.dials, [])
      slot?.release()
      await world.clock.advance(HEARTBEAT)

      assert.equal(world.dials.length, 1)
    })

    it('does not spin while all slots are taken', async () => {
      start(1)
      world.slots.reserve('outbound')
      world.add('seed', 'alice')

      assert.deepEqual([world.clock.pending, world.clock.next], [1, HEARTBEAT])
    })

    it('is one, however often there is a reason to look', async () => {
      start(2)
      world.add('known', 'a', 'b', 'c', 'd')
      await world.last.fail()
      world.dialer.fill()
      world.dialer.start()

      assert.equal(world.clock.pending, 1)
    })
  })

  describe('stop', () => {
    it('leaves no timer, and begins no dial afterwards', async () => {
      start(2)
      world.add('known', 'alice', 'bob')
      await world.dials[0]!.succeed()
      world.dialer.stop()
      assert.equal(world.clock.pending, 0)
      await world.dials[1]!.fail()
      world.close('alice')
      world.add('seed', 'carol')
      world.dialer.fill()
      await world.clock.advance(24 * HOUR)

      assert.equal(world.clock.pending, 0)
      assert.equal(world.dials.length, 2)
    })

    it('takes a dial that it ended for no failure of the peer', async () => {
      start()
      world.add('known', 'alice')
      world.dialer.stop()
      await world.last.fail(Object.assign(new Error('aborted'), { name: 'AbortError' }))

      assert.deepEqual(world.failures, [])
      assert.equal(world.targets[0]?.failures, 0)
    })

    it('may be called before the start, and twice', () => {
      world.dialer.stop()
      world.dialer.stop()
      assert.equal(world.clock.pending, 0)
    })

    it('can be followed by another start, which still has all targets', async () => {
      start()
      world.add('known', 'alice')
      await world.last.fail()
      world.dialer.stop()
      world.dialer.start()
      assert.equal(world.dials.length, 1)

      assert.equal(await world.untilNextDial(), SECOND)
    })
  })

  describe('whatever happens', () => {
    const IDS = ['a', 'b', 'c', 'd', 'e']
    const MAX_OUTBOUND = 2
    const id = fc.constantFrom(...IDS)
    const nth = fc.nat({ max: 5 })
    const reason = fc.constantFrom<DisconnectReason | undefined>(undefined, 'SHUTDOWN', 'TOO_MANY_CONNECTIONS', 'WRONG_NETWORK', 'DUPLICATE_CONNECTION')

    type Step = (world: World) => Promise<void> | void

    const pick = <Item> (items: Iterable<Item>, nth: number): Item | undefined => {
      const all = [...items]

      return all[nth % all.length]
    }

    const foreign = new WeakMap<World, Slot>()

    const step: fc.Arbitrary<Step> = fc.oneof(
      id.chain((id) => fc.constantFrom<TargetSource>('reserved', 'seed', 'known', 'discovered').map((source): Step => (world) => { world.add(source, id) })),
      nth.map((nth): Step => async (world) => {
        const dial = pick(world.underWay, nth)

        if (dial != null && !world.sessions.has(dial.key)) {
          await dial.succeed()
        } else {
          await dial?.join(dial.key)
        }
      }),
      nth.chain((nth) => reason.map((reason): Step => async (world) => {
        await pick(world.underWay, nth)?.fail(reason == null ? new Error('refused') : disconnected(reason))
      })),
      nth.chain((nth) => reason.map((reason): Step => (world) => {
        const open = pick(world.sessions.keys(), nth)

        if (open != null) {
          world.close(open, reason)
        }
      })),
      fc.integer({ min: 1, max: 2 * HOUR }).map((ms): Step => async (world) => { await world.clock.advance(ms) }),
      id.map((id): Step => (world) => { world.banned.add(id) }),
      id.map((id): Step => (world) => { world.banned.delete(id) }),
      // an inbound session
      id.map((id): Step => (world) => {
        if (!world.sessions.has(id)) {
          world.open(id)
        }
      }),
      // somebody else takes an outbound slot, and gives it back without a word
      fc.constant<Step>((world) => {
        const slot = foreign.get(world)
        const reserved = slot == null ? world.slots.reserve('outbound') : undefined
        slot?.release()
        foreign.delete(world)

        if (reserved != null) {
          foreign.set(world, reserved)
        }
      }),
      fc.constant<Step>((world) => { world.stop() }),
      fc.constant<Step>((world) => { world.start() })
    )

    function candidates (world: World): Readonly<Target>[] {
      return world.targets.filter(({ peerId, isDialling }) => {
        return !isDialling && (peerId == null || !(world.sessions.has(peerId) || world.banned.has(peerId)))
      })
    }

    it('dials when there is room and a target to try, or has a timer that will', async () => {
      await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const world = new World(MAX_OUTBOUND)
        world.start()

        for (const step of steps) {
          await step(world)
          const { counts } = world.slots
          const keys = [...world.underWay].map(({ key }) => key)

          assert.equal(world.clock.pending, world.isRunning ? 1 : 0, 'one timer while it runs, and none otherwise')
          assert.ok((world.clock.next ?? 0) <= HEARTBEAT, 'the timer is never far')
          assert.ok(counts.outbound <= MAX_OUTBOUND, 'never more than there are slots')
          assert.equal(new Set(keys).size, keys.length, 'one dial to somebody at a time')
        }

        // however it has come to be: with everything given back, everybody is dialled in the end
        world.start()
        foreign.get(world)?.release()
        world.banned.clear()

        for (let round = 0; round < 20 && (world.underWay.size > 0 || candidates(world).length > 0); round++) {
          for (const dial of world.underWay) {
            await (world.sessions.has(dial.key) ? dial.join(dial.key) : dial.succeed())
          }

          [...world.sessions.keys()].forEach((id) => { world.sessions.get(id)?.slot?.release() })
          await world.clock.advance(24 * HOUR)
        }

        assert.deepEqual(candidates(world), [])
      }), { numRuns: 150 })
    })

    it('never dials before the backoff is over, nor a peer that is banned or there already, nor while it is stopped', async () => {
      await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const world = new World(MAX_OUTBOUND)

        world.onDial = ({ key, nextAttempt }) => {
          assert.ok(world.isRunning)
          assert.ok(nextAttempt <= world.clock.now())
          assert.ok(!world.banned.has(key))
          assert.ok(!world.sessions.has(key))
        }

        world.start()

        for (const step of steps) {
          await step(world)
        }
      }), { numRuns: 150 })
    })
  })
})
