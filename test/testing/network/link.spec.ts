import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { eventually, turns } from '../../support/eventually.ts'
import { Link, MAX_WAITING_BYTES } from '../../../src/testing/network/link.ts'
import type { AddressInfo, Server, Socket } from 'node:net'

/** What one end of a connection has heard. */
class End {
  readonly socket: Socket
  text = ''
  bytes = 0
  hasEnded = false
  error: NodeJS.ErrnoException | undefined

  constructor (socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.bytes += chunk.byteLength
      this.text = (this.text + chunk.toString('latin1')).slice(-100)
    })
    socket.on('end', () => { this.hasEnded = true })
    socket.on('error', (err) => { this.error = err })
  }
}

/** Servers and sockets of this process that are open. */
function openSockets (): number {
  return process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length
}

describe('testing/network/link', () => {
  let server: Server
  let link: Link
  const accepted: End[] = []
  const ends: End[] = []
  let openBefore: number

  beforeEach(async () => {
    openBefore = openSockets()
    server = createServer({ allowHalfOpen: true }, (socket) => { accepted.push(new End(socket)) }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    link = await Link.start({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  })

  afterEach(async () => {
    await link.close()
    const both = [...accepted.splice(0), ...ends.splice(0)]
    both.forEach(({ socket }) => { socket.destroy() })
    server.close()
    await once(server, 'close')
    await eventually(() => openSockets() <= openBefore, 'no socket and no server')
  })

  function open (): End {
    const end = new End(connect({ host: '127.0.0.1', port: link.port, allowHalfOpen: true }))
    ends.push(end)

    return end
  }

  async function openBoth (): Promise<[here: End, there: End]> {
    const here = open()

    return [here, await eventually(() => accepted[0], 'the connection')]
  }

  it('hands on what is said in both directions, and the end of each', async () => {
    const [here, there] = await openBoth()
    here.socket.end('hello')
    await eventually(() => there.hasEnded, 'the end')
    there.socket.end('good bye')
    await eventually(() => here.hasEnded, 'the other end')

    assert.deepEqual([there.text, here.text], ['hello', 'good bye'])
    await eventually(() => link.connections === 0, 'nothing to be left')
  })

  it('is as slow as told, and keeps the order when it is no longer', async () => {
    const [here, there] = await openBoth()
    const restore = link.delay(150)
    const begin = performance.now()
    here.socket.write('a')
    await turns(20)
    restore()
    here.socket.write('b')
    await eventually(() => there.text.length === 2, 'both')

    assert.equal(there.text, 'ab')
    assert(performance.now() - begin >= 149)
  })

  it('swallows everything in a hole, and lets it out afterwards, those included who have connected meanwhile', async () => {
    const [here, there] = await openBoth()
    const restore = [link.break('hole'), link.break('hole')]
    here.socket.write('from here')
    there.socket.write('from there')
    const late = open()
    late.socket.write('late')
    await eventually(() => link.connections === 2, 'the late one to wait')
    restore[0]!()
    await turns(50)
    assert.deepEqual([here.text, there.text, accepted.length, late.error], ['', '', 1, undefined], 'one of two is not over')

    restore[1]!()
    await eventually(() => here.text !== '' && there.text !== '' && accepted[1]?.text === 'late', 'everything')
    assert.deepEqual([here.text, there.text], ['from there', 'from here'])
  })

  it('swallows what one side says in half of a hole', async () => {
    const [here, there] = await openBoth()
    const restore = link.break('half-hole')
    here.socket.write('from here')
    there.socket.write('from there')
    await eventually(() => here.text === 'from there', 'the other direction')
    await turns(50)
    assert.equal(there.text, '')

    restore()
    await eventually(() => there.text === 'from here', 'the rest')
  })

  it('resets what is there when it is cut, and what comes until it is whole', async () => {
    const [here, there] = await openBoth()
    const restore = link.break('cut')
    const late = open()
    await eventually(() => here.error != null && there.error != null && late.error != null, 'the resets')
    restore()
    assert.deepEqual([here.error?.code, there.error?.code, late.error?.code], ['ECONNRESET', 'ECONNRESET', 'ECONNRESET'])

    const after = open()
    after.socket.write('again')
    await eventually(() => accepted[1]?.text === 'again', 'a connection that works')
  })

  it('tells each end of a reset by the other', async () => {
    const [here, there] = await openBoth()
    there.socket.resetAndDestroy()
    await eventually(() => here.error != null, 'the reset')

    assert.equal(here.error?.code, 'ECONNRESET')
  })

  it('reads no more than it may hold for a reader that does not read, and loses nothing of it', async () => {
    const [here, there] = await openBoth()
    const restore = link.break('half-hole')
    const bytes = new Uint8Array(4 * MAX_WAITING_BYTES)
    here.socket.write(bytes)
    await turns(200)
    assert(here.socket.writableLength > 0, 'the sender is held back')

    restore()
    await eventually(() => there.bytes === bytes.byteLength, 'all of it')
  })
})
