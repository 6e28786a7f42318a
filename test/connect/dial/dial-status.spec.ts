import assert from 'node:assert/strict'
import { World, SECOND } from './dialer-world.ts'
import { DisconnectedError } from '../../../src/errors.ts'
import { MAX_LISTED_TARGETS } from '../../../src/connect/dial/dial-status.ts'
import type { DialStatus } from '../../../src/types/status.ts'

describe('connect/dial/dial-status', () => {
  let world: World

  afterEach(() => { world.stop() })

  function targetOf (key: string): DialStatus {
    const found = world.dialer.status.targets.find(({ target }) => target === key)
    assert(found != null, key)

    return found
  }

  it('says of each target when it is dialled next, and why not now', async () => {
    world = new World(2)
    world.add('known', 'reached')
    world.start()
    assert.deepEqual([targetOf('reached').state, targetOf('reached').nextIn, world.dialer.status.underWay], ['dialling', null, 1])
    await world.last.succeed()
    world.add('known', 'failing')
    await world.last.fail(new AggregateError([new Error('connect ECONNREFUSED 10.0.0.1:1')], 'All multiaddr dials failed'))
    world.banned.add('banned')
    world.add('known', 'banned')
    world.add('known', 'dialled', 'full')

    assert.deepEqual(world.dialer.status.targets.map(({ target, state, nextIn }) => [target, state, nextIn]), [
      ['dialled', 'dialling', null],
      ['banned', 'banned', 0],
      ['full', 'no-slot', 0],
      ['reached', 'connected', null],
      ['failing', 'waiting', SECOND]
    ])
    assert.deepEqual(targetOf('failing'), {
      target: 'failing',
      peerId: 'failing',
      addresses: ['/ip4/10.0.0.1/tcp/1'],
      source: 'known',
      origin: 'known',
      state: 'waiting',
      nextIn: SECOND,
      failures: 1,
      lastError: 'All multiaddr dials failed: connect ECONNREFUSED 10.0.0.1:1',
      lastSuccess: null
    })
    assert.equal(targetOf('reached').lastSuccess, world.clock.date())
    assert.equal(world.dialer.status.known, 5)
  })

  it('says that a netgroup is taken, that a slot is free, and that a reserved peer stands for a seed', async () => {
    world = new World(4)
    world.dialer.add('known', { peerId: 'first', addresses: ['/ip4/8.1.0.1/tcp/1'] })
    world.start()
    await world.last.succeed()
    world.dialer.add('known', { peerId: 'neighbour', addresses: ['/ip4/8.1.0.2/tcp/1'] })
    world.dialer.add('seed', { peerId: undefined, addresses: ['/ip4/8.2.0.1/tcp/1'] })
    await world.last.succeed('seeded')
    world.close('seeded')
    world.dialer.add('reserved', { peerId: 'seeded', addresses: ['/ip4/8.3.0.1/tcp/1'] })
    assert.deepEqual([targetOf('neighbour').state, targetOf('/ip4/8.2.0.1/tcp/1').state], ['netgroup-taken', 'covered'])
    world.stop()
    world.dialer.add('known', { peerId: 'late', addresses: ['/ip4/8.4.0.1/tcp/1'] })
    assert.equal(targetOf('late').state, 'due')
  })

  it('has a peer once that is known as a seed and by itself, until its seed has failed too often', async () => {
    world = new World(1)
    const seed = '/ip4/10.0.0.9/tcp/1'
    world.dialer.add('seed', { addresses: [seed] })
    world.start()
    await world.last.succeed('peer')
    world.add('known', 'peer')
    const listed = (): string[] => world.dialer.status.targets.map(({ target }) => target)
    assert.deepEqual([listed(), world.dialer.status.known, world.targets.length], [[seed], 1, 2])
    world.close('peer')

    while (world.targets.find(({ key }) => key === seed)!.failures < 3) {
      await world.untilNextDial()
      await world.last.fail()
    }

    assert.deepEqual(listed().sort(), [seed, 'peer'])
  })

  it('has the words of a peer that ended the session, cut', async () => {
    world = new World(1)
    world.add('known', 'alice', 'bob')
    world.start()
    await world.last.fail(new DisconnectedError('The session with alice has ended', { reason: 'WRONG_NETWORK', byRemote: true }))
    const { target } = world.dialer.status.targets.find(({ state }) => state === 'waiting')!
    assert.equal(targetOf(target).lastError, 'The session with alice has ended')
    await world.last.succeed()
    const { id } = [...world.sessions.values()][0]!.session
    world.dialer.onClosed(world.sessions.get(id)!.session as never, { reason: 'BANNED', detail: 'x'.repeat(256), byRemote: true })
    assert.equal(targetOf(id).lastError, `the peer said BANNED (${'x'.repeat(256)})`.slice(0, 256))
    world.dialer.onClosed(world.sessions.get(id)!.session as never, { reason: undefined, detail: '', byRemote: true })
    assert.equal(targetOf(id).lastError, 'the connection broke')
  })

  it('lists seeds first, then what is dialled next, and no more than that', async () => {
    world = new World(0)
    world.add('known', ...Array.from({ length: MAX_LISTED_TARGETS }, (_, i) => `known-${i}`))
    assert.equal(world.dialer.status.targets.length, MAX_LISTED_TARGETS)
    world.add('seed', 'seed')
    const { targets, known } = world.dialer.status
    assert.deepEqual([targets.length, known, targets[0]!.target], [MAX_LISTED_TARGETS, MAX_LISTED_TARGETS + 1, 'seed'])
  })
})
