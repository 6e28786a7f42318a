import assert from 'node:assert/strict'
import { FakeClock } from '../support/fake-clock.ts'
import { HostRates } from '../../src/address/host-rates.ts'

const PER_SECOND = 5
const MAX_HOSTS = 3

describe('address/host-rates', () => {
  let clock: FakeClock
  let rates: HostRates

  beforeEach(() => {
    clock = new FakeClock()
    rates = new HostRates({ perSecond: PER_SECOND, maxHosts: MAX_HOSTS, clock })
  })

  function take (host: string, times: number): number {
    return Array.from({ length: times }, () => rates.take(host)).filter((isWithin) => isWithin).length
  }

  it('lets a host connect as often as its rate, and no more often', async () => {
    assert.equal(take('a', PER_SECOND + 1), PER_SECOND)
    await clock.advance(199)
    assert.equal(rates.take('a'), false)
    await clock.advance(1)
    assert.equal(take('a', 2), 1)
    await clock.advance(60_000)
    assert.equal(take('a', 2 * PER_SECOND), PER_SECOND)
  })

  it('counts each host apart', () => {
    take('a', PER_SECOND)
    assert.equal(take('b', PER_SECOND + 1), PER_SECOND)
  })

  it('lets a host that never stops connect as often as its rate', async () => {
    let within = take('a', PER_SECOND + 1)

    for (let i = 0; i < 1000; i++) {
      await clock.advance(10)
      within += take('a', 1)
    }

    assert.ok(Math.abs(within - PER_SECOND - 10 * PER_SECOND) <= 1, `${within} connections`)
  })

  it('forgets the host that has not connected for the longest time where there are too many', () => {
    for (const host of ['a', 'b', 'c', 'a']) {
      take(host, PER_SECOND)
    }

    assert.equal(rates.size, MAX_HOSTS)
    take('d', 1)
    assert.equal(rates.size, MAX_HOSTS)
    assert.deepEqual([rates.take('a'), rates.take('c'), rates.take('b')], [false, false, true])
  })

  it('keeps its bound for a host with many addresses', () => {
    for (let i = 0; i < 10_000; i++) {
      rates.take(String(i))
    }

    assert.equal(rates.size, MAX_HOSTS)
  })
})
