import { encodeMessage } from '../../../codec/message.ts'
import { expectDisconnect, expectGoesOn, expectThat, expectViolation, expectWelcome } from '../expect.ts'
import { CheckFailure } from '../../failure.ts'
import { BODY, field, frame, pingBody, unknownMessage } from '../raw.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'
import type { WireMessage } from '../../../types/message.ts'

const SECTION = 'Handshake'
const AT_ONCE = 'Both sides send `Handshake` as their first frame, at once, without waiting for the other\'s.'
const NOTHING_ELSE = 'Until a side has accepted the other\'s handshake it sends nothing else.'
const FIRST = 'Anything but `Handshake` or `Disconnect` that it gets before is a violation, messages of an unknown kind included.'
const IN_TIME = 'The handshake must be done within 10 s of the opening of the stream (ours: `handshakeTimeout`), and nothing a peer sends extends that: else `TIMEOUT`.'

/** How long a handshake may take, in ms. */
const HANDSHAKE_MS = 10_000
/** How much later its end may come, on a machine that is busy with other things. */
const SLACK_MS = 8000

/** Anything but a handshake, as the first frame. */
function tooEarly (id: string, what: string, message: WireMessage | Uint8Array): Check {
  return {
    id,
    title: `refuses ${what} before the handshake`,
    section: SECTION,
    text: FIRST,
    manners: 'ban',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.open()
      link.sendFrame(message instanceof Uint8Array ? message : encodeMessage(message))
      await expectViolation(link, `${what} as the first frame`)
      expectThat(link.arrivals.every(({ message }) => message?.type === 'handshake' || message?.type === 'disconnect'), {
        expected: 'nothing but Handshake and Disconnect', seen: link.seen
      })
    }
  }
}

function handshakeFrame (context: CheckContext): Uint8Array {
  return frame(encodeMessage({ type: 'handshake', node: context.node() }))
}

