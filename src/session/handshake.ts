import { featuresOf } from '../codec/features.ts'
import { knownBodies } from '../codec/envelope.ts'
import { decodeBody } from '../codec/message.ts'
import { ProtocolViolationError } from '../errors.ts'
import { bytesEqual, bytesToHex } from '../util/bytes.ts'
import { Deadline } from '../util/deadline.ts'
import type { ForkSchedule } from './fork-schedule.ts'
import type { Envelope, KnownBodies } from '../codec/envelope.ts'
import type { Feature } from '../types/features.ts'
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
  /** Absent: the forks of peers are not compared. */
  forks?: ForkSchedule | undefined
}

const sharedHashes = new WeakMap<Uint8Array, Uint8Array>()

/** The handshake of one session: both sides say what they are, within one deadline. */
export class Handshake {
  /** Absent when the handshake is over, as {@link NodeInfo} of this node is: a session may last for weeks. */
  #deadline: Deadline | undefined
  readonly #forks: ForkSchedule | undefined
  #local: NodeInfo | undefined
  #remote: NodeInfo | undefined
  #version = 0
  #asksBlockOnly = false
  #bodies: KnownBodies = knownBodies([])

  /** Its deadline runs at once. */
  constructor ({ clock, timeout, onLate, forks }: HandshakeInit) {
    this.#forks = forks
    this.#deadline = new Deadline({ clock, timeout, onExpired: onLate })
    this.#deadline.start()
  }

  /** What the peer has said of itself. */
  get remote (): NodeInfo | undefined { return this.#remote }

  /** The version that the session speaks: the highest that both sides do. */
  get version (): number { return this.#version }

  /** The features that the session uses: those that both sides offer, without `peers` where it is block-only. */
  get features (): readonly Feature[] { return this.#bodies.features }

  /** Whether one of the sides wants no transactions in the session. */
  get isBlockOnly (): boolean { return this.asksBlockOnly || this.#remote?.blockOnly === true }

  /** Whether this node wants none. */
  get asksBlockOnly (): boolean { return this.#asksBlockOnly }

  /** The kinds of messages that the session knows: those of its features among them. */
  get bodies (): KnownBodies { return this.#bodies }

  /** Takes note of what this node says of itself. */
  begin (local: NodeInfo): void {
    this.#local = local
    this.#asksBlockOnly = local.blockOnly === true
  }

  /**
   * Takes the first message of the peer. Returns why the node refuses the peer, or `undefined` where it does not. Throws a
   * {@link ProtocolViolationError} for any other message, and a DecodeError for what is not a message.
   */
  take ({ type, body }: Envelope): Refusal | undefined {
    if (type !== 'handshake') {
      throw new ProtocolViolationError('expected a handshake as the first message')
    }

    const local = this.#local!
    const remote = decodeBody('handshake', body).node
    this.#remote = remote
    const common = featuresOf((local.features ?? 0n) & (remote.features ?? 0n))
    // what a node tells of peers shows whom it knows
    this.#bodies = knownBodies(this.isBlockOnly ? common.filter((feature) => feature !== 'peers') : common)
    this.#version = Math.min(local.protocolVersion, remote.protocolVersion)
    this.#local = undefined
    const refusal = refuseHandshake(local, remote) ?? this.#refuseFork(local, remote)

    this.#remote = refusal == null ? { ...remote, network: local.network, genesisHash: sharedHash(local.genesisHash) } : remote

    return refusal
  }

  #refuseFork ({ bestHeight }: NodeInfo, { forkId }: NodeInfo): Refusal | undefined {
    const detail = this.#forks?.refusal(forkId, bestHeight)

    return detail == null ? undefined : { reason: 'WRONG_FORK', detail }
  }

  /** Stops the deadline: the handshake is done, or the session has ended. */
  stop (): void {
    this.#deadline?.stop()
    this.#deadline = undefined
  }
}

/** The copy of a hash that all sessions share: applications get it, and might write to it. */
function sharedHash (hash: Uint8Array): Uint8Array {
  const shared = sharedHashes.get(hash) ?? new Uint8Array(hash)
  sharedHashes.set(hash, shared)

  return shared
}

/** What of a handshake has to fit. */
export type Compared = Pick<NodeInfo, 'protocolVersion' | 'minProtocolVersion' | 'network' | 'genesisHash'>

/** Names that may stand in a log as they are. */
const PLAIN_NAME = /^[\w.-]+$/

/** Why a node refuses a peer with this handshake, or `undefined` where it does not. */
export function refuseHandshake (local: Compared, remote: Compared): Refusal | undefined {
  const version = Math.min(local.protocolVersion, remote.protocolVersion)

  if (version < lowestVersion(local) || version < lowestVersion(remote)) {
    return { reason: 'INCOMPATIBLE_VERSION', detail: `expected protocol version ${versionsOf(local)}` }
  }

  if (remote.network !== local.network) {
    return { reason: 'WRONG_NETWORK', detail: `expected network ${local.network}, got ${PLAIN_NAME.test(remote.network) ? remote.network : 'another'}` }
  }

  if (!bytesEqual(remote.genesisHash, local.genesisHash)) {
    return { reason: 'WRONG_NETWORK', detail: `expected genesis block ${bytesToHex(local.genesisHash)}, got ${bytesToHex(remote.genesisHash)}` }
  }

  return undefined
}

function lowestVersion ({ protocolVersion, minProtocolVersion = protocolVersion }: Compared): number {
  return minProtocolVersion
}

function versionsOf (node: Compared): string {
  const lowest = lowestVersion(node)

  return lowest === node.protocolVersion ? `${lowest}` : `${lowest} to ${node.protocolVersion}`
}
