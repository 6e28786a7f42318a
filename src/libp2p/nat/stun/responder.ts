import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { multiaddr } from '@multiformats/multiaddr'
import { MAX_RATED_HOSTS, HostRates } from '../../../address/host-rates.ts'
import { ipBytesOf } from '../../../address/ip-block.ts'
import { systemClock } from '../../../util/clock.ts'
import { TokenBucket } from '../../../util/token-bucket.ts'
import { bindingResponse, isBindingRequest } from './message.ts'
import type { StunSource } from './message.ts'
import type { Clock } from '../../../util/clock.ts'
import type { ComponentLogger, Libp2pEvents, Listener, Logger, Startable, TypedEventTarget } from '@libp2p/interface'
import type { AddressManager } from '@libp2p/interface-internal'
import type { Socket } from 'node:dgram'

/**
 * Questions of one host, or /64 of IPv6, that the STUN responder of a relay answers in a second. A call takes one to seven.
 *
 * @remarks The relay does not answer.
 */
export const STUN_RATE_PER_HOST = 16

/**
 * Questions of all hosts together that it answers in a second.
 *
 * @remarks The relay does not answer.
 */
export const STUN_RATE = 1000

/** UDP sockets of the responder: one for each address and port that the node listens on over TCP. The rest is left out. */
export const MAX_STUN_SOCKETS = 16

const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/** What {@link StunResponder} needs of libp2p. */
export interface StunComponents {
  addressManager: Pick<AddressManager, 'getListenAddrs'>
  events: TypedEventTarget<Libp2pEvents>
  logger: ComponentLogger
}

/**
 * Tells nodes that ask over UDP at which address and port they are seen (STUN, RFC 5389, binding requests only), on the ports that a
 * relay listens on over TCP. A node behind a NAT cannot know that by itself, and its peer has to call it there.
 *
 * An answer is 32 or 44 bytes for at least 20, and goes to the sender alone: it is of little use to those who forge senders.
 */
export class StunResponder implements Startable {
  readonly #components: StunComponents
  readonly #log: Logger
  readonly #hosts: HostRates
  readonly #all: TokenBucket
  /** By address and port; `undefined` where the port is taken. */
  readonly #sockets = new Map<string, Promise<Socket | undefined>>()

  constructor (components: StunComponents, clock: Clock = systemClock) {
    this.#components = components
    this.#log = components.logger.forComponent('vibecoin:stun')
    this.#hosts = new HostRates({ perSecond: STUN_RATE_PER_HOST, maxHosts: MAX_RATED_HOSTS, clock })
    this.#all = new TokenBucket({ perSecond: STUN_RATE, burst: STUN_RATE }, clock)
  }

  /** Where it answers, as soon as the sockets that are being opened are open. */
  async addresses (): Promise<StunSource[]> {
    const sockets = await Promise.all(this.#sockets.values())

    return sockets.flatMap((socket) => socket?.address() ?? [])
  }

  start (): void {
    this.#components.events.addEventListener('transport:listening', this.#onListening)
  }

  async stop (): Promise<void> {
    this.#components.events.removeEventListener('transport:listening', this.#onListening)
    const sockets = [...this.#sockets.values()]
    this.#sockets.clear()

    await Promise.all(sockets.map(async (opening) => {
      const socket = await opening

      if (socket != null) {
        await new Promise<void>((resolve) => { socket.close(resolve) })
      }
    }))
  }

  /** The answer to what has come from `source`; `undefined` where there is none. */
  answer (bytes: Uint8Array, { address, port }: StunSource): Uint8Array | undefined {
    const ip = isBindingRequest(bytes) ? ipBytesOf(address.replace(/%.*/, '')) : undefined

    // the host first: one that asks too often takes nothing from the others
    if (ip == null || port === 0 || !this.#hosts.take(hostKeyOf(ip)) || !this.#all.tryTake(1)) {
      return undefined
    }

    return bindingResponse(bytes, { ip, port })
  }

  /** Opens a socket for each address and port that the node listens on over TCP, WebSockets included. */
  readonly #onListening = ({ detail: listener }: CustomEvent<Listener>): void => {
    const wildcards = this.#components.addressManager.getListenAddrs().flatMap((address) => placeOf(address.toString())?.address ?? [])
      .filter((host) => WILDCARDS.has(host))

    for (const { address, port } of listener.getAddrs().flatMap((found) => placeOf(found.toString()) ?? [])) {
      const wildcard = address.includes(':') ? '::' : '0.0.0.0'
      const place = { address: wildcards.includes(wildcard) ? wildcard : address, port }
      const key = `${place.address} ${port}`

      if (!this.#sockets.has(key) && this.#sockets.size < MAX_STUN_SOCKETS) {
        this.#sockets.set(key, this.#open(place))
      }
    }
  }

  async #open ({ address, port }: StunSource): Promise<Socket | undefined> {
    const socket = address.includes(':') ? createSocket({ type: 'udp6', ipv6Only: true }) : createSocket('udp4')

    try {
      socket.bind({ address, port })
      await once(socket, 'listening')
    } catch (err) {
      socket.close()
      this.#log.error('could not answer STUN on UDP port %d of %s: nodes behind NATs get no direct connections through this relay - %e', port, address, err)

      return undefined
    }

    socket.on('error', (err) => { this.#log.error('STUN on UDP port %d of %s - %e', port, address, err) })
    socket.on('message', (bytes, source) => {
      const answer = this.answer(bytes, source)

      if (answer != null) {
        // an answer that cannot be sent is lost like any packet
        socket.send(answer, source.port, source.address, () => {})
      }
    })

    return socket
  }
}

function placeOf (address: string): StunSource | undefined {
  const [host, port] = multiaddr(address).getComponents()
  const isTcp = (host?.name === 'ip4' || host?.name === 'ip6') && port?.name === 'tcp' && !address.includes('/p2p-circuit')

  return isTcp ? { address: host.value ?? '', port: Number(port.value) } : undefined
}

/** An IPv4 address, or the /64 of an IPv6 address, private ones too: each is counted. */
function hostKeyOf (ip: Uint8Array): string {
  return (ip.byteLength === 4 ? ip : ip.subarray(0, 8)).join('.')
}
