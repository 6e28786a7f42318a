import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { MAX_REQUEST_LENGTH, MAX_REQUESTS_UNDER_WAY, serveConnection } from '../../src/admin/connection.ts'
import { AdminLine } from '../support/admin-line.ts'
import { eventually } from '../support/eventually.ts'
import { useTempDir } from '../support/temp-dir.ts'
import type { Methods } from '../../src/admin/methods.ts'
import type { Server } from 'node:net'

describe('admin/connection', () => {
  const path = useTempDir()
  let server: Server | undefined
  let line: AdminLine

  async function open (methods: Methods, idleTimeout?: number): Promise<void> {
    server = createServer((socket) => { serveConnection(socket, { methods, ...(idleTimeout == null ? {} : { idleTimeout }) }) }).listen(path('s'))
    await once(server, 'listening')
    line = await AdminLine.open(path('s'))
  }

  afterEach(() => {
    line.socket.destroy()
    server?.close()
  })

  it('answers requests, each by its id, in whatever chunks they come', async () => {
    await open({ add: ({ a, b }) => Number(a) + Number(b), nothing: () => undefined })
    const text = '{"jsonrpc":"2.0","id":"x","method":"add","params":{"a":1,"b":2}}\n\n{"jsonrpc":"2.0","id":2,"method":"nothing"}\n'

    for (const part of text.match(/.{1,7}/gs) ?? []) {
      line.send(part)
    }

    assert.deepEqual([await line.next(), await line.next()], [
      { jsonrpc: '2.0', id: 'x', result: 3 }, { jsonrpc: '2.0', id: 2, result: null }
    ])
  })

  it('answers what is no request with what is wrong', async () => {
    await open({
      fails: async () => { throw new RangeError('too far') }
    })
    const cases: [string, unknown][] = [
      ['{', { id: null, error: { code: -32_700, message: 'Expected a line of JSON' } }],
      ['[]', { id: null, error: { code: -32_600, message: 'Expected an object' } }],
      ['{"jsonrpc":"2.0","method":"a"}', { id: null, error: { code: -32_600, message: 'Expected `id` to be a number or a text' } }],
      ['{"id":1,"method":"a"}', { id: 1, error: { code: -32_600, message: 'Expected `jsonrpc` to be "2.0" and `method` to be a text' } }],
      ['{"jsonrpc":"2.0","id":1,"method":"a","params":[1]}', { id: 1, error: { code: -32_602, message: 'Expected `params` to be an object' } }],
      ['{"jsonrpc":"2.0","id":1,"method":"a"}', { id: 1, error: { code: -32_601, message: 'Unknown method `a`' } }],
      ['{"jsonrpc":"2.0","id":1,"method":"toString"}', { id: 1, error: { code: -32_601, message: 'Unknown method `toString`' } }],
      ['{"jsonrpc":"2.0","id":1,"method":"fails"}', { id: 1, error: { code: -32_000, message: 'too far', data: { name: 'RangeError' } } }]
    ]

    for (const [text, answer] of cases) {
      line.send(`${text}\n`)
      assert.deepEqual(await line.next(), { jsonrpc: '2.0', ...answer as object })
    }
  })

  it('reads a request of N characters, and ends the connection at one of N + 1', async () => {
    await open({ length: ({ text }) => String(text).length })
    const request = (length: number): string => {
      const empty = '{"jsonrpc":"2.0","id":1,"method":"length","params":{"text":""}}'

      return empty.replace('""', `"${'x'.repeat(length - empty.length)}"`)
    }

    line.send(`${request(MAX_REQUEST_LENGTH)}\n`)
    assert('result' in await line.next())
    // it need not end
    line.send(request(MAX_REQUEST_LENGTH + 1))
    assert.deepEqual(await line.next(), {
      jsonrpc: '2.0', id: null, error: { code: -32_600, message: 'Expected a request of at most 65536 characters' }
    })
    await line.closed
  })

  it('works on N requests at a time, and takes the next one when one of them is done', async () => {
    const started: number[] = []
    const ends: (() => void)[] = []

    await open({
      wait: async ({ n }) => {
        started.push(Number(n))
        await new Promise<void>((resolve) => { ends.push(resolve) })
      }
    })

    for (let n = 1; n <= MAX_REQUESTS_UNDER_WAY + 2; n++) {
      line.ask(n, 'wait', { n })
    }

    await eventually(() => started.length === MAX_REQUESTS_UNDER_WAY, 'the first requests')
    ends[4]?.()
    assert.deepEqual(await line.next(), { jsonrpc: '2.0', id: 5, result: null })
    await eventually(() => started.length > MAX_REQUESTS_UNDER_WAY, 'one more request')
    assert.equal(started.length, MAX_REQUESTS_UNDER_WAY + 1)
  })

  it('tells a method that its connection has ended', async () => {
    const aborted = Promise.withResolvers<boolean>()
    const begun = Promise.withResolvers<undefined>()

    await open({
      wait: async (_, signal) => {
        signal.addEventListener('abort', () => { aborted.resolve(true) })
        begun.resolve(undefined)
        await aborted.promise
      }
    })
    line.ask(1, 'wait')
    await begun.promise
    line.socket.destroy()
    assert.equal(await aborted.promise, true)
  })

  it('works on nothing more of a client that does not read its answers', async () => {
    let calls = 0

    await open({
      large: () => {
        calls++
        return 'x'.repeat(4 * 1024 * 1024)
      }
    })
    line.socket.pause()

    for (let i = 0; i < 100; i++) {
      line.ask(i, 'large')
    }

    await eventually(() => calls > 0, 'a call')
    const before = calls
    assert(before <= MAX_REQUESTS_UNDER_WAY, `${before} calls`)
    line.socket.resume()
    await eventually(() => calls > before, 'one more call')
  })

  it('ends a connection that is silent', async () => {
    await open({}, 20)
    await line.closed
  })
})
