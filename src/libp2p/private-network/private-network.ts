import { byteStream } from '@libp2p/utils'
import { swarmKeyBytes } from '../../config/swarm-key.ts'
import { errorMessage, PrivateNetworkError } from '../../errors.ts'
import { DirectionCipher, NONCE_BYTES } from './cipher.ts'
import { ProtectedConnection } from './connection.ts'
import { bytesEqual } from '../../util/bytes.ts'
import { systemChance } from '../../util/chance.ts'
import { systemClock } from '../../util/clock.ts'
import { withTimeLimit } from '../../util/time-limit.ts'
import type { StackPart } from '../part.ts'
import type { AbortOptions, MessageStream, MultiaddrConnection } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

/** What either end says first, protected or not: the header of multistream-select, which is how encryption is agreed on. */
const HEADER: Uint8Array = new TextEncoder().encode('\x13/multistream/1.0.0\n')

/**
 * How long the two ends of a connection may take to show each other that they have the key of the private network.
 *
 * An end without the key may wait for more of what it takes for a message. A dial of one address takes 3 s at most: this has to end before
 * it, or the reason is lost.
 *
 * @remarks `connect()` throws a `PrivateNetworkError`.
 */
export const PROTECT_TIMEOUT_MS = 2500

/**
 * A network that only those can connect to who have the key, which is the text of a swarm key file. On the wire it is a libp2p
 * private network of version 1: a nonce of 24 bytes from either end, then all that it sends, encrypted with XSalsa20.
 *
 * Who has another key is found out, with a {@link PrivateNetworkError}, by the first bytes that come: libp2p itself would
 * take them for the length of a message and wait for the rest, or say no more than that the connection was reset.
 */
export function createPrivateNetwork (text: string): StackPart {
  const key = swarmKeyBytes(text)

  // libp2p says that these are streams, and has nothing but connections of transports for them
  return {
    connectionProtector: () => ({ protect: async (connection, options) => protect(key, connection as MultiaddrConnection, options) })
  }
}

async function protect (key: Uint8Array, connection: MultiaddrConnection, options: AbortOptions = {}): Promise<MessageStream> {
  return withTimeLimit({ clock: systemClock, ms: PROTECT_TIMEOUT_MS, signals: [options.signal] }, async (limit) => {
    return showKey(key, connection, { limit, options })
  })
}

/** Where the two ends show each other their keys, and until when. */
interface Showing {
  limit: AbortSignal
  options: AbortOptions
}

async function showKey (key: Uint8Array, connection: MultiaddrConnection, { limit, options }: Showing): Promise<MessageStream> {
  let box: MessageStream | undefined

  try {
    box = await exchangeNonces(key, connection, limit)
    await exchangeHeaders(box, limit)

    return box
  } catch (err) {
    // the caller that gave up knows why
    if (err instanceof PrivateNetworkError || options.signal?.aborted === true) {
      throw err
    }

    const reason = box == null ? 'it is in no private network, or takes no connections' : 'it has another one, or has ended the connection'
    throw new PrivateNetworkError(`The peer does not seem to have our private network key: ${reason} (${errorMessage(err)})`, { cause: err })
  }
}

async function exchangeNonces (key: Uint8Array, connection: MultiaddrConnection, signal: AbortSignal): Promise<MessageStream> {
  const ours = systemChance.fill(new Uint8Array(NONCE_BYTES))
  const bytes = byteStream(connection)
  const [read] = await Promise.all([bytes.read({ signal, bytes: NONCE_BYTES }), bytes.write(ours, { signal })])
  const theirs = read.slice()

  // with our own nonce a peer without the key could send our own bytes back, and they would be good
  if (bytesEqual(theirs, ours)) {
    throw new PrivateNetworkError('The peer sends back what we send, and does not show that it has our private network key')
  }

  return new ProtectedConnection({
    connection: bytes.unwrap(), inbound: new DirectionCipher({ key, nonce: theirs }), outbound: new DirectionCipher({ key, nonce: ours })
  })
}

/** The bytes on the wire stay the same: what is sent first is only sent sooner, by both ends at once. */
async function exchangeHeaders (box: MessageStream, signal: AbortSignal): Promise<void> {
  const bytes = byteStream(box)
  const [header] = await Promise.all([bytes.read({ signal, bytes: HEADER.byteLength }), bytes.write(HEADER, { signal })])
  bytes.unwrap()

  if (!bytesEqual(header.subarray(), HEADER)) {
    throw new PrivateNetworkError('The peer has another private network key')
  }

  box.unshift(HEADER)
  leaveAway(box, HEADER)
}

/** Leaves `header` away where the next thing that is sent begins with it. */
function leaveAway (stream: MessageStream, header: Uint8Array): void {
  const send = stream.send.bind(stream)

  stream.send = (data: Uint8Array | Uint8ArrayList): boolean => {
    stream.send = send
    const isRepeated = data.byteLength >= header.byteLength && bytesEqual(data.subarray(0, header.byteLength), header)
    const rest = isRepeated ? data.subarray(header.byteLength) : data

    return rest.byteLength === 0 || send(rest)
  }
}
