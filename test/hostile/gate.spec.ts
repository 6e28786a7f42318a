import assert from 'node:assert/strict'
import { connect as connectTcp } from 'node:net'
import { eventually } from '../support/eventually.ts'
import { addressOf, nextEvent } from '../integration/nodes.ts'
import { Attacker, HONEST_MS, Scene } from './scene.ts'
import { PROTOCOL_ID } from '../../src/index.ts'
import { MAX_SESSIONLESS, MAX_SESSIONLESS_PER_HOST, MAX_HALF_OPEN, MAX_HALF_OPEN_PER_HOST } from '../../src/libp2p/gate/gate-limits.ts'
import type { Connection } from '@libp2p/interface'
import type { Socket } from 'node:net'

/** What a libp2p node says first, and what it says when it wants encryption. */
const MULTISTREAM = frame('/multistream/1.0.0\n')
const NOISE = frame('/noise\n')

/** A message of multistream-select, the length of which fits one byte. */
function frame (text: string): Buffer {
  return Buffer.from(`${String.fromCharCode(text.length)}${text}`)
}

describe('hostile/gate', function () {
  this.timeout(60_000)

  let scene: Scene
  let sockets: Socket[]
  let isOver: boolean
  /** Connections of {@link keepOpening} that the victim has ended. */
  let ended: number

  before(async () => { scene = await Scene.start({ maxInboundRate: 1000, maxInbound: 8 }) })

  beforeEach(() => {
    sockets = []
    isOver = false
    ended = 0
  })

  afterEach(async () => {
    isOver = true
    sockets.forEach((socket) => { socket.destroy() })

    for (const { id } of [...scene.victim.peers].filter(({ id }) => id !== scene.honest.libp2p.peerId.toString())) {
      scene.victim.peers.disconnect(id)
    }
  })

  after(async () => { await scene.stop() })

  /** Opens a TCP connection to the victim, without libp2p. */
  function openSocket (localAddress: string): Socket {
    const socket = connectTcp({ host: '127.0.0.1', port: Number(addressOf(scene.victim).split('/')[4]), localAddress })
    sockets.push(socket)
    socket.on('error', () => {})

    return socket
  }

  /** Resolves with what the victim says first, or `undefined` where it hangs up before it says anything. */
  async function firstBytes (localAddress: string): Promise<Buffer | undefined> {
    const socket = openSocket(localAddress)
    socket.write(MULTISTREAM)

    return new Promise((resolve) => {
      socket.once('data', resolve)
      socket.once('close', () => { resolve(undefined) })
    })
  }

  /** Opens connections again and again, and says the same on each. */
  function keepOpening (localAddress: string, words: readonly Buffer[]): void {
    const socket = openSocket(localAddress)
    words.forEach((word) => { socket.write(word) })
    socket.resume()

    socket.once('close', () => {
      sockets.splice(sockets.indexOf(socket), 1)
      ended++

      if (!isOver) {
        setImmediate(() => { keepOpening(localAddress, words) })
      }
    })
  }

  /** How many connections of the victim wait to be encrypted. */
  function halfOpen (): number {
    type Components = { components: { connectionManager: { incomingPendingConnections: number } } }

    return (scene.victim.libp2p as unknown as Components).components.connectionManager.incomingPendingConnections
  }

  /** Someone who was not there before gets a session, as fast as anybody may expect. */
  async function expectRoomForNewcomer (): Promise<void> {
    const newcomer = await scene.attacker()
    const since = performance.now()
    await newcomer.connect()
    const ms = performance.now() - since
    assert.ok(ms < HONEST_MS, `it took ${ms} ms`)
  }

  it('hangs up on a banned host before it says a word, and not on its neighbour', async () => {
    scene.victim.peers.ban('127.80.0.1')
    assert.equal(await firstBytes('127.80.0.1'), undefined)
    assert.deepEqual(await firstBytes('127.80.0.2'), MULTISTREAM)

    assert.ok(scene.victim.peers.unban('127.80.0.1'))
    assert.deepEqual(await firstBytes('127.80.0.1'), MULTISTREAM)
  })

  it('hangs up on a banned identity as soon as it has proven it, and not on others of its host', async () => {
    const [bad, other] = [await scene.attacker('127.81.0.1'), await scene.attacker('127.81.0.1')]
    let refused = 0
    const onRefused = (): void => { refused++ }
    scene.victim.addEventListener('peer:refused', onRefused)
    scene.victim.peers.ban(bad.id)
    await assert.rejects(bad.open())
    await eventually(() => scene.victim.libp2p.getConnections(bad.libp2p.peerId).length === 0, 'no connection')
    await other.connect()
    scene.victim.removeEventListener('peer:refused', onRefused)
    assert.equal(refused, 0, 'it did not get as far as a session')
  })

  it('ends the sessions of a host at once when it is banned, all of them, and no others', async () => {
    const [a, b, neighbour] = [await scene.attacker('127.82.0.1'), await scene.attacker('127.82.0.1'), await scene.attacker('127.82.0.2')]
    await Promise.all([a, b, neighbour].map(async (attacker) => attacker.connect()))
    scene.victim.peers.ban('127.82.0.1')
    const reasons = [(await scene.endOf(a)).reason, (await scene.endOf(b)).reason]
    assert.deepEqual([...reasons, scene.sessionWith(neighbour).state], ['BANNED', 'BANNED', 'ready'])
  })

  for (const [what, words] of [
    ['that say nothing', []],
    ['that say what no libp2p node says', [Buffer.from('GET / HTTP/1.1\r\nHost: victim\r\n\r\n')]],
    ['that stop before they are encrypted', [MULTISTREAM, NOISE]],
    ['that send garbage where the encryption begins', [MULTISTREAM, NOISE, Buffer.alloc(70_000, 0xff)]]
  ] as const) {
    it(`has room for others while five hosts open connections ${what}`, async () => {
      for (let i = 0; i < 150; i++) {
        keepOpening(`127.${83 + i % 5}.0.1`, words)
      }

      await eventually(() => ended >= 100, 'the attack')
      await scene.expectHonestServedDuring(expectRoomForNewcomer())
      assert.ok(halfOpen() <= 5 * MAX_HALF_OPEN_PER_HOST + 1, `${halfOpen()} wait to be encrypted`)
    })
  }

  it('has room for others while one has more hosts than there are places', async () => {
    for (let i = 1; i <= 150; i++) {
      keepOpening(`127.88.${i}.1`, [])
    }

    await eventually(() => halfOpen() >= MAX_HALF_OPEN, 'the attack')
    await scene.expectHonestServedDuring(expectRoomForNewcomer())
    assert.ok(halfOpen() <= MAX_HALF_OPEN + 1, `${halfOpen()} wait to be encrypted`)
  })

  for (const [what, use] of [
    ['that nothing is done with', async () => Promise.resolve()],
    ['with sessions that never say who they are', async (connection) => connection.newStream(PROTOCOL_ID)]
  ] as [string, (connection: Connection) => Promise<unknown>][]) {
    it(`has room for others while some hold encrypted connections ${what}`, async () => {
      const attackers = await Promise.all(Array.from({ length: 4 }, async () => scene.attacker()))

      await scene.expectHonestServedDuring(Promise.all(attackers.map(async (attacker) => {
        for (let i = 0; i < 2 * MAX_SESSIONLESS_PER_HOST; i++) {
          await attacker.dial().then(use).catch(() => {})
        }
      })))
      await expectRoomForNewcomer()

      const held = attackers.map(({ libp2p }) => scene.victim.libp2p.getConnections(libp2p.peerId).length)
      assert.ok(held.every((count) => count <= MAX_SESSIONLESS_PER_HOST), held.join())
      assert.ok(held.reduce((sum, count) => sum + count, 0) <= MAX_SESSIONLESS)
    })
  }

  it('has room for others while one comes back under a new name again and again', async () => {
    const host = '127.95.0.1'
    const storm = (async () => {
      for (let i = 0; i < 40; i++) {
        const attacker = await Attacker.start(host, scene.victim)
        await attacker.connect().catch(() => {})
        await attacker.libp2p.stop()
      }
    })()
    await scene.expectHonestServedDuring(storm)
    await expectRoomForNewcomer()
    await scene.expectHonestServed()
  })

  describe('with the rate of connections that a host may open', () => {
    const RATE = 5
    let slow: Scene

    before(async () => { slow = await Scene.start({ maxInboundRate: RATE }) })
    after(async () => { await slow.stop() })

    it('hangs up on what is too much before it says a word, and not on others', async () => {
      const port = Number(addressOf(slow.victim).split('/')[4])
      const since = performance.now()
      const answers = await Promise.all(Array.from({ length: 40 }, async () => new Promise<boolean>((resolve) => {
        const socket = connectTcp({ host: '127.0.0.1', port, localAddress: '127.90.0.1' })
        sockets.push(socket)
        socket.on('error', () => {})
        socket.once('data', () => { resolve(true) })
        socket.once('close', () => { resolve(false) })
        socket.write(MULTISTREAM)
      })))
      const answered = answers.filter(Boolean).length
      const most = RATE * (1 + Math.ceil((performance.now() - since) / 1000))
      assert.ok(answered > 0 && answered <= most, `${answered} of 40 were answered`)

      const ready = nextEvent(slow.victim, 'peer:ready')
      await (await slow.attacker()).connect()
      await ready
      await slow.expectHonestServed()
    })
  })
})
