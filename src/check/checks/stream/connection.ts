import { encodeMessage } from '../../../codec/message.ts'
import { BODY, field, frame, join, pingBody, unknownMessage } from '../raw.ts'
import { expectGoesOn } from '../expect.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'
import type { Link } from '../../peer/link.ts'

const SECTION = 'Transport'
const BOUNDARIES = 'A stream has no message boundaries: a chunk may hold part of a frame, or many frames.'

/** Nonces of pings that a check recognises, one for each. */
function pings (count: number): { nonces: bigint[], bytes: Uint8Array } {
  const nonces = Array.from({ length: count }, (_, i) => 0x1234_0000_0000n + BigInt(i))

  return { nonces, bytes: join(...nonces.map((nonce) => frame(field(BODY.ping, pingBody(nonce))))) }
}

/** Every Ping has to be answered, in any order. */
async function expectPongs (link: Link, nonces: readonly bigint[], how: string): Promise<void> {
  const has = (nonce: bigint): boolean => link.arrivals.some(({ message }) => message?.type === 'pong' && message.nonce === nonce)

  if (!await link.until(() => nonces.every(has) || link.closure != null) || !nonces.every(has)) {
    link.fail(`${nonces.length} Pongs for ${nonces.length} Pings ${how}`)
  }
}

/** Sends bytes in pieces of their own. */
async function sendPieces (link: Link, bytes: Uint8Array, size: number): Promise<void> {
  await link.quietly(async () => { await link.sendChunks(bytes, { size }) })
}

function handshakeFrame (context: CheckContext): Uint8Array {
  return frame(encodeMessage({ type: 'handshake', node: context.node() }))
}

/** Streams, and what they are cut into. */
export const CONNECTION_CHECKS: readonly Check[] = [
  {
    id: 'transport-protocol',
    title: 'speaks the protocol over TCP, Noise and Yamux',
    section: SECTION,
    text: 'The protocol runs over a libp2p stream of the protocol id `/vibecoin/1.0.0`.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => { await context.session() }
  },
  {
    id: 'transport-no-other-protocol',
    title: 'needs no other protocol of its peer',
    section: SECTION,
    text: 'Neither side needs to speak any other protocol, libp2p\'s identify included.',
    manners: 'polite',
    lasts: 2000,
    run: async (context: CheckContext): Promise<void> => {
      // the tester speaks no other: a target that waits for identify ends it
      const link = await context.session()
      await link.until(() => link.closure != null, 2000)
      await expectGoesOn(link, '2 s without any other protocol')
    }
  },
  {
    id: 'transport-second-stream',
    title: 'keeps a session on a connection whose other streams are reset',
    section: SECTION,
    text: 'Ours allows four streams of this protocol on one connection, each way, so that one can take another\'s place.',
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const peer = await context.peer()
      const link = await context.session({ peer })
      const other = await peer.open(link.connection).catch(() => undefined)
      other?.reset()
      await expectGoesOn(link, 'the reset of another stream of the same connection')
    }
  },
  {
    id: 'chunks-one-byte',
    title: 'takes frames that come a byte at a time',
    section: SECTION,
    text: BOUNDARIES,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.open()
      await sendPieces(link, handshakeFrame(context), 1)
      await link.next('handshake')
      const { nonces, bytes } = pings(2)
      await sendPieces(link, bytes, 1)
      await expectPongs(link, nonces, 'of single bytes')
    }
  },
  {
    id: 'chunks-many-frames',
    title: 'takes many frames in one chunk',
    section: SECTION,
    text: BOUNDARIES,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      const { nonces, bytes } = pings(3)
      const others = Array.from({ length: 40 }, () => frame(unknownMessage(20)))
      link.sendBytes(join(...others, bytes.subarray(0, 20), bytes.subarray(20)))
      await expectPongs(link, nonces, 'in one chunk with 40 other frames')
    }
  },
  {
    id: 'chunks-cut-anywhere',
    title: 'takes frames that are cut anywhere, their lengths included',
    section: SECTION,
    text: BOUNDARIES,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      const { nonces, bytes } = pings(2)
      await sendPieces(link, join(frame(unknownMessage(300)), bytes, frame(unknownMessage(300))), 3)
      await sendPieces(link, frame(unknownMessage(70_000)), 4099)
      await expectPongs(link, nonces, 'cut into pieces of 3 bytes')
      await expectGoesOn(link, 'a frame of 70000 bytes in pieces')
    }
  },
  {
    id: 'chunks-pause',
    title: 'waits for the rest of a frame',
    section: 'Frames',
    text: 'The body should come soon: ours ends a session when 30 s pass from the first byte of a frame to its last.',
    manners: 'polite',
    lasts: 1000,
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      const { nonces, bytes } = pings(1)
      await link.quietly(async () => {
        link.sendBytes(bytes.subarray(0, 5))
        await link.until(() => link.closure != null, 1000)
        link.sendBytes(bytes.subarray(5))
      })
      await expectPongs(link, nonces, 'whose rest came a second later')
    }
  }
]
