import assert from 'node:assert/strict'
import { ExternalHosts, MAX_OBSERVATIONS, MIN_OBSERVERS, OBSERVATION_TTL_MS } from '../../src/address/external-hosts.ts'
import { FakeClock } from '../support/fake-clock.ts'

const HOST = '203.0.113.7'
const OTHER_HOST = '198.51.100.9'

describe('address/external-hosts', () => {
  let clock: FakeClock
  let hosts: ExternalHosts
  let open: Set<string>

  beforeEach(() => {
    clock = new FakeClock()
    hosts = new ExternalHosts(clock)
    open = new Set()
  })

  /** A peer in each of these netgroups sees the node at a host, and stays connected. */
  function note (host: string, ...netgroups: string[]): void {
    for (const netgroup of netgroups) {
      open.add(netgroup)
      hosts.note({ host, netgroup, isOpen: () => open.has(netgroup) })
    }
  }

  function netgroups (prefix: string, count: number): string[] {
    return Array.from({ length: count }, (_, i) => `${prefix}${i}`)
  }

  it('confirms a host that three netgroups agree on, and none that two do', () => {
    assert.equal(MIN_OBSERVERS, 3)
    note(HOST, ...netgroups('a', MIN_OBSERVERS - 1))
    assert.deepEqual(hosts.confirmed, [])
    note(HOST, 'another')
    assert.deepEqual(hosts.confirmed, [HOST])
  })

  it('does not believe a single liar', () => {
    note(OTHER_HOST, 'liar')
    assert.deepEqual(hosts.confirmed, [])
    note(HOST, ...netgroups('a', 3))
    assert.deepEqual(hosts.confirmed, [HOST])
  })

  it('gives one voice to many liars in one netgroup', () => {
    for (let i = 0; i < 100; i++) {
      note(OTHER_HOST, 'liars')
    }

    assert.deepEqual([hosts.confirmed, hosts.size], [[], 1])
  })

  it('follows the majority, whichever host came first', () => {
    note(OTHER_HOST, ...netgroups('liar', 3))
    assert.deepEqual(hosts.confirmed, [OTHER_HOST])
    note(HOST, ...netgroups('honest', 3))
    assert.deepEqual(hosts.confirmed, [OTHER_HOST], 'as many are not more')
    note(HOST, 'one more')
    assert.deepEqual(hosts.confirmed, [HOST])
    note(OTHER_HOST, 'liar again')
    assert.deepEqual(hosts.confirmed, [HOST], 'as many are not more')
  })

  it('changes over when the peers that saw the old host see the new one', () => {
    note(HOST, ...netgroups('a', 5))
    note(OTHER_HOST, 'a0', 'a1')
    assert.deepEqual(hosts.confirmed, [HOST])
    note(OTHER_HOST, 'a2')
    assert.deepEqual(hosts.confirmed, [OTHER_HOST])
  })

  it('forgets observations of connections that closed ten minutes ago, and only those', async () => {
    note(HOST, ...netgroups('a', 3))
    await clock.advance(2 * OBSERVATION_TTL_MS)
    assert.deepEqual(hosts.confirmed, [HOST], 'all are still connected')

    open.delete('a0')
    await clock.advance(OBSERVATION_TTL_MS - 1)
    assert.deepEqual(hosts.confirmed, [HOST])
    await clock.advance(1)
    assert.deepEqual([hosts.confirmed, hosts.size], [[], 2])
  })

  it('replaces a host that no peer sees any more', async () => {
    note(HOST, ...netgroups('a', 5))
    assert.deepEqual(hosts.confirmed, [HOST])
    open.clear()
    note(OTHER_HOST, ...netgroups('b', 3))
    assert.deepEqual(hosts.confirmed, [HOST])
    await clock.advance(OBSERVATION_TTL_MS)
    assert.deepEqual(hosts.confirmed, [OTHER_HOST])
  })

  it('confirms an IPv4 and an IPv6 host each by itself', () => {
    note('2a00:1450::7', ...netgroups('six', 3))
    assert.deepEqual(hosts.confirmed, ['2a00:1450::7'])
    note(HOST, ...netgroups('four', 4))
    assert.deepEqual(hosts.confirmed, [HOST, '2a00:1450::7'])
    note('2a00:1450::8', 'six0')
    assert.deepEqual(hosts.confirmed, [HOST])
  })

  it('listens to 64 netgroups, and forgets the oldest that is not connected for one more', () => {
    const all = netgroups('a', MAX_OBSERVATIONS)
    note(HOST, ...all)
    assert.equal(hosts.size, MAX_OBSERVATIONS)
    open.delete('a5')
    note(HOST, 'new')
    assert.equal(hosts.size, MAX_OBSERVATIONS)

    // the same network again needs no room, and all others are still there
    note(OTHER_HOST, 'new', ...all.filter((netgroup) => netgroup !== 'a5').slice(0, 61))
    assert.deepEqual([hosts.size, hosts.confirmed], [MAX_OBSERVATIONS, [OTHER_HOST]])
    note(OTHER_HOST, 'a62', 'a63')
    assert.equal(hosts.size, MAX_OBSERVATIONS)
  })

  it('forgets the oldest where all are connected', () => {
    note(HOST, ...netgroups('a', 3))
    assert.deepEqual(hosts.confirmed, [HOST])
    netgroups('b', MAX_OBSERVATIONS - 3).forEach((netgroup, i) => { note(`9.${i}.0.1`, netgroup) })
    assert.deepEqual([hosts.confirmed, hosts.size], [[HOST], MAX_OBSERVATIONS])
    note('9.99.0.1', 'one more')
    assert.deepEqual([hosts.confirmed, hosts.size], [[], MAX_OBSERVATIONS])
  })

  it('knows no host when it is cleared', () => {
    note(HOST, ...netgroups('a', 3))
    hosts.clear()
    assert.deepEqual([hosts.confirmed, hosts.size], [[], 0])
  })
})
