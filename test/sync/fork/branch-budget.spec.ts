import assert from 'node:assert/strict'
import {
  BranchBudget, MAX_BRANCH_BLOCKS, MAX_BRANCH_BYTES, MAX_FETCHED_BRANCHES, MAX_HOST_BRANCHES, MAX_NETGROUP_BRANCHES, SAME_BRANCH_WAIT_MS
} from '../../../src/sync/fork/branch-budget.ts'
import { isPending, turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { sampleHash } from '../../support/sample.ts'
import type { BudgetedBranch } from '../../../src/sync/fork/branch-budget.ts'

type FakeBranch = { -readonly [Name in keyof BudgetedBranch]: BudgetedBranch[Name] }

describe('sync/fork/branch-budget', () => {
  const { signal } = new AbortController()
  let clock: FakeClock
  let budget: BranchBudget
  let forks: number

  beforeEach(() => {
    clock = new FakeClock()
    budget = new BranchBudget(clock)
    forks = 0
  })

  afterEach(() => { assert.equal(clock.pending, 0) })

  function create ({ fork = ++forks, host, group = 'net' }: { fork?: number, host?: string, group?: string } = {}): FakeBranch {
    const location = host == null ? {} : { location: { host, netgroup: group } }

    return { peer: { direction: 'inbound', ...location }, common: { height: fork, hash: sampleHash(fork) }, bytes: 0, blocks: { length: 0 } }
  }

  async function isAdmitted (acquired: Promise<void>): Promise<boolean> {
    await turns(1)

    return !await isPending(acquired)
  }

  it(`admits ${MAX_FETCHED_BRANCHES} branches, and one more when one is released`, async () => {
    const admitted = Array.from({ length: MAX_FETCHED_BRANCHES }, () => create())
    await Promise.all(admitted.map(async (branch) => budget.acquire(branch, signal)))
    const next = budget.acquire(create(), signal)
    assert.equal(await isAdmitted(next), false)
    budget.release(admitted[3]!)
    assert.equal(await isAdmitted(next), true)
    assert.equal(budget.size, MAX_FETCHED_BRANCHES)
  })

  it(`admits ${MAX_HOST_BRANCHES} inbound ones of one public host`, async () => {
    const host = '192.0.2.1'
    const admitted = Array.from({ length: MAX_HOST_BRANCHES }, () => create({ host }))
    await Promise.all(admitted.map(async (branch) => budget.acquire(branch, signal)))
    const [next, other] = [budget.acquire(create({ host }), signal), budget.acquire(create({ host: '192.0.2.2' }), signal)]
    assert.equal(await isAdmitted(next), false)
    assert.equal(await isAdmitted(other), true)
    budget.release(admitted[0]!)
    assert.equal(await isAdmitted(next), true)
  })

  it(`admits ${MAX_NETGROUP_BRANCHES} inbound ones of one netgroup, whatever their hosts, and so others too`, async () => {
    const admitted = Array.from({ length: MAX_NETGROUP_BRANCHES }, (_, i) => create({ host: `192.0.2.${i}` }))
    await Promise.all(admitted.map(async (branch) => budget.acquire(branch, signal)))
    const next = budget.acquire(create({ host: '192.0.2.99' }), signal)
    const others = Array.from({ length: MAX_FETCHED_BRANCHES - MAX_NETGROUP_BRANCHES }, (_, i) => budget.acquire(create({ host: `198.51.100.${i}`, group: 'other' }), signal))
    assert.equal(await isAdmitted(next), false)
    assert.deepEqual(await Promise.all(others.map(isAdmitted)), others.map(() => true))
    budget.release(admitted[0]!)
    assert.equal(await isAdmitted(next), true)
  })

  it(`has a branch that begins where another does wait for ${SAME_BRANCH_WAIT_MS} ms, or until that one has left`, async () => {
    const admitted = [create({ fork: 5 }), create({ fork: 5 }), create({ fork: 5 })]
    const [first, second, third] = admitted.map(async (branch) => budget.acquire(branch, signal))
    const other = budget.acquire(create({ fork: 6 }), signal)
    const all = [first!, second!, third!, other]
    assert.deepEqual(await Promise.all(all.map(isAdmitted)), [true, false, false, true])
    await clock.advance(SAME_BRANCH_WAIT_MS - 1)
    assert.equal(await isAdmitted(second!), false)
    await clock.advance(1)
    assert.deepEqual([await isAdmitted(second!), await isAdmitted(third!)], [true, false])
    budget.release(admitted[0]!)
    assert.equal(await isAdmitted(third!), false)
    budget.release(admitted[1]!)
    assert.equal(await isAdmitted(third!), true)
  })

  it('gives the first of them all there may be, and each other its part until it is the first', async () => {
    const [first, second] = [create(), create()] as [FakeBranch, FakeBranch]
    await budget.acquire(first, signal)
    await budget.acquire(second, signal)
    assert.deepEqual(await budget.allowance(first, signal), { bytes: MAX_BRANCH_BYTES, blocks: MAX_BRANCH_BLOCKS })
    const part = { bytes: MAX_BRANCH_BYTES / MAX_FETCHED_BRANCHES, blocks: MAX_BRANCH_BLOCKS / MAX_FETCHED_BRANCHES }
    assert.deepEqual(await budget.allowance(second, signal), part)
    second.bytes = MAX_BRANCH_BYTES / MAX_FETCHED_BRANCHES - 1
    assert.equal((await budget.allowance(second, signal)).bytes, 1)
    second.bytes++
    const more = budget.allowance(second, signal)
    await turns(1)
    assert.ok(await isPending(more))
    budget.release(first)
    assert.equal((await more).bytes, MAX_BRANCH_BYTES - second.bytes)
    second.bytes = MAX_BRANCH_BYTES
    assert.deepEqual(await budget.allowance(second, signal), { bytes: 0, blocks: 0 })
    Object.assign(second, { bytes: 0, blocks: { length: MAX_BRANCH_BLOCKS } })
    assert.deepEqual(await budget.allowance(second, signal), { bytes: 0, blocks: 0 })
  })

  it('admits no branch whose signal is aborted', async () => {
    const controller = new AbortController()
    await budget.acquire(create({ fork: 5 }), signal)
    const next = budget.acquire(create({ fork: 5 }), controller.signal)
    await turns(1)
    controller.abort(new Error('no longer'))
    await assert.rejects(next, { message: 'no longer' })
    await assert.rejects(budget.acquire(create(), controller.signal), { message: 'no longer' })
    assert.equal(budget.size, 1)
  })
})
