import { multiaddr } from '@multiformats/multiaddr'
import { raceSignal } from '../../../util/race-signal.ts'
import { SimulatedConnection } from './connection.ts'
import type { Host, HostConnection } from './host.ts'
import type { World } from './world.ts'
import type { AbortOptions, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Round trips until a connection is there: TCP, then the handshakes of encryption and muxer. */
const CONNECT_ROUND_TRIPS = 3

/** How long one address may take, as the nodes of this package set it. */
const ADDRESS_TIMEOUT_MS = 3000

/** The ports that outbound connections seem to come from. */
const FIRST_EPHEMERAL_PORT = 32_768
const EPHEMERAL_PORTS = 28_232

/** Dials for one run of a node. */
export class Dialling {
  readonly #world: World
  readonly #host: Host
  /** The dials under way, by peer id. */
  readonly #pending = new Map<string, Promise<HostConnection>>()
  #dialled = 0

  constructor (world: World, host: Host) {
    this.#world = world
    this.#host = host
  }

  /** The connections with a peer, or all of them. */
  connections (peer?: PeerId): HostConnection[] {
    return [...this.#host.connections].filter(({ remotePeer, status }) => status === 'open' && peer?.equals(remotePeer) !== false)
  }

  /** The connection with a peer that there is, or one at the first of its addresses that answers. With `force` it is a new one. */
  async open (addresses: readonly Multiaddr[], { signal, force = false }: AbortOptions & { force?: boolean }): Promise<HostConnection> {
    const peerId = peerIdIn(addresses[0])
    const existing = [...this.#host.connections].find(({ remote, status }) => remote.id === peerId && status === 'open')
    const pending = peerId == null ? undefined : this.#pending.get(peerId)

    if (existing != null && !force) {
      return existing
    }

    if (pending != null && !force) {
      return raceSignal(pending, signal)
    }

    const dial = this.#dial(addresses, { signal })

    if (peerId == null || force) {
      return dial
    }

    this.#pending.set(peerId, dial)

    try {
      return await dial
    } finally {
      this.#pending.delete(peerId)
    }
  }

  async #dial (addresses: readonly Multiaddr[], { signal }: AbortOptions): Promise<HostConnection> {
    const errors: Error[] = []

    for (const address of addresses) {
      signal?.throwIfAborted()

      try {
        return await raceSignal(this.#dialAddress(address, signal), signal)
      } catch (err) {
        signal?.throwIfAborted()
        errors.push(err as Error)
      }
    }

    throw errors.length === 1 ? errors[0]! : new AggregateError(errors, 'All addresses have failed')
  }

  async #dialAddress (address: Multiaddr, signal: AbortSignal | undefined): Promise<HostConnection> {
    const { ip, port, peerId } = partsOf(address)
    const to = this.#world.hosts.get(`${ip}:${port}`)
    this.#checkTarget(to, peerId)

    if (to?.isReachable !== true || !to.isUp || this.#world.isCut(this.#host, to)) {
      await this.#pause(ADDRESS_TIMEOUT_MS)
      throw new Error(`${address.toString()} does not answer`)
    }

    const roundTrip = 2 * this.#world.latency(this.#host, to)

    if (to.process == null) {
      await this.#pause(roundTrip)
      throw new Error(`connect ECONNREFUSED ${ip}:${port}`)
    }

    await this.#pause(CONNECT_ROUND_TRIPS * roundTrip)
    // a dial that was given up makes no connection
    signal?.throwIfAborted()

    if (to.process?.isAlive !== true || this.#world.isCut(this.#host, to)) {
      throw new Error(`The connection to ${address.toString()} broke while it was made`)
    }

    if (peerId != null && peerId !== to.id) {
      throw new Error(`At ${address.toString()} is another peer: ${to.id}`)
    }

    const ephemeral = FIRST_EPHEMERAL_PORT + this.#dialled++ % EPHEMERAL_PORTS
    const seenFrom = multiaddr(`/ip4/${this.#host.ip}/tcp/${ephemeral}/p2p/${this.#host.id}`)

    return SimulatedConnection.open(this.#world, { from: this.#host, to, id: `${this.#host.index}-${this.#dialled}`, seenFrom })
  }

  /** Throws where the node does not dial who is there. */
  #checkTarget (to: Host | undefined, peerId: string | undefined): void {
    if (to === this.#host || (peerId != null && peerId === this.#host.id)) {
      throw new Error('Can not dial self')
    }

    if (to != null && !this.#host.mayDial(to.index)) {
      throw new Error(`The options of the node allow no dial of ${to.id}`)
    }
  }

  async #pause (ms: number): Promise<void> {
    await new Promise<void>((resolve) => { this.#host.process?.clock.setTimeout(resolve, ms) })
  }
}

function peerIdIn (address: Multiaddr | undefined): string | undefined {
  return address?.getComponents().find(({ name }) => name === 'p2p')?.value
}

function partsOf (address: Multiaddr): { ip: string | undefined, port: string | undefined, peerId: string | undefined } {
  const components = address.getComponents()
  const valueOf = (name: string): string | undefined => components.find((component) => component.name === name)?.value

  return { ip: valueOf('ip4'), port: valueOf('tcp'), peerId: valueOf('p2p') }
}
