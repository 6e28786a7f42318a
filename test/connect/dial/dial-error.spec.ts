import assert from 'node:assert/strict'
import { ConfigError, DisconnectedError } from '../../../src/errors.ts'
import { noRoomError } from '../../../src/connect/connector.ts'
import { classifyDialError, dialErrorText, explainDialError, explainStreamError } from '../../../src/connect/dial/dial-error.ts'
import { withTimeLimit } from '../../../src/util/time-limit.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { DisconnectReason } from '../../../src/types/message.ts'

function disconnected (reason: DisconnectReason | undefined): DisconnectedError {
  return new DisconnectedError('The session has ended', { reason, byRemote: true })
}

function named (name: string, message = 'something', options?: ErrorOptions): Error {
  const error = new Error(message, options)
  error.name = name

  return error
}

describe('connect/dial/dial-error', () => {
  it('says what to do about an address that no transport dials, and leaves other errors alone', () => {
    const error = named('NoValidAddressesError')
    const explained = explainDialError(error, ['/ip4/127.0.0.1/tcp/1/ws']) as Error
    assert.deepEqual([explained.name, explained.cause], ['ConfigError', error])
    assert.match(explained.message, /^No transport of this node dials \/ip4\/127\.0\.0\.1\/tcp\/1\/ws\. A node loads WebSockets where/)
    assert.match((explainDialError(error, ['/ip4/127.0.0.1/tcp/1/tls/wss']) as Error).message, /loads WebSockets/)
    assert.match((explainDialError(error, ['/ip4/127.0.0.1/udp/1/quic-v1']) as Error).message, /loads QUIC where/)
    assert.match((explainDialError(error, ['/ip4/127.0.0.1/udp/1/webtransport']) as Error).message, /dials TCP/)
    const other = new Error('connection refused')
    assert.equal(explainDialError(other, ['/ip4/127.0.0.1/tcp/1/ws']), other)
    assert.equal(explainDialError('text', []), 'text')
  })

  it('says that nothing answers, where libp2p says only that an operation was aborted', async () => {
    const signal = AbortSignal.timeout(0)
    await new Promise((resolve) => { signal.addEventListener('abort', resolve, { once: true }) })
    const { message } = signal.reason as Error

    for (const [error, text] of [
      [signal.reason as Error, 'No answer in time'], [named('EncryptionFailedError', message), 'Connected, and then no answer in time']
    ] as const) {
      const explained = explainDialError(error, ['/ip4/127.0.0.1/tcp/1']) as Error
      assert.deepEqual([explained.name, explained.message, explained.cause], ['TimeoutError', text, error])
      assert.equal(dialErrorText(explained), text)
    }

    assert.equal(dialErrorText(new AggregateError([signal.reason], 'All dials failed')), 'All dials failed: No answer in time')
    const other = named('TimeoutError', 'another one')
    assert.equal(explainDialError(other, ['/ip4/127.0.0.1/tcp/1']), other)
  })

  it('says that nothing answers where this node has set the deadline, and whether the other end had taken the connection', async () => {
    const { promise: late, reject } = Promise.withResolvers<never>()
    const clock = new FakeClock()
    const limited = withTimeLimit({ clock, ms: 5 }, async (signal) => {
      signal.addEventListener('abort', () => { reject(signal.reason) })

      return late
    })
    limited.catch(() => {})
    await clock.advance(5)
    const error: unknown = await limited.catch((err: unknown) => err)

    for (const [isConnected, text] of [[false, 'No answer in time'], [true, 'Connected, and then no answer in time']] as const) {
      const explained = explainDialError(error, ['/ip4/127.0.0.1/tcp/1'], isConnected) as Error
      assert.deepEqual([explained.name, explained.message, explained.cause], ['TimeoutError', text, error])
      assert.equal(dialErrorText(explained), text)
      assert.equal(dialErrorText(new AggregateError([explained, explained], 'No address answers')), `No address answers: ${text}`)
    }

    assert.equal(dialErrorText(error), 'No answer in time')
  })

  it('says which node is at an address in place of another, once', () => {
    const [there, expected] = ['12D3KooWQBbUUPyZuYZwzykpWXpsAK6eQxqN2cn9Ln3kPw1Rfy5m', '12D3KooWJ3BJqVeq4hJfFUTkveiAXpqRQmzojEFPC723pBUnVpnH']
    const error = named('EncryptionFailedError', `Payload identity key ${there} does not match expected remote identity key ${expected}`)
    const text = `At /ip4/127.0.0.1/tcp/1 is the node ${there}, and not ${expected}. Ask its operator for the peer id behind \`/p2p/\``
    const explained = explainDialError(error, ['/ip4/127.0.0.1/tcp/1'], true) as Error
    assert.deepEqual([explained.name, explained.message, explained.cause], ['EncryptionFailedError', text, error])
    assert.deepEqual([dialErrorText(explained), classifyDialError(explained)], [text, classifyDialError(error)])
    const other = named('EncryptionFailedError', 'bad tag')
    assert.equal(explainDialError(other, [], true), other)
  })

  it('has the messages of an error and its causes, each once, cut', () => {
    const cause = new Error('connect ECONNREFUSED 127.0.0.1:1')
    assert.equal(dialErrorText(new Error('dial failed', { cause })), 'dial failed: connect ECONNREFUSED 127.0.0.1:1')
    assert.equal(dialErrorText(new AggregateError([cause, cause], 'All dials failed')), 'All dials failed: connect ECONNREFUSED 127.0.0.1:1')
    assert.equal(dialErrorText(new Error('x'.repeat(300))), 'x'.repeat(256))
  })

  for (const message of ['Can not dial self', 'Tried to dial self']) {
    it(`knows ourselves by libp2p's "${message}"`, () => {
      assert.equal(classifyDialError(named('DialError', message)), 'self')
    })
  }

  it('says that the peer has closed the connection, where it has ended, and goes on as with any peer that cannot be reached', () => {
    const [closing, eof] = [named('ConnectionClosedError', 'closing'), named('UnexpectedEOFError', 'Unexpected EOF')]
    const explained = [
      explainDialError(closing, []), explainStreamError(closing, { status: 'open' }),
      explainStreamError(eof, { status: 'closing' }), explainStreamError(eof, { status: 'closed' })
    ]

    for (const [i, error] of explained.entries()) {
      assert.ok(error instanceof DisconnectedError)
      assert.match(error.message, /^The peer has closed the connection before there was a session: it has banned this node/)
      assert.deepEqual([error.name, error.byRemote, error.reason, classifyDialError(error)], ['DisconnectedError', true, undefined, 'unreachable'])
      assert.equal(error.cause, i < 2 ? closing : eof)
    }
  })

  it('leaves an error of a connection that is open as it is, and one of a peer that was not reached', () => {
    const eof = named('UnexpectedEOFError')
    assert.equal(explainStreamError(eof, { status: 'open' }), eof)
    assert.equal(explainStreamError('text', { status: 'open' }), 'text')
    assert.equal(explainDialError(eof, []), eof)
  })

  it('says which address leads to this node itself, also among several errors', () => {
    for (const error of [named('DialError', 'Tried to dial self'), new AggregateError([named('InvalidPeerIdError', 'Can not dial self')])]) {
      const explained = explainDialError(error, ['/ip4/127.0.0.1/tcp/1'])
      assert.ok(explained instanceof ConfigError)
      assert.equal(explained.message, '/ip4/127.0.0.1/tcp/1 leads to this node itself. Give the address of another node')
      assert.deepEqual([explained.cause, classifyDialError(explained)], [error, 'self'])
    }
  })

  it('takes a mere mention of something like it for nothing', () => {
    assert.equal(classifyDialError(new Error('dial selfless, medial self')), 'unreachable')
  })

  it('takes a peer that does not speak our protocol for unreachable: it may be starting, or stopping', () => {
    assert.equal(classifyDialError(named('UnsupportedProtocolError')), 'unreachable')
  })

  it('goes by the reason that a session ended with', () => {
    assert.equal(classifyDialError(disconnected('TOO_MANY_CONNECTIONS')), 'full')
    assert.equal(classifyDialError(disconnected('WRONG_NETWORK')), 'incompatible')
    assert.equal(classifyDialError(disconnected('BANNED')), 'unwanted')
    assert.equal(classifyDialError(disconnected('SHUTDOWN')), 'unreachable')
    assert.equal(classifyDialError(disconnected(undefined)), 'unreachable')
  })

  it('tells a peer that is full from our own slots, which others have taken meanwhile', () => {
    assert.equal(classifyDialError(noRoomError()), 'late')
    assert.equal(classifyDialError(disconnected('TOO_MANY_CONNECTIONS')), 'full')
  })

  for (const thrown of [named('TimeoutError'), named('ConnectionFailedError'), 'text', undefined, null, 7, { message: 'dial self' }]) {
    it(`takes ${thrown instanceof Error ? thrown.name : JSON.stringify(thrown) ?? 'undefined'} for unreachable`, () => {
      assert.equal(classifyDialError(thrown), 'unreachable')
    })
  }

  it('looks into the causes of an error, however deep', () => {
    const deep = named('A', 'a', { cause: named('B', 'b', { cause: named('C', 'c', { cause: disconnected('BANNED') }) }) })

    assert.equal(classifyDialError(deep), 'unwanted')
  })

  it('looks into what an error of several addresses was made of', () => {
    const several = new AggregateError([named('TimeoutError'), disconnected('TOO_MANY_CONNECTIONS'), named('AbortError')])

    assert.equal(classifyDialError(several), 'full')
  })

  it('looks into errors of several addresses inside others, and inside causes', () => {
    const inner = new AggregateError([named('TimeoutError'), named('DialError', 'failed', { cause: disconnected('WRONG_NETWORK') })])
    const outer = new AggregateError([named('AbortError'), new Error('all failed', { cause: inner })])

    assert.equal(classifyDialError(outer), 'incompatible')
  })

  it('takes ourselves before everything else', () => {
    const several = new AggregateError([disconnected('BANNED'), named('UnsupportedProtocolError'), named('DialError', 'Tried to dial self')])

    assert.equal(classifyDialError(several), 'self')
  })

  it('takes a reason to disconnect before another protocol', () => {
    assert.equal(classifyDialError(new AggregateError([named('UnsupportedProtocolError'), disconnected('BANNED')])), 'unwanted')
  })

  it('goes by the first of several reasons', () => {
    assert.equal(classifyDialError(new AggregateError([disconnected('BANNED'), disconnected('WRONG_NETWORK')])), 'unwanted')
  })

  it('passes over parts that are no errors', () => {
    assert.equal(classifyDialError(new AggregateError(['text', undefined, null, disconnected('BANNED')])), 'unwanted')
  })

  it('comes to an end with errors that are causes of each other', () => {
    const self = named('A')
    self.cause = self
    const a = named('A')
    const b = named('B', 'b', { cause: a })
    a.cause = b
    const several = new AggregateError([a, b])
    several.errors.push(several)

    assert.equal(classifyDialError(self), 'unreachable')
    assert.equal(classifyDialError(b), 'unreachable')
    assert.equal(classifyDialError(several), 'unreachable')
  })
})
