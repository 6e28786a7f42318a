import { multiaddr } from '@multiformats/multiaddr'
import { withPeerId } from '../address/multiaddr.ts'
import { flatAddress } from '../libp2p/patches/address-text.ts'
import { PROTOCOL_ID } from '../types/message.ts'
import type { Clock } from '../util/clock.ts'
import type { OpenStream, PeerKey } from '../peers/manager/types.ts'
import type { Connection, PeerId, Stream } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

/** Protocols of libp2p itself, whose streams are short and keep no connection open. */
const PASSING_PROTOCOLS = new Set([
  '/ipfs/id/1.0.0', '/ipfs/id/push/1.0.0', '/ipfs/ping/1.0.0', '/libp2p/autonat/1.0.0', '/libp2p/autonat/2/dial-request', '/libp2p/autonat/2/dial-back'
])

/**
 * How long a connection that the node has dialled may take to close.
 *
 * @remarks The node cuts the connection.
 */
export const CLOSING_TIMEOUT_MS = 5000

/** The connections that are to be cut where they do not come to an end. */
const CLOSING = new WeakSet<Connection>()

/** The name that `@chainsafe/libp2p-noise` gives a connection. */
const NOISE = '/noise'

/** A libp2p peer id in the form that sessions use. */
export function peerKeyOf (peer: PeerId): PeerKey {
  return { id: peer.toString(), bytes: peer.toMultihash().bytes }
}

/** A stream in the form that sessions use. */
export function openStreamOf (stream: Stream, connection: Connection): OpenStream {
  return {
    stream,
    peer: peerKeyOf(connection.remotePeer),
    address: flatAddress(connection.remoteAddr).toString(),
    // decrypted bytes are in new memory; those of other encryptions may be in memory that their sender still uses
    ownsMemory: connection.encryption === NOISE,
    limits: connection.limits
  }
}

/** Has the addresses of a dial race. */
export interface Racing {
  /** The option `onProgress` of a dial that races, until `signal` is aborted. */
  begin: (signal: AbortSignal) => (event: { type: string, detail?: unknown }) => void
}

/** Opens a connection to the first address that answers. All of them are of one peer. Without `races` libp2p tries one after the other. */
export async function openConnection (
  { connectionManager, races }: { connectionManager: ConnectionManager, races?: Racing | undefined },
  { addresses, peerId }: { addresses: string[], peerId: string | undefined },
  signal: AbortSignal
): Promise<Connection> {
  const targets = addresses.map((address) => withPeerId(multiaddr(address), peerId))

  return connectionManager.openConnection(targets, { signal, ...(races == null ? {} : { onProgress: races.begin(signal) }) })
}

/** Opens a stream of the VibeCoin protocol. */
export async function openStream (connection: Connection, signal: AbortSignal): Promise<Stream> {
  return connection.newStream(PROTOCOL_ID, { signal, runOnLimitedConnection: true })
}

/** Resolves when a connection that is ending has ended. Throws the reason of the signal. */
export async function whenClosed (connection: Connection, signal: AbortSignal): Promise<void> {
  const done = new AbortController()

  try {
    await new Promise<void>((resolve, reject) => {
      const options = { once: true, signal: done.signal }
      signal.addEventListener('abort', () => { reject(signal.reason as Error) }, options)
      connection.addEventListener('close', () => { resolve() }, options)

      if (signal.aborted) {
        reject(signal.reason as Error)
      } else if (connection.status !== 'open' && connection.status !== 'closing') {
        resolve()
      }
    })
  } finally {
    done.abort()
  }
}

/**
 * Closes a connection as soon as no protocol uses it any more. Cuts one that is closing, and has not come to an end after
 * {@link CLOSING_TIMEOUT_MS}. Never throws.
 */
export function closeWhenUnused (connection: Connection, clock: Clock): void {
  if (connection.status === 'closing') {
    cutWhenLate(connection, clock)
    return
  }

  if (connection.status !== 'open' || connection.streams.some(({ protocol }) => protocol !== '' && !PASSING_PROTOCOLS.has(protocol))) {
    return
  }

  // a stream that is still being opened has no protocol yet
  const opening = connection.streams.find(({ protocol }) => protocol === '')

  if (opening != null) {
    opening.addEventListener('close', () => { closeWhenUnused(connection, clock) }, { once: true })
  } else {
    connection.close().then(() => { cutWhenLate(connection, clock) }, (err: unknown) => {
      connection.abort(err instanceof Error ? err : new Error(String(err)))
    })
  }
}

/** A circuit whose remote has closed its side, and reads nothing, closes without an end: libp2p leaves it so, and does nothing more. */
function cutWhenLate (connection: Connection, clock: Clock): void {
  if (connection.status !== 'closing' || CLOSING.has(connection)) {
    return
  }

  CLOSING.add(connection)
  const timer = clock.setTimeout(() => { connection.abort(new Error('The connection does not come to an end')) }, CLOSING_TIMEOUT_MS)
  connection.addEventListener('close', () => { clock.clearTimeout(timer) }, { once: true })
}
