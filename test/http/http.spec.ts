import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { eventually } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { serveStatus } from '../../src/http/http.ts'
import { createPages, METRICS_TIMEOUT_MS } from '../../src/http/pages.ts'
import { listen, MAX_HTTP_CONNECTIONS, MAX_HTTP_HEAD_BYTES } from '../../src/http/server.ts'
import type { HttpOptions } from '../../src/http/http.ts'
import type { StatusFacts } from '../../src/http/pages.ts'
import type { HttpServer } from '../../src/http/server.ts'
import type { IncomingHttpHeaders, RequestOptions } from 'node:http'
import type { Socket } from 'node:net'

interface Reply { status: number | undefined, headers: IncomingHttpHeaders, body: string }

const READY: StatusFacts = { uptime: 1, peers: [{}], sync: { state: 'synced', behind: 0 } }

describe('http/http', () => {
  let facts: StatusFacts
  let server: HttpServer
  const network = { status: () => facts }

  async function serve (options: HttpOptions = {}): Promise<HttpServer> {
    await server?.close()
    server = await serveStatus(network, { port: 0, ...options })

    return server
  }

  async function ask (path: string, options: RequestOptions & { body?: string } = {}): Promise<Reply> {
    const { port } = new URL(server.url)
    const sent = request({ host: '127.0.0.1', port, path, agent: false, ...options })
    sent.end(options.body)
    const [response] = await once(sent, 'response') as [AsyncIterable<Buffer> & { statusCode?: number, headers: IncomingHttpHeaders }]
    const chunks: Buffer[] = []

    for await (const chunk of response) {
      chunks.push(chunk)
    }

    return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() }
  }

  async function open (): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(server.url).port) })
    socket.on('error', () => {})
    await once(socket, 'connect')

    return socket
  }

  beforeEach(async () => {
    facts = READY
    await serve()
  })

  afterEach(async () => { await server.close() })

  it('tells everything of the node at /status', async () => {
    facts = { ...READY, more: { of: 'it' } } as StatusFacts
    const { status, headers, body } = await ask('/status')

    assert.equal(status, 200)
    assert.equal(headers['content-type'], 'application/json; charset=utf-8')
    assert.equal(headers['cache-control'], 'no-store')
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin')
    assert.equal(headers['access-control-allow-origin'], undefined)
    assert.deepEqual(JSON.parse(body), facts)
  })

  it('says at /healthz whether the node runs', async () => {
    assert.deepEqual([(await ask('/healthz')).status, (await ask('/healthz')).body], [200, 'ok\n'])
    facts = { ...READY, uptime: 0 }
    assert.equal((await ask('/healthz')).status, 503)
  })

  it('says at /readyz whether it has peers and is in step, and why not', async () => {
    assert.deepEqual(JSON.parse((await ask('/readyz')).body), { ready: true, peers: 1, sync: 'synced', behind: 0, why: [] })

    facts = { uptime: 0, peers: [], sync: { state: 'behind', behind: 3 } }
    const { status, body } = await ask('/readyz')
    assert.equal(status, 503)
    assert.deepEqual(JSON.parse(body), {
      ready: false,
      peers: 0,
      sync: 'behind',
      behind: 3,
      why: ['the node does not run', 'expected 1 peer, got 0', '3 blocks behind its peers']
    })
  })

  it('is not ready where all that peers say to have is not believed, and says how the last synchronisation has failed', async () => {
    const doubted = [{ nodeId: 'mallory', peer: 'a', claimed: 5000 }, { nodeId: '', peer: 'b', claimed: 9 }]
    facts = { ...READY, sync: { state: 'unknown', behind: 0, doubted } }
    const { status, body } = await ask('/readyz')
    assert.equal(status, 503)
    assert.deepEqual((JSON.parse(body) as { why: string[] }).why, [
      'no peer to compare with: mallory claims block 5000 and did not send what it was asked for, b claims block 9 and did not send what it was asked for'
    ])
    facts = { ...READY, sync: { state: 'behind', behind: 9, lastEnd: { error: 'The chain could not append block 5' } } }
    assert.deepEqual((JSON.parse((await ask('/readyz')).body) as { why: string[] }).why, [
      '9 blocks behind its peers, the last synchronisation failed: The chain could not append block 5'
    ])
    facts = { ...READY, sync: { state: 'synced', behind: 0, doubted } }
    assert.equal((await ask('/readyz')).status, 200)
  })

  it('is ready without a chain, up to `maxBehind` blocks behind, and from `minPeers` peers on', async () => {
    facts = { ...READY, sync: { state: 'unknown', behind: 0 } }
    assert.equal((await ask('/readyz')).status, 200)
    facts = { ...READY, sync: { state: 'behind', behind: 2 } }
    assert.equal((await ask('/readyz')).status, 200)
    await serve({ maxBehind: 1, minPeers: 2 })
    assert.deepEqual((JSON.parse((await ask('/readyz')).body) as { why: string[] }).why, ['expected 2 peers, got 1', '2 blocks behind its peers'])
    facts = { ...READY, peers: [{}, {}], sync: { state: 'behind', behind: 1 } }
    assert.equal((await ask('/readyz')).status, 200)
  })

  it('has /metrics where it has a registry, and lists its pages', async () => {
    assert.equal((await ask('/metrics')).status, 404)
    assert.equal((await ask('/')).body, '/healthz\n/readyz\n/status\n')
    await serve({ registry: { contentType: 'text/plain; version=0.0.4', metrics: async () => 'a 1\n' } })

    const { status, headers, body } = await ask('/metrics?x=y')
    assert.deepEqual([status, headers['content-type'], body], [200, 'text/plain; version=0.0.4', 'a 1\n'])
    assert.equal((await ask('/')).body, '/healthz\n/readyz\n/status\n/metrics\n')
  })

  it('makes the metrics once for all who ask at the same time', async () => {
    let calls = 0
    const made = Promise.withResolvers<string>()
    await serve({ registry: { contentType: 'text/plain', metrics: async () => { calls++; return made.promise } } })
    const asked = [ask('/metrics'), ask('/metrics')]
    await eventually(() => calls === 1, 'the first request')
    const third = ask('/metrics')
    await ask('/healthz')
    made.resolve('a 1\n')

    assert.deepEqual((await Promise.all([...asked, third])).map(({ body }) => body), ['a 1\n', 'a 1\n', 'a 1\n'])
    assert.equal(calls, 1)
    await ask('/metrics')
    assert.equal(calls, 2)
  })

  it('waits METRICS_TIMEOUT_MS for metrics, and no longer', async () => {
    const clock = new FakeClock()
    const registry = { contentType: 'text/plain', metrics: async () => new Promise<string>(() => {}) }
    const pages = createPages({ network, registry, clock, ready: { minPeers: 1, maxBehind: 2 } })
    let answer: number | undefined
    const asked = pages('/metrics').then((page) => { answer = page?.status })
    await clock.advance(METRICS_TIMEOUT_MS - 1)
    await ask('/healthz')
    assert.equal(answer, undefined)
    await clock.advance(1)
    await asked
    assert.equal(answer, 503)
  })

  it('answers with 500 where a page fails, and goes on', async () => {
    await serve({ registry: { contentType: 'text/plain', metrics: async () => { throw new Error('a bug') } } })
    const { status, body } = await ask('/metrics')

    assert.deepEqual([status, body], [500, 'The page could not be made: a bug\n'])
    assert.equal((await ask('/healthz')).status, 200)
  })

  it('answers GET and HEAD of its own pages only', async () => {
    assert.deepEqual([(await ask('/nothing')).status, (await ask('/constructor')).status, (await ask('/status/')).status], [404, 404, 404])
    const head = await ask('/status', { method: 'HEAD' })
    assert.deepEqual([head.status, head.body], [200, ''])
    assert.ok(Number(head.headers['content-length']) > 0)

    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']) {
      const { status, headers } = await ask('/status', { method })
      assert.deepEqual([status, headers.allow], [405, 'GET, HEAD'])
    }
  })

  it('takes no body', async () => {
    const { status, headers } = await ask('/status', { method: 'POST', body: 'x' })
    assert.deepEqual([status, headers.connection], [413, 'close'])
  })

  for (const host of ['localhost', 'LOCALHOST:9464', '127.0.0.1', '127.0.0.1:9464', '[::1]:9464', '10.1.2.3', 'node.example.org', 'Node.Example.org:80']) {
    it(`goes by the name ${host}`, async () => {
      await serve({ names: ['node.example.org'] })
      assert.equal((await ask('/status', { headers: { host } })).status, 200)
    })
  }

  for (const host of ['evil.example.org', 'localhost.evil.example.org', '127.0.0.1.evil.example.org', 'localhost:x', '[::1', 'a@localhost', '127.0.0.1:9464:1']) {
    it(`refuses the name ${host}, which a web page may have led here`, async () => {
      const { status, body } = await ask('/status', { headers: { host } })
      assert.equal(status, 403)
      assert.doesNotMatch(body, /uptime/)
    })
  }

  it('does nothing for pages of other sites, and follows links', async () => {
    const host = new URL(server.url).host
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, { 'sec-fetch-site': 'same-site' },
      { ...link, 'sec-fetch-dest': 'iframe' }
    ]

    for (const headers of foreign) {
      assert.equal((await ask('/status', { headers: { host, ...headers } })).status, 403, JSON.stringify(headers))
    }

    for (const headers of [{}, link, { 'sec-fetch-site': 'none' }, { 'sec-fetch-site': 'same-origin', origin: `http://${host}` }, { origin: `http://${host}` }]) {
      assert.equal((await ask('/status', { headers: { host, ...headers } })).status, 200, JSON.stringify(headers))
    }
  })

  it('answers who says no name, which no browser does, and not who says an empty one', async () => {
    const answers = await Promise.all(['HTTP/1.0\r\n\r\n', 'HTTP/1.1\r\nHost:\r\n\r\n'].map(async (rest) => {
      const socket = await open()
      socket.end(`GET /healthz ${rest}`)

      return String((await once(socket, 'data'))[0]).slice(9, 12)
    }))

    assert.deepEqual(answers, ['200', '403'])
  })

  it('listens on loopback alone, unless it is told twice', async () => {
    assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+$/)

    for (const host of ['0.0.0.0', '::', '10.0.0.1', '126.255.255.255', '128.0.0.1', '::2', '::ffff:10.0.0.1']) {
      await assert.rejects(serveStatus(network, { host, port: 0 }), { name: 'ConfigError', message: /^Expected `host` to be an address of loopback/ })
    }

    for (const options of [{ host: 'localhost' }, { host: '127.0.0.2' }, { host: '0.0.0.0', public: true }]) {
      const other = await serveStatus(network, { port: 0, ...options })
      assert.equal(new URL(other.url).hostname, options.host)
      await other.close()
    }
  })

  it('refuses options that cannot be used', async () => {
    const wrong: [HttpOptions, RegExp][] = [
      [{ port: -1 }, /^Expected `port` to be an integer from 0 to 65535, got -1$/],
      [{ port: 65_536 }, /`port`/],
      [{ port: '80' as never }, /`port`/],
      [{ minPeers: 0.5 }, /`minPeers`/],
      [{ maxBehind: -1 }, /`maxBehind`/],
      [{ host: 'node.example.org' }, /^Expected `host` to be an IP address or "localhost", got "node.example.org"$/],
      [{ host: 5 as never }, /`host`/],
      [{ names: 'a' as never }, /^Expected `names` to be an array of host names$/],
      [{ hosts: '::1' } as never, /^Unknown option `hosts`, did you mean `host`\?$/]
    ]

    for (const [options, message] of wrong) {
      await assert.rejects(serveStatus(network, { port: 0, ...options }), { name: 'ConfigError', message })
    }
  })

  it('says what to do where the port is taken', async () => {
    const port = Number(new URL(server.url).port)

    await assert.rejects(serveStatus(network, { port }), {
      name: 'ListenError', message: `Could not serve HTTP on 127.0.0.1:${port}: the port is taken. End what listens there, or give another port (EADDRINUSE)`
    })
  })

  for (const bytes of ['\0\0\0', 'GET\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n', 'GET / HTTP/1.1\r\nHost:\r\n\r\n', 'GET / HTTP/9.9\r\nHost: localhost\r\n\r\n', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03']) {
    it(`survives ${JSON.stringify(bytes)}`, async () => {
      const socket = await open()
      socket.resume()
      socket.end(bytes, 'latin1')
      await once(socket, 'close')
      assert.equal((await ask('/healthz')).status, 200)
    })
  }

  for (const path of ['//', '/%', '/%00', '*', 'http://127.0.0.1/healthz', 'http://[', '/../../etc/passwd', `/${'a'.repeat(4000)}`]) {
    it(`survives a request for ${JSON.stringify(path.slice(0, 30))}`, async () => {
      const socket = await open()
      socket.end(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
      const [answer] = await once(socket, 'data') as [Buffer]
      assert.match(answer.toString(), path === 'http://127.0.0.1/healthz' ? /^HTTP\/1\.1 200/ : path === '//' ? /^HTTP\/1\.1 (200|404)/ : /^HTTP\/1\.1 404/)
    })
  }

  it('reads no head of more than MAX_HTTP_HEAD_BYTES', async () => {
    const headOf = (bytes: number): string => {
      const lines = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: '

      return `${lines}${'x'.repeat(bytes - lines.length - 4)}\r\n\r\n`
    }

    const fits = await open()
    fits.write(headOf(MAX_HTTP_HEAD_BYTES - 64))
    assert.match(String((await once(fits, 'data'))[0]), /^HTTP\/1\.1 200/)
    fits.destroy()
    const tooLong = await open()
    let answer = ''
    tooLong.on('data', (chunk: Buffer) => { answer += chunk.toString() })
    tooLong.write(headOf(MAX_HTTP_HEAD_BYTES + 1024))
    await once(tooLong, 'close')
    assert.equal(answer, '')
  })

  it('serves MAX_HTTP_CONNECTIONS at a time, and closes the next', async () => {
    const sockets = await Promise.all(Array.from({ length: MAX_HTTP_CONNECTIONS }, open))
    const next = await open()
    await once(next, 'close')
    sockets[0]!.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
    assert.match(String((await once(sockets[0]!, 'data'))[0]), /^HTTP\/1\.1 200/)
    sockets.forEach((socket) => { socket.destroy() })
  })

  it('closes a connection that does not bring its request in time', async () => {
    await server.close()
    server = await listen({ host: '127.0.0.1', port: 0, names: [], pages: async () => undefined, requestTimeout: 100 })
    const socket = await open()
    socket.resume()
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n')
    await once(socket, 'close')
  })

  it('ends with its connections, also those that wait', async () => {
    const socket = await open()
    socket.resume()
    await Promise.all([server.close(), server.close(), once(socket, 'close')])
  })
})
