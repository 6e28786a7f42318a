import { multiaddr } from '@multiformats/multiaddr'
import { ipBlockOf } from './ip-block.ts'
import { relayOf } from './multiaddr.ts'
import { systemClock } from '../util/clock.ts'
import { seedAddresses } from '../config/addresses.ts'
import type { Clock } from '../util/clock.ts'
import type { FoundPeer } from '../types/peer-source.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Addresses of a found peer that the node considers. */
export const MAX_CLAIMED_ADDRESSES = 32

/** The text of one address of a found peer. */
export const MAX_ADDRESS_CHARS = 512

/** How long the node relies on what it knows of its own networks: a laptop moves from one to another. */
export const OWN_NETWORKS_MAX_AGE_MS = 10_000

/** Protocols that need the right certificate: no other service answers them by mistake. */
const ENCRYPTED = new Set(['tls', 'wss', 'quic-v1', 'webtransport'])

/**
 * Decides which addresses of other peers the node may dial. No peer sends it to an address that no machine has, to a socket of this
 * machine, or into another local network: an address outside the public internet passes only where the node has one in the same block.
 * Nor does the node try what none of its transports takes: a web page dials no TCP.
 */
export class DialableAddresses {
  readonly #own: () => Iterable<string>
  readonly #clock: Clock
  readonly #hasTransport: (address: Multiaddr) => boolean
  #blocks = new Set<string>()
  #readAt = -Infinity

  /**
   * `own` gives the addresses that tell which networks are the node's own: multiaddrs of its options, and those of the interfaces of this
   * machine. Not loopback, which every machine has. `hasTransport` says whether a transport of the node takes an address.
   */
  constructor (own: () => Iterable<string>, clock: Clock = systemClock, hasTransport: (address: Multiaddr) => boolean = () => true) {
    this.#own = own
    this.#clock = clock
    this.#hasTransport = hasTransport
  }

  /** The addresses of a peer that the node may dial, in their usual form. */
  accept ({ peerId, addresses }: FoundPeer): string[] {
    const blocks = this.#ownBlocks()
    const accepted = addresses.slice(0, MAX_CLAIMED_ADDRESSES).flatMap((text) => {
      const address = parse(text)

      return address != null && isOf(address, peerId) && isDialable(address, blocks) && this.isTaken(address) ? [address.toString()] : []
    })

    return [...new Set(accepted)]
  }

  /** Whether the node has a transport for an address, and for that of the relay where it leads through one. */
  isTaken (address: Multiaddr): boolean {
    const relay = relayOf(address)

    return this.#hasTransport(address) && (relay == null || this.#hasTransport(relay))
  }

  /** The blocks that this node has an address in. */
  #ownBlocks (): ReadonlySet<string> {
    const now = this.#clock.now()

    if (now - this.#readAt >= OWN_NETWORKS_MAX_AGE_MS) {
      this.#blocks = new Set([...this.#own()].flatMap(blocksOf))
      this.#readAt = now
    }

    return this.#blocks
  }
}

function parse (text: string): Multiaddr | undefined {
  if (text.length > MAX_ADDRESS_CHARS) {
    return undefined
  }

  try {
    return multiaddr(seedAddresses([text], 'addresses')[0])
  } catch {
    return undefined
  }
}

/** Whether an address ends with no peer id, or with that one. */
function isOf (address: Multiaddr, peerId: string | undefined): boolean {
  const last = address.getComponents().at(-1)

  return peerId == null || last?.name !== 'p2p' || last.value === peerId
}

function isDialable (address: Multiaddr, blocks: ReadonlySet<string>): boolean {
  const parts = address.getComponents()
  const isEncrypted = parts.some(({ name }) => ENCRYPTED.has(name))

  // each part, also those behind a relay
  return parts.every(({ name, value = '' }, i) => {
    switch (name) {
      case 'ip4':
      case 'ip6': {
        const block = ipBlockOf(value)

        return block === 'public' || (block != null && blocks.has(block))
      }
      // a name may lead anywhere by the time it is dialled
      case 'dns':
      case 'dns4':
      case 'dns6':
        return isEncrypted && isPublicName(value)
      case 'dnsaddr':
      case 'unix':
      case 'memory':
      case 'ip6zone':
        return false
      default:
        return i > 0
    }
  })
}

/** Whether a name is public: it has a dot, and no ending that only a local network resolves. */
function isPublicName (name: string): boolean {
  return /[^.]\.[^.]/.test(name) && !/(^|\.)(localhost|local|internal|lan|home\.arpa)\.?$/i.test(name)
}

/** The blocks of the IP addresses in a multiaddr. */
function blocksOf (text: string): string[] {
  try {
    return multiaddr(text).getComponents().flatMap(({ name, value = '' }) => {
      return name === 'ip4' || name === 'ip6' ? ipBlockOf(value) ?? [] : []
    })
  } catch {
    return []
  }
}
