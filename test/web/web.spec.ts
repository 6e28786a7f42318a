import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { connect } from 'node:net'
import { MAX_COMMAND_BYTES, MAX_WEB_CONNECTIONS, MAX_WEB_HEAD_BYTES, serveWeb } from '../../src/web/web.ts'
import { TransactionTravels } from '../../src/web/transaction-travels.ts'
import type { WebCommand, WebFrame, WebHello, WebSource } from '../../src/web/protocol.ts'
import type { WebServer } from '../../src/web/web.ts'
import type { Server } from 'node:http'

class FakeSource implements WebSource {
  readonly transactions: TransactionTravels = new TransactionTravels()
  readonly acts: WebCommand[] = []
  error: Error | undefined

  hello (): WebHello {
    return { kind: 'devnet', network: 'test', genesisHash: '', webSocket: null, home: null, actions: ['kill'] }
  }

  async frame (): Promise<WebFrame> {
    return { at: 1, nodes: [] }
  }

  subscribe (): () => void {
    return () => {}
  }

  async act (command: WebCommand): Promise<void> {
    this.acts.push(command)

    if (this.error != null) {
      throw this.error
    }
  }
}

const FILES = new Map([['/', { content: Buffer.from('<!doctype html>'), contentType: 'text/html; charset=utf-8' }]])

