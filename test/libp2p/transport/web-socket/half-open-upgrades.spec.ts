import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { FakeClock } from '../../../support/fake-clock.ts'
import { HalfOpenUpgrades } from '../../../../src/libp2p/transport/web-socket/half-open-upgrades.ts'
import { MAX_UPGRADES, MAX_UPGRADES_PER_HOST, UPGRADE_TIMEOUT_MS } from '../../../../src/libp2p/transport/web-socket/limits.ts'

class FakeSocket extends EventEmitter {
  readonly remoteAddress: string
  readonly remotePort: number
  destroyed = false

  constructor (remoteAddress: string, remotePort: number) {
    super()
    this.remoteAddress = remoteAddress
    this.remotePort = remotePort
  }

  destroy (): this {
    this.destroyed = true
    this.emit('close')

    return this
  }
}

describe('libp2p/transport/web-socket/half-open-upgrades', () => {
  let clock: FakeClock
  let guard: HalfOpenUpgrades
  let nextPort: number

  beforeEach(() => {
    clock = new FakeClock()
    guard = new HalfOpenUpgrades(clock)
    nextPort = 1000
  })

  function open (host = '192.0.2.1'): FakeSocket {
    const socket = new FakeSocket(host, nextPort++)
    guard.add(socket)

    return socket
  }

  it('cuts a connection whose handshake is not done in time', async () => {
    const socket = open()
    await clock.advance(UPGRADE_TIMEOUT_MS - 1)
    assert.equal(socket.destroyed, false)
    await clock.advance(1)
    assert.equal(socket.destroyed, true)
    assert.equal(guard.size, 0)
  })

  it('lets go of a connection whose handshake is done', async () => {
    const socket = open()
    guard.delete(socket)
    assert.equal(guard.size, 0)
    assert.equal(clock.pending, 0)
    await clock.advance(UPGRADE_TIMEOUT_MS)
    assert.equal(socket.destroyed, false)
  })

  it('lets go of a connection that has ended', () => {
    open().destroy()
    assert.equal(guard.size, 0)
    assert.equal(clock.pending, 0)
  })

  it('cuts the oldest of a host that has too many, and of no other', () => {
    const other = open('9.9.9.9')
    const sockets = Array.from({ length: MAX_UPGRADES_PER_HOST }, () => open('8.8.8.8'))
    assert.ok([...sockets, other].every(({ destroyed }) => !destroyed))

    const newcomer = open('8.8.8.8')
    assert.deepEqual([...sockets, newcomer, other].filter(({ destroyed }) => destroyed), [sockets[0]])
    assert.equal(guard.size, MAX_UPGRADES_PER_HOST + 1)
    assert.equal(clock.pending, guard.size)
  })

  it('takes all the addresses of a customer for one host, and a proxy for many', () => {
    const sockets = Array.from({ length: MAX_UPGRADES_PER_HOST + 1 }, (_, i) => open(`2a00:1450:4001:80b::${i}`))
    assert.equal(sockets[0]!.destroyed, true)
    const proxied = Array.from({ length: MAX_UPGRADES_PER_HOST + 1 }, () => open('127.0.0.1'))
    assert.ok(proxied.every(({ destroyed }) => !destroyed))
  })

  it('cuts the oldest of those that crowd the most where there are too many', () => {
    const sockets = Array.from({ length: MAX_UPGRADES }, (_, i) => open(i === 0 ? '9.9.9.9' : `8.8.${i}.8`))
    assert.ok(sockets.every(({ destroyed }) => !destroyed))
    open('7.7.7.7')

    assert.deepEqual(sockets.slice(0, 3).map(({ destroyed }) => destroyed), [false, true, false])
    assert.equal(guard.size, MAX_UPGRADES)
  })

  it('cuts all that wait when it ends', () => {
    const [waiting, done] = [open(), open()]
    guard.delete(done)
    guard.end()
    assert.deepEqual([waiting.destroyed, done.destroyed], [true, false])
    assert.equal(guard.size, 0)
  })

  it('does not take the end of a connection for that of a later one from the same place', () => {
    const first = new FakeSocket('192.0.2.1', 1)
    guard.add(first)
    guard.delete(first)
    guard.add(new FakeSocket('192.0.2.1', 1))
    first.destroy()
    assert.equal(guard.size, 1)
  })
})