/** How a session begins. */
export const HANDSHAKE_CHECKS: readonly Check[] = [
  {
    id: 'handshake-at-once',
    title: 'sends its handshake first, without waiting for the other\'s',
    section: SECTION,
    text: AT_ONCE,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.open()
      await link.next('handshake')
      expectThat(link.arrivals[0]?.message?.type === 'handshake', { expected: 'Handshake as the first frame', seen: link.seen })
    }
  },
  {
    id: 'handshake-nothing-else',
    title: 'sends nothing but its handshake before it has accepted the other\'s',
    section: SECTION,
    text: NOTHING_ELSE,
    manners: 'polite',
    lasts: 1500,
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.open()
      await link.next('handshake')
      await link.until(() => link.arrivals.length > 1 || link.closure != null, 1500)
      expectThat(link.arrivals.length === 1 && link.closure == null, { expected: 'nothing after its Handshake for 1.5 s', seen: link.seen })
    }
  },
  {
    id: 'handshake-version',
    title: 'speaks version 1',
    section: 'Versions',
    text: 'A node speaks the versions from `min_protocol_version` to `protocol_version`.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const { protocolVersion, minProtocolVersion } = context.target.node
      const least = minProtocolVersion == null || minProtocolVersion === 0 ? protocolVersion : minProtocolVersion
      expectThat(least <= 1 && protocolVersion >= 1, { expected: 'version 1 among those that it speaks', seen: `${least} to ${protocolVersion}` })
    }
  },
  {
    id: 'handshake-tip',
    title: 'says the genesis hash as its tip at height 0',
    section: SECTION,
    text: '`best_height` and `best_hash` are the tip of the sender\'s chain; a node without a chain sends 0 and the genesis hash.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const { bestHeight, bestHash, genesisHash } = context.target.node

      if (bestHeight > 0) {
        context.skip(`the target is at height ${bestHeight}`)
      }

      expectThat(Buffer.compare(bestHash, genesisHash) === 0, {
        expected: `best_hash ${Buffer.from(genesisHash).toString('hex')}`, seen: Buffer.from(bestHash).toString('hex')
      })
    }
  },
  {
    id: 'handshake-addresses',
    title: 'claims addresses that end with no other peer\'s id',
    section: SECTION,
    text: 'Each may end with `/p2p/` and the sender\'s own peer id, or not.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const { multiaddr } = await import('@multiformats/multiaddr')

      for (const bytes of context.target.node.listenAddrs) {
        const last = multiaddr(bytes).getComponents().at(-1)
        expectThat(last?.name !== 'p2p' || last.value === context.target.id, {
          expected: `an address without a peer id, or with ${context.target.id}`, seen: multiaddr(bytes).toString()
        })
      }
    }
  },
  {
    id: 'handshake-late',
    title: 'takes a handshake that comes 4 s after the stream was opened',
    section: SECTION,
    text: IN_TIME,
    manners: 'polite',
    lasts: 4000,
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.open()
      await link.until(() => link.closure != null, 4000)
      link.sendBytes(handshakeFrame(context))
      await expectGoesOn(link, 'a handshake that came 4 s after the stream was opened')
    }
  },
  {
    id: 'handshake-timeout',
    title: 'ends a stream on which no handshake comes, after 10 s',
    section: SECTION,
    text: IN_TIME,
    manners: 'rude',
    lasts: HANDSHAKE_MS + SLACK_MS,
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.open()
      await expectDisconnect(link, ['TIMEOUT'], { ms: HANDSHAKE_MS + SLACK_MS, why: 'silence of 10 s' })
    }
  },
  {
    id: 'handshake-timeout-trickle',
    title: 'gives no more than 10 s to a handshake that comes a byte at a time',
    section: SECTION,
    text: IN_TIME,
    manners: 'rude',
    lasts: HANDSHAKE_MS + SLACK_MS,
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.open()
      const bytes = handshakeFrame(context)

      for (let at = 0; at < bytes.byteLength - 1 && link.closure == null && link.age < HANDSHAKE_MS + SLACK_MS; at++) {
        link.sendBytes(bytes.subarray(at, at + 1))
        await link.until(() => link.closure != null, 200)
      }

      await expectDisconnect(link, ['TIMEOUT'], { why: 'a handshake that trickles' })
      expectThat(link.age < HANDSHAKE_MS + SLACK_MS, { expected: 'the end after 10 s', seen: link.seen })
    }
  },
  tooEarly('handshake-ping-first', 'a Ping', { type: 'ping', nonce: 1n, bestHeight: 0 }),
  tooEarly('handshake-request-first', 'a RequestBlock', { type: 'requestBlock', height: 0 }),
  tooEarly('handshake-have-first', 'a Have', { type: 'have', digests: [] }),
  tooEarly('handshake-unknown-first', 'a message of an unknown kind', unknownMessage(20)),
  {
    id: 'handshake-twice',
    title: 'refuses a second handshake',
    section: 'Violations and what is tolerated',
    text: 'a second `Handshake`',
    manners: 'ban',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.sendBytes(handshakeFrame(context))
      await expectViolation(link, 'a second Handshake')
    }
  },
  {
    id: 'handshake-disconnect-first',
    title: 'takes a Disconnect in the place of a handshake',
    section: SECTION,
    text: 'A side that will not have the peer sends `Disconnect` in its place and closes.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const peer = await context.peer()
      const link = await context.open({ peer })
      link.send({ type: 'disconnect', reason: 'TOO_MANY_CONNECTIONS', detail: '' })
      await link.end()
      await link.ended()
      await expectWelcome(context, peer, 'a Disconnect as its first frame')
    }
  },
  {
    id: 'handshake-then-disconnect',
    title: 'takes a Disconnect right after the handshake',
    section: SECTION,
    text: 'So a node that has accepted the other\'s handshake may still get a `Disconnect` as the next frame.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const peer = await context.peer()
      const link = await context.open({ peer })
      link.sendBytes(handshakeFrame(context))
      link.send({ type: 'disconnect', reason: 'TOO_MANY_CONNECTIONS', detail: 'full' })
      await link.end()
      await link.ended()
      await expectWelcome(context, peer, 'a Handshake and a Disconnect')
    }
  },
  {
    id: 'handshake-frames-follow',
    title: 'reads what comes in the same chunk as the handshake',
    section: SECTION,
    text: 'Both sides send `Handshake` as their first frame',
    manners: 'polite',
    isBasic: true,
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.open()
      await link.next('handshake')
      link.sendBytes(Buffer.concat([handshakeFrame(context), frame(field(BODY.ping, pingBody(81n)))]))
      const pong = await link.tryNext(['pong'])
      const expected = 'a Pong with the nonce 81, for a Ping right behind the Handshake'

      if (pong == null) {
        const { seen } = link
        link.send({ type: 'ping', nonce: 82n, bestHeight: 0 })
        const answersLater = await link.tryNext(['pong']) != null
        throw new CheckFailure({
          expected,
          seen: `${seen}${answersLater ? '. A Ping that comes later gets its Pong: what came with the Handshake was lost' : ', and no Pong for a later Ping either'}`
        })
      }

      expectThat(pong.message.nonce === 81n, { expected, seen: link.seen })
    }
  }
]
