import { preSharedKey } from '@libp2p/pnet'
import { byteStream } from '@libp2p/utils'
import { errorMessage, PrivateNetworkError } from '../errors.ts'
import type { StackPart } from './part.ts'
import type { AbortOptions, ConnectionProtector, MessageStream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

/** What either end says first, protected or not: the header of multistream-select, which is how encryption is agreed on. */
const HEADER: Uint8Array = new TextEncoder().encode('\x13/multistream/1.0.0\n')

/**
 * How long the two ends may take to show each other that they have the key, in ms. Who has none may wait for more of what
 * it takes for a message.
 */
export const PROTECT_TIMEOUT_MS = 3000

/**
 * A network that only those can connect to who have the key, which is the text of a swarm key file.
 *
 * Who has another key is found out, with a {@link PrivateNetworkError}, by the first bytes that come: libp2p itself would
 * take them for the length of a message and wait for the rest, or say no more than that the connection was reset.
 */
export function createPrivateNetwork (key: string): StackPart {
  const connect = preSharedKey({ psk: new TextEncoder().encode(inUsualForm(key)) })

  return {
    connectionProtector: () => {
      const protector = connect()

      return { protect: async (connection, options) => protect(protector, connection, options) }
    }
  }
}

/** The parser of libp2p takes no capital letters and nothing behind the digits. */
function inUsualForm (key: string): string {
  return key.trimEnd().toLowerCase()
}

async function protect (protector: ConnectionProtector, connection: MessageStream, options: AbortOptions = {}): Promise<MessageStream> {
  const limit = AbortSignal.any([options.signal ?? [], AbortSignal.timeout(PROTECT_TIMEOUT_MS)].flat())
  let box: MessageStream | undefined

  try {
    box = await protector.protect(connection, { signal: limit })
    await exchangeHeaders(box, limit)

    return box
  } catch (err) {
    // whoever gave up waiting knows why
    if (err instanceof PrivateNetworkError || options.signal?.aborted === true) {
      throw err
    }

    const reason = box == null ? 'it is in no private network, or takes no connections' : 'it has another one, or has ended the connection'
    throw new PrivateNetworkError(`The peer does not seem to have our private network key: ${reason} (${errorMessage(err)})`, { cause: err })
  }
}

/** The bytes on the wire stay the same: what is sent first is only sent sooner, by both ends at once. */
async function exchangeHeaders (box: MessageStream, signal: AbortSignal): Promise<void> {
  const bytes = byteStream(box)
  const [header] = await Promise.all([bytes.read({ signal, bytes: HEADER.byteLength }), bytes.write(HEADER, { signal })])
  bytes.unwrap()

  if (!isEqual(header.subarray(), HEADER)) {
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
    const isRepeated = data.byteLength >= header.byteLength && isEqual(data.subarray(0, header.byteLength), header)
    const rest = isRepeated ? data.subarray(header.byteLength) : data

    return rest.byteLength === 0 || send(rest)
  }
}

function isEqual (a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, i) => byte === b[i])
}
