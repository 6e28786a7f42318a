import { multiaddr } from '@multiformats/multiaddr'
import type { Connection, IdentifyResult, Libp2pEvents, Stream, TypedEventTarget } from '@libp2p/interface'

/** Addresses that are taken of an answer of identify. */
export const MAX_IDENTIFIED_ADDRESSES = 16

/** One address in an answer of identify. A longer one is left out. */
export const MAX_IDENTIFIED_ADDRESS_BYTES = 192

/** The peer's software in an answer of identify. What is longer is cut. */
export const MAX_AGENT_CHARS = 256

/** Protocols that are taken of an answer of identify. */
export const MAX_IDENTIFIED_PROTOCOLS = 64

/** One protocol in an answer of identify. A longer one is none that this node speaks, and is left out. */
export const MAX_PROTOCOL_CHARS = 128

/** What a peer says of itself, as libp2p's identify has read it. */
export interface IdentifyAnswer {
  protocolVersion?: string
  agentVersion?: string
  listenAddrs: Uint8Array[]
  protocols: string[]
  signedPeerRecord?: Uint8Array
}

type IdentifyEvents = Pick<TypedEventTarget<Libp2pEvents>, 'addEventListener' | 'removeEventListener' | 'safeDispatchEvent'>

/** The inside of @libp2p/identify 4.1. */
interface IdentifyInside<Answer extends IdentifyAnswer> {
  /** Asks, and has nothing stored or made of the answer yet. */
  _identify?: (connection: Connection, options?: object) => Promise<Answer>
  /** Answers, with the address of the remote. */
  handleProtocol?: (stream: Stream, connection: Connection) => Promise<void>
  components?: { events: IdentifyEvents }
}

/**
 * Has libp2p's identify take no more of an answer than a peer has to say: before that it makes an address of each few bytes, sorts all
 * of them, and stores them for hours. It does not tell of a peer whose connection has ended meanwhile, either:
 * a part that hears of that last takes the peer for connected, and does nothing when it connects anew. Returns the service.
 */
export function boundIdentify<Service extends object> (service: Service): Service {
  const inside = service as IdentifyInside<IdentifyAnswer>
  const ask = inside._identify?.bind(service)

  if (ask != null) {
    inside._identify = async (...args) => boundAnswer(await ask(...args))
  }

  const answer = inside.handleProtocol?.bind(service)

  if (answer != null) {
    inside.handleProtocol = async (stream, connection) => answer(stream, lend(connection))
  }

  if (inside.components != null) {
    // they are a proxy that writes to all parts of libp2p: what is changed here must not get there
    const events = withoutEnded(inside.components.events)
    inside.components = Object.create(inside.components, { events: { value: events } }) as { events: IdentifyEvents }
  }

  return service
}

/**
 * The part of an answer that is used. Encryption proves who a peer is: the record that it has signed has the same addresses once more,
 * and libp2p would read and store them in place of these.
 */
export function boundAnswer<Answer extends IdentifyAnswer> (
  { protocolVersion, agentVersion, signedPeerRecord: _record, ...answer }: Answer
): Omit<Answer, 'protocolVersion' | 'agentVersion' | 'signedPeerRecord'> & IdentifyAnswer {
  return {
    ...answer,
    ...(protocolVersion == null ? {} : { protocolVersion: cut(protocolVersion) }),
    ...(agentVersion == null ? {} : { agentVersion: cut(agentVersion) }),
    listenAddrs: answer.listenAddrs
      .filter(({ byteLength }) => byteLength <= MAX_IDENTIFIED_ADDRESS_BYTES)
      .slice(0, MAX_IDENTIFIED_ADDRESSES),
    protocols: answer.protocols.filter(({ length }) => length <= MAX_PROTOCOL_CHARS).slice(0, MAX_IDENTIFIED_PROTOCOLS)
  }
}

/**
 * The same connection with an address that is there for one use: an address keeps the bytes that it was asked for, and these are a view of
 * a pool of Node.js. The connection would keep 64 KiB for as long as it lasts.
 */
function lend (connection: Connection): Connection {
  return Object.create(connection, { remoteAddr: { value: multiaddr(connection.remoteAddr.toString()) } }) as Connection
}

/** Passes on everything but what was found out over a connection that has ended. */
function withoutEnded (events: IdentifyEvents): IdentifyEvents {
  return {
    addEventListener: events.addEventListener.bind(events),
    removeEventListener: events.removeEventListener.bind(events),
    safeDispatchEvent: (type, init) => {
      const { connection } = (init?.detail ?? {}) as Partial<IdentifyResult>

      return (type === 'peer:identify' && connection != null && connection.status !== 'open') || events.safeDispatchEvent(type, init)
    }
  }
}

function cut (text: string): string {
  return text.slice(0, MAX_AGENT_CHARS)
}