describe('web/web', () => {
  let source: FakeSource
  let server: WebServer

  beforeEach(async () => {
    source = new FakeSource()
    server = await serveWeb({ source, host: '127.0.0.1', port: 0, files: FILES })
  })

  afterEach(async () => {
    await server.close()
  })

  async function act (body: string, headers: Record<string, string> = { 'x-vibecoin-page': '1' }): Promise<{ status: number, text: string }> {
    const response = await fetch(`${server.url}act`, { method: 'POST', body, headers })

    return { status: response.status, text: (await response.text()).trim() }
  }

  /** The first line of the answer to a request of any kind. */
  async function ask (head: string): Promise<string> {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    const closed = once(socket, 'close').then(() => { throw new Error('The connection was closed') })
    closed.catch(() => {})
    socket.write(`${head}\r\nconnection: close\r\n\r\n`)
    const [chunk] = await Promise.race([once(socket, 'data'), closed]) as [Buffer]
    socket.destroy()

    return String(chunk).split('\r\n')[0]!
  }

  it('serves the files of the page, and lets nothing be loaded from elsewhere', async () => {
    const response = await fetch(server.url)
    assert.equal(await response.text(), '<!doctype html>')
    assert.match(response.headers.get('content-security-policy')!, /default-src 'none'; script-src 'self'; .*frame-ancestors 'none'/)
    assert.equal((await fetch(`${server.url}../../package.json`)).status, 404)
    assert.equal((await fetch(`${server.url}nothing`)).status, 404)
  })

  it('tells the page what happens as server-sent events', async () => {
    const response = await fetch(`${server.url}events`)
    assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
    const { value } = await response.body!.getReader().read()
    assert.match(Buffer.from(value!).toString(), /^event: hello\ndata: \{"kind":"devnet"/)
  })

  it('does what the page asks for, and says why where it cannot', async () => {
    assert.deepEqual(await act('{"action":"kill","node":"node-1"}'), { status: 200, text: 'done' })
    assert.deepEqual(source.acts, [{ action: 'kill', node: 'node-1' }])
    source.error = new Error('There is no node node-9')
    assert.deepEqual(await act('{"action":"heal"}'), { status: 409, text: 'There is no node node-9' })
  })

  it('does nothing for another site, which cannot send the header of the page', async () => {
    assert.equal((await act('{"action":"heal"}', {})).status, 403)
    assert.deepEqual(source.acts, [])
  })

  it('refuses what is no command', async () => {
    for (const body of ['', 'null', '[]', '{"action":"explode"}', '{"action":"kill","node":7}', 'x'.repeat(MAX_COMMAND_BYTES + 1)]) {
      assert.equal((await act(body)).status, 400, body.slice(0, 30))
    }

    assert.deepEqual(source.acts, [])
    const padded = '{"action":"heal"}'.padEnd(MAX_COMMAND_BYTES)
    assert.equal((await act(padded)).status, 200)
  })

  it('gives nothing for a path that leads out of the page, however it is written', async () => {
    for (const path of ['/../package.json', '/..%2fpackage.json', '/%2e%2e/package.json', '//etc/passwd', '/page/../../package.json', '/\\..\\package.json', '/__proto__', '/constructor']) {
      assert.equal(await ask(`GET ${path} HTTP/1.1\r\nhost: localhost`), 'HTTP/1.1 404 Not Found', path)
    }
  })

  it('does nothing for pages of other sites, also where they cannot read the answer', async () => {
    const foreign = [
      'origin: https://evil.example', 'origin: null', 'sec-fetch-site: cross-site', 'sec-fetch-site: same-site',
      'sec-fetch-site: cross-site\r\nsec-fetch-mode: navigate\r\nsec-fetch-dest: iframe'
    ]

    for (const header of foreign) {
      assert.equal(await ask(`GET /events HTTP/1.1\r\nhost: localhost\r\n${header}`), 'HTTP/1.1 403 Forbidden', header)
      assert.equal(await ask(`POST /act HTTP/1.1\r\nhost: localhost\r\nx-vibecoin-page: 1\r\ncontent-length: 0\r\n${header}`), 'HTTP/1.1 403 Forbidden', header)
    }

    // what a browser asks before it sends a header of a page
    const preflight = await fetch(`${server.url}act`, { method: 'OPTIONS', headers: { origin: 'https://evil.example', 'access-control-request-headers': 'x-vibecoin-page' } })
    assert.deepEqual([preflight.status, preflight.headers.get('access-control-allow-origin')], [403, null])

    for (const header of ['sec-fetch-site: same-origin', 'sec-fetch-site: none', 'sec-fetch-site: cross-site\r\nsec-fetch-mode: navigate\r\nsec-fetch-dest: document', `origin: ${server.url.slice(0, -1)}`]) {
      assert.equal(await ask(`GET / HTTP/1.1\r\nhost: ${new URL(server.url).host}\r\n${header}`), 'HTTP/1.1 200 OK', header)
    }
  })

  it('closes a connection that does not bring its request in time, head or body', async () => {
    const slow = await serveWeb({ source, host: '127.0.0.1', port: 0, files: FILES, requestTimeout: 100 })

    for (const part of ['GET / HTTP/1.1\r\nhost: localh', 'POST /act HTTP/1.1\r\nhost: localhost\r\nx-vibecoin-page: 1\r\ncontent-length: 100\r\n\r\n{']) {
      const socket = connect(Number(new URL(slow.url).port), '127.0.0.1').resume()
      socket.write(part)
      await once(socket, 'close')
    }

    assert.deepEqual(source.acts, [])
    await slow.close()
  })

  it('reads no head of more than MAX_WEB_HEAD_BYTES', async () => {
    const head = (bytes: number): string => {
      const text = 'GET / HTTP/1.1\r\nhost: localhost\r\nx: '

      return `${text}${'x'.repeat(bytes - text.length - '\r\nconnection: close\r\n\r\n'.length)}`
    }

    assert.equal(await ask(head(MAX_WEB_HEAD_BYTES - 64)), 'HTTP/1.1 200 OK')
    await assert.rejects(ask(head(MAX_WEB_HEAD_BYTES + 64)))
  })

  it('serves MAX_WEB_CONNECTIONS at a time, and closes the next', async () => {
    const port = Number(new URL(server.url).port)
    const sockets = await Promise.all(Array.from({ length: MAX_WEB_CONNECTIONS }, async () => {
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')

      return socket
    }))
    sockets.at(-1)!.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
    assert.match(String((await once(sockets.at(-1)!, 'data'))[0]), /^HTTP\/1.1 200 OK/)
    const further = connect(port, '127.0.0.1').resume()
    await once(further, 'close')
    sockets.forEach((socket) => { socket.destroy() })
  })

  it('goes on where a connection could not be accepted', async () => {
    const inside: Server[] = []
    const onRequest = (message: unknown): void => { inside.push((message as { server: Server }).server) }
    subscribe('http.server.request.start', onRequest)
    await ask('GET / HTTP/1.1\r\nhost: localhost')
    unsubscribe('http.server.request.start', onRequest)
    // as where there is no file descriptor left for it: without a listener the error would end the process
    inside[0]!.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }))
    assert.equal(await ask('GET / HTTP/1.1\r\nhost: localhost'), 'HTTP/1.1 200 OK')
  })

  it('answers to no other name, which a site could have led here', async () => {
    assert.equal(await ask('GET / HTTP/1.1\r\nhost: evil.example'), 'HTTP/1.1 421 Misdirected Request')
    assert.equal(await ask('GET / HTTP/1.1\r\nhost: localhost:80'), 'HTTP/1.1 200 OK')
  })

  it('answers other methods and other addresses for posts with 405', async () => {
    assert.equal((await fetch(server.url, { method: 'DELETE' })).status, 405)
    assert.equal((await fetch(server.url, { method: 'POST' })).status, 405)
  })

  it('listens on no address that others can reach, unless told so', async () => {
    await assert.rejects(serveWeb({ source, host: '0.0.0.0', port: 0, files: FILES }), { name: 'ConfigError' })
  })

  it('throws a ListenError where the port is taken', async () => {
    const port = Number(new URL(server.url).port)
    await assert.rejects(serveWeb({ source, host: '127.0.0.1', port, files: FILES }), { name: 'ListenError', message: new RegExp(`127.0.0.1:${port}`) })
  })

  it('ends open pages when it is closed, and may be closed twice', async () => {
    const response = await fetch(`${server.url}events`)
    const reader = response.body!.getReader()
    await reader.read()
    await server.close()
    await assert.rejects((async () => { while (!(await reader.read()).done); })())
    await server.close()
  })
})
