import { decodeBody } from '../codec/message.ts'
import { ProtocolViolationError } from '../errors.ts'
import { bytesEqual } from '../util/bytes.ts'
import { Deadline } from '../util/deadline.ts'
import type { Envelope } from '../codec/envelope.ts'
import type { DisconnectReason, NodeInfo } from '../types/message.ts'
import type { Clock } from '../util/clock.ts'

/** Why a session is refused or ended. */
export interface Refusal {
  reason: DisconnectReason
  /** For people to read. It goes to the peer, and says nothing that the peer does not know. */
  detail: string
}

/** Options of {@link Handshake}. */
export interface HandshakeInit {
  clock: Clock
  /** The time from the opening of the stream to the end of the handshake, in ms. */
  timeout: number
  /** Called when the handshake is not done in time. */
  onLate: () => void
}

/** The handshake of one session: both sides say what they are, within one deadline. */
export class Handshake {
  readonly #deadline: Deadline
  #local: NodeInfo | undefined
  #remote: NodeInfo | undefined

  /** Its deadline runs at once. */
  constructor ({ clock, timeout, onLate }: HandshakeInit) {
    this.#deadline = new Deadline({ clock, timeout, onExpired: onLate })
    this.#deadline.start()
  }

  /** What the peer has said of itself. */
  get remote (): NodeInfo | undefined { return this.#remote }

  /** Takes note of what this node says of itself. */
  begin (local: NodeInfo): void {
    this.#local = local
  }

  /**
   * Takes the first message of the peer. Returns why the node refuses the peer, or `undefined` where it does not. Throws a
   * {@link ProtocolViolationError} for any other message, and a DecodeError for what is not a message.
   */
  take ({ type, body }: Envelope): Refusal | undefined {
    if (type !== 'handshake') {
      throw new ProtocolViolationError('expected a handshake as the first message')
    }

    this.#remote = decodeBody('handshake', body).node

    return refuseHandshake(this.#local!, this.#remote)
  }

  /** Stops the deadline: the handshake is done, or the session has ended. */
  stop (): void {
    this.#deadline.stop()
  }
}

/** Why a node refuses a peer with this handshake, or `undefined` where it does not. */
export function refuseHandshake (local: NodeInfo, remote: NodeInfo): Refusal | undefined {
  if (remote.protocolVersion !== local.protocolVersion) {
    return { reason: 'INCOMPATIBLE_VERSION', detail: `expected protocol version ${local.protocolVersion}` }
  }

  if (remote.network !== local.network) {
    return { reason: 'WRONG_NETWORK', detail: `expected network ${local.network}` }
  }

  if (!bytesEqual(remote.genesisHash, local.genesisHash)) {
    return { reason: 'WRONG_NETWORK', detail: 'expected another genesis block' }
  }

  return undefined
}
