import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { eventually } from '../../support/eventually.ts'
import { plainProtector } from '../../support/plain-protector.ts'
import { usedBytes } from '../../support/used-memory.ts'
import { createPrivateNetwork } from '../../../src/libp2p/private-network/private-network.ts'
import type { Vectors } from './cipher.spec.ts'
import type { ConnectionProtector, MessageStream } from '@libp2p/interface'

const VECTORS = JSON.parse(readFileSync(new URL('private-network-vectors.json', import.meta.url), 'utf8')) as Vectors
const KEY = VECTORS.connections[0]!.swarmKey

const HEADER = Buffer.from('\x13/multistream/1.0.0\n')
const MIB = 1024 * 1024

/** The cipher that libp2p takes has one WebAssembly memory for all connections, with no room for another one after 5118 nonces of peers. */
const STRANGERS = 5200
const AT_A_TIME = 100

/** Once that memory has grown for something large, it grows by 64 KiB whenever another direction has its turn, 1000 times. */
const MESSAGES = 1000

/** Connections that are opened and ended, and what a process may hold more of afterwards, in bytes: nothing but what is noise. */
const CONNECTIONS = 1000
const ROOM_BYTES = 4 * MIB

function protector (key = KEY): ConnectionProtector {
  return createPrivateNetwork(key).connectionProtector!({} as never)
}

/** Both ends of a new connection. */
async function pair (ours = protector(), theirs = protector()): Promise<[MessageStream, MessageStream]> {
  const below = multiaddrConnectionPair()

  return Promise.all([ours.protect(below[0]), theirs.protect(below[1])])
}

/** What is read from now on. */
function readAll (stream: MessageStream): Uint8Array[] {
  const parts: Uint8Array[] = []
  stream.addEventListener('message', ({ data }) => { parts.push(data.slice()) })

  return parts
}

/** What is sent first on a connection. */
async function firstSent (connection: MessageStream): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const send = connection.send.bind(connection)
    connection.send = (data) => {
      resolve(data.subarray())

      return send(data)
    }
  })
}

/** Sends the header and so many bytes in each direction. */
async function exchange ([a, b]: [MessageStream, MessageStream], bytes: Uint8Array): Promise<void> {
  for (const [from, to] of [[a, b], [b, a]] as const) {
    let length = 0
    const count = ({ data }: { data: { byteLength: number } }): void => { length += data.byteLength }
    to.addEventListener('message', count)
    from.send(HEADER)
    from.send(bytes)
    await eventually(() => length === HEADER.byteLength + bytes.byteLength, 'what was sent')
    to.removeEventListener('message', count)
  }
}

describe('libp2p/private-network/private-network', () => {
  for (const { by, nonce, plaintext, ciphertext } of VECTORS.connections) {
    it(`reads a connection that ${by} has written`, async () => {
      const [theirs, ours] = multiaddrConnectionPair()
      const wire = Buffer.from(nonce + ciphertext, 'hex')
      theirs.send(wire.subarray(0, 50))
      const box = await protector().protect(ours)
      const read = readAll(box)
      theirs.send(wire.subarray(50))
      await eventually(() => Buffer.concat(read).byteLength === plaintext.length / 2, 'all of it')
      assert.equal(Buffer.concat(read).toString('hex'), plaintext)
    })
  }

  it('sends a nonce of 24 bytes and the header of multistream-select, which it does not send again', async () => {
    const [theirs, ours] = multiaddrConnectionPair()
    const [box, there] = await Promise.all([protector().protect(ours), plainProtector(KEY)().protect(theirs)
      .then((there) => {
        there.send(HEADER)

        return there
      })])
    const read = readAll(there)
    box.send(Buffer.concat([HEADER, Buffer.from('more')]))
    box.send(HEADER)
    await eventually(() => Buffer.concat(read).byteLength >= 2 * HEADER.byteLength + 4, 'what was sent')
    assert.deepEqual(Buffer.concat(read), Buffer.concat([HEADER, Buffer.from('more'), HEADER]))
  })

  it('has another nonce for each connection and each end', async () => {
    const nonces: Promise<Uint8Array>[] = []

    for (let i = 0; i < 10; i++) {
      const below = multiaddrConnectionPair()
      below.forEach((connection) => { nonces.push(firstSent(connection)) })
      await Promise.all(below.map(async (connection) => protector().protect(connection)))
    }

    const sent = await Promise.all(nonces)
    assert.deepEqual(new Set(sent.map(({ byteLength }) => byteLength)), new Set([24]))
    assert.equal(new Set(sent.map((nonce) => Buffer.from(nonce).toString('hex'))).size, 20)
  })

  it('finds another key out', async () => {
    await assert.rejects(pair(protector(), protector(KEY.replaceAll('a1', 'b2'))), {
      name: 'PrivateNetworkError', message: 'The peer has another private network key'
    })
  })

  it('does not take its own bytes for those of a peer with the key', async () => {
    const [theirs, ours] = multiaddrConnectionPair()
    theirs.addEventListener('message', ({ data }) => { theirs.send(data) })
    await assert.rejects(protector().protect(ours), { name: 'PrivateNetworkError', message: /sends back what we send/ })
  })

  it(`lets those in who have the key after ${STRANGERS} strangers who sent a nonce and went`, async function () {
    this.timeout(30_000)
    const ours = protector()

    for (let i = 0; i < STRANGERS / AT_A_TIME; i++) {
      await Promise.all(Array.from({ length: AT_A_TIME }, async () => {
        const [theirs, below] = multiaddrConnectionPair()
        theirs.send(new Uint8Array(24))
        const refusal = assert.rejects(ours.protect(below), { name: 'PrivateNetworkError', message: /has ended the connection/ })
        await setImmediate()
        theirs.abort(new Error('gone'))
        await refusal
      }))
    }

    await exchange(await pair(ours), Uint8Array.of(1))
  })

  it(`carries ${MESSAGES} messages on two connections that take turns, after something large`, async () => {
    const pairs = await Promise.all([pair(), pair()])
    let received = 0

    for (const [from, to] of pairs) {
      await exchange([from, to], new Uint8Array(2 * MIB))
      to.addEventListener('message', ({ data }) => { received += data.byteLength })
    }

    for (let sent = 0; sent < MESSAGES;) {
      pairs[sent++ % 2]![0].send(Uint8Array.of(1))
      await eventually(() => received === sent, 'what was sent')
    }
  })

  it(`holds nothing of ${CONNECTIONS} connections that have ended`, async function () {
    this.timeout(30_000)
    const [ours, theirs] = [protector(), protector()]
    await exchange(await pair(ours, theirs), new Uint8Array(2 * MIB))

    const open = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        const both = await pair(ours, theirs)
        await exchange(both, Uint8Array.of(1))
        both[0].abort(new Error('enough'))
      }
    }

    await open(100)
    const before = usedBytes()
    await open(CONNECTIONS)
    // memory outside the heap is given back by another thread, in its own time
    await eventually(() => usedBytes() - before < ROOM_BYTES, 'memory to be as before')
  })
})
