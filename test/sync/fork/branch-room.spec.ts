import assert from 'node:assert/strict'
import {
  BranchRoom, MAX_BRANCH_BLOCKS, MAX_BRANCH_BYTES, MAX_BRANCHES, MAX_HOST_BRANCHES, MAX_NETWORK_BRANCHES, SAME_BRANCH_WAIT_MS
} from '../../../src/sync/fork/branch-room.ts'
import { isPending, turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { sampleHash } from '../../support/sample.ts'
import type { RoomGuest } from '../../../src/sync/fork/branch-room.ts'

type Guest = { -readonly [Name in keyof RoomGuest]: RoomGuest[Name] }

describe('sync/fork/branch-room', () => {
  const { signal } = new AbortController()
  let clock: FakeClock
  let room: BranchRoom
  let forks: number

  beforeEach(() => {
    clock = new FakeClock()
    room = new BranchRoom(clock)
    forks = 0
  })

  afterEach(() => { assert.equal(clock.pending, 0) })

  function guest ({ fork = ++forks, host, group = 'net' }: { fork?: number, host?: string, group?: string } = {}): Guest {
    const location = host == null ? {} : { location: { host, netgroup: group } }

    return { peer: { direction: 'inbound', ...location }, common: { height: fork, hash: sampleHash(fork) }, bytes: 0, blocks: { length: 0 } }
  }

  async function isIn (entered: Promise<void>): Promise<boolean> {
    await turns(1)

    return !await isPending(entered)
  }

  it(`has room for ${MAX_BRANCHES} branches, and for one more when one has left`, async () => {
    const guests = Array.from({ length: MAX_BRANCHES }, () => guest())
    await Promise.all(guests.map(async (guest) => room.enter(guest, signal)))
    const next = room.enter(guest(), signal)
    assert.equal(await isIn(next), false)
    room.leave(guests[3]!)
    assert.equal(await isIn(next), true)
    assert.equal(room.size, MAX_BRANCHES)
  })

  it(`has room for ${MAX_HOST_BRANCHES} of one public host that has dialled us`, async () => {
    const host = '192.0.2.1'
    const guests = Array.from({ length: MAX_HOST_BRANCHES }, () => guest({ host }))
    await Promise.all(guests.map(async (guest) => room.enter(guest, signal)))
    const [next, other] = [room.enter(guest({ host }), signal), room.enter(guest({ host: '192.0.2.2' }), signal)]
    assert.equal(await isIn(next), false)
    assert.equal(await isIn(other), true)
    room.leave(guests[0]!)
    assert.equal(await isIn(next), true)
  })

  it(`has room for ${MAX_NETWORK_BRANCHES} of one network that have dialled us, whatever hosts they have, and so for others`, async () => {
    const guests = Array.from({ length: MAX_NETWORK_BRANCHES }, (_, i) => guest({ host: `192.0.2.${i}` }))
    await Promise.all(guests.map(async (guest) => room.enter(guest, signal)))
    const next = room.enter(guest({ host: '192.0.2.99' }), signal)
    const others = Array.from({ length: MAX_BRANCHES - MAX_NETWORK_BRANCHES }, (_, i) => room.enter(guest({ host: `198.51.100.${i}`, group: 'other' }), signal))
    assert.equal(await isIn(next), false)
    assert.deepEqual(await Promise.all(others.map(isIn)), others.map(() => true))
    room.leave(guests[0]!)
    assert.equal(await isIn(next), true)
  })

  it(`has a branch that begins where another does wait for ${SAME_BRANCH_WAIT_MS} ms, or until that one has left`, async () => {
    const guests = [guest({ fork: 5 }), guest({ fork: 5 }), guest({ fork: 5 })]
    const [first, second, third] = guests.map(async (guest) => room.enter(guest, signal))
    const other = room.enter(guest({ fork: 6 }), signal)
    assert.deepEqual([await isIn(first!), await isIn(second!), await isIn(third!), await isIn(other)], [true, false, false, true])
    await clock.advance(SAME_BRANCH_WAIT_MS - 1)
    assert.equal(await isIn(second!), false)
    await clock.advance(1)
    assert.deepEqual([await isIn(second!), await isIn(third!)], [true, false])
    room.leave(guests[0]!)
    assert.equal(await isIn(third!), false)
    room.leave(guests[1]!)
    assert.equal(await isIn(third!), true)
  })

  it('gives the first of them all there may be, and each other its part until it is the first', async () => {
    const [first, second] = [guest(), guest()] as [Guest, Guest]
    await room.enter(first, signal)
    await room.enter(second, signal)
    assert.deepEqual(await room.whenRoom(first, signal), { bytes: MAX_BRANCH_BYTES, blocks: MAX_BRANCH_BLOCKS })
    const part = { bytes: MAX_BRANCH_BYTES / MAX_BRANCHES, blocks: MAX_BRANCH_BLOCKS / MAX_BRANCHES }
    assert.deepEqual(await room.whenRoom(second, signal), part)
    second.bytes = MAX_BRANCH_BYTES / MAX_BRANCHES - 1
    assert.equal((await room.whenRoom(second, signal)).bytes, 1)
    second.bytes++
    const more = room.whenRoom(second, signal)
    await turns(1)
    assert.ok(await isPending(more))
    room.leave(first)
    assert.equal((await more).bytes, MAX_BRANCH_BYTES - second.bytes)
    second.bytes = MAX_BRANCH_BYTES
    assert.deepEqual(await room.whenRoom(second, signal), { bytes: 0, blocks: 0 })
    Object.assign(second, { bytes: 0, blocks: { length: MAX_BRANCH_BLOCKS } })
    assert.deepEqual(await room.whenRoom(second, signal), { bytes: 0, blocks: 0 })
  })

  it('lets nobody in whose signal is aborted', async () => {
    const controller = new AbortController()
    await room.enter(guest({ fork: 5 }), signal)
    const next = room.enter(guest({ fork: 5 }), controller.signal)
    await turns(1)
    controller.abort(new Error('no longer'))
    await assert.rejects(next, { message: 'no longer' })
    await assert.rejects(room.enter(guest(), controller.signal), { message: 'no longer' })
    assert.equal(room.size, 1)
  })
})
