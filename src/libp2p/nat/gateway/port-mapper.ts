import { askForPort, giveBack } from './ask-for-port.ts'
import { defaultGateway } from './default-gateway.ts'
import { GatewaySocket } from './gateway-socket.ts'
import { innerPortOf } from './mapped-ports.ts'
import { keyOf, Mappings, PORT_LIFETIME_S } from './mappings.ts'
import { nonceOf } from './nonce.ts'
import { isRefused } from './protocol.ts'
import { ipBlockOf } from '../../../address/ip-block.ts'
import { systemClock } from '../../../util/clock.ts'
import { withTimeLimit } from '../../../util/time-limit.ts'
import type { PortAnswer, SocketProtocol } from './ask-for-port.ts'
import type { MappedAddresses, MappedPorts } from './mapped-ports.ts'
import type { Mapping } from './mappings.ts'
import type { PcpMapRequest } from './pcp.ts'
import type { Clock } from '../../../util/clock.ts'
import type { GatewayStatus } from '../../../types/status.ts'
import type { ComponentLogger, Libp2pEvents, Logger, PrivateKey, Startable, TypedEventTarget } from '@libp2p/interface'

/**
 * Ports that the node asks the gateway for, the first ones that it listens on.
 *
 * @remarks The gateway does not lead the others to the node.
 */
export const MAX_MAPPED_PORTS = 16

/** How long the node waits for its other transports to listen, in ms, before it asks. */
const SETTLE_MS = 250

/** How long a node that stops waits for the gateway to take note, in ms. */
const STOP_TIMEOUT_MS = 1000

/** What {@link PortMapper} needs of libp2p. */
export interface PortMapperComponents {
  addressManager: MappedAddresses
  events: TypedEventTarget<Libp2pEvents>
  logger: ComponentLogger
  privateKey: Pick<PrivateKey, 'raw'>
}

/** Options of {@link PortMapper}. */
export interface PortMapperInit {
  ports: MappedPorts
  /** Whether the node takes an address for good because the gateway says so. */
  isBelieved: boolean
  clock?: Clock
  findGateway?: () => Promise<string | undefined>
  /** Where gateways answer; another port is for tests. */
  gatewayPort?: number
}

/**
 * Has the router before this node lead the ports to it that the node listens on over IPv4, in PCP or NAT-PMP, and takes that back when the
 * node stops. The node asks for each mapping anew all the time: so it comes back after the router has lost it.
 */
export class PortMapper implements Startable {
  readonly #components: PortMapperComponents
  readonly #init: Required<Omit<PortMapperInit, 'gatewayPort'>> & Pick<PortMapperInit, 'gatewayPort'>
  readonly #log: Logger
  readonly #mappings: Mappings
  #gateway: string | undefined
  #protocol: SocketProtocol | undefined
  #problem: string | undefined
  #stopped = new AbortController()
  #round: Promise<void> = Promise.resolve()
  #timer: unknown

  constructor (components: PortMapperComponents, init: PortMapperInit) {
    this.#components = components
    this.#init = { clock: systemClock, findGateway: defaultGateway, ...init }
    this.#log = components.logger.forComponent('vibecoin:gateway')
    this.#mappings = new Mappings({ ...this.#init, addressManager: components.addressManager })
  }

  /** What is known of the router. */
  get status (): GatewayStatus {
    const { first } = this.#init.ports

    return {
      address: this.#gateway ?? null,
      protocol: first?.by ?? this.#protocol ?? null,
      externalAddress: first?.externalAddress ?? null,
      problem: first == null ? this.#problem ?? null : null
    }
  }

  start (): void {
    this.#stopped = new AbortController()
    this.#components.events.addEventListener('transport:listening', this.#onListening)
  }

  async stop (): Promise<void> {
    const { clock } = this.#init
    this.#components.events.removeEventListener('transport:listening', this.#onListening)
    clock.clearTimeout(this.#timer)
    this.#stopped.abort(new Error('The node stops'))
    await this.#round

    const mappings = this.#mappings.all
    mappings.forEach(({ request }) => { this.#mappings.forget(request) })
    const given = mappings.filter(({ gateway }) => gateway === this.#gateway)

    if (given.length === 0) {
      return
    }

    try {
      await withTimeLimit({ clock, ms: STOP_TIMEOUT_MS }, async (signal) => {
        await this.#withSocket(given[0]!.gateway, signal, async (socket) => { await giveAllBack(socket, given) })
      })
    } catch (err) {
      this.#log('the gateway keeps ports until it forgets them - %e', err)
    }
  }

  readonly #onListening = (): void => { this.#schedule(SETTLE_MS) }

  #schedule (delay: number): void {
    const { clock } = this.#init
    clock.clearTimeout(this.#timer)

    if (!this.#stopped.signal.aborted) {
      this.#timer = clock.setTimeout(() => { this.#begin() }, delay)
    }
  }

  #begin (): void {
    this.#round = this.#round.then(async () => {
      try {
        await this.#findAndAsk()
      } catch (err) {
        this.#log('could not ask the gateway - %e', err)
      } finally {
        this.#mappings.forgetExpired()
        this.#schedule(this.#mappings.nextIn)
      }
    })
  }

  async #findAndAsk (): Promise<void> {
    const { signal } = this.#stopped
    const gateway = await this.#init.findGateway()
    signal.throwIfAborted()

    if (gateway !== this.#gateway) {
      [this.#gateway, this.#protocol] = [gateway, undefined]
    }

    if (gateway == null) {
      this.#problem = 'This machine has no route to a router'
      return
    }

    await this.#withSocket(gateway, signal, async (socket) => { await this.#ask(socket, gateway) })
  }

  async #withSocket (gateway: string, signal: AbortSignal, task: (socket: GatewaySocket) => Promise<void>): Promise<void> {
    const { clock, gatewayPort } = this.#init
    const socket = await GatewaySocket.open({ gateway, clock, signal, ...(gatewayPort != null && { port: gatewayPort }) })

    try {
      await task(socket)
    } finally {
      socket.close()
    }
  }

  /** Asks for each port that the node listens on, and gives back the others. */
  async #ask (socket: GatewaySocket, gateway: string): Promise<void> {
    const requests = this.#requestsFrom(socket.localAddress)
    const wanted = new Set(requests.map(keyOf))
    const unwanted = this.#mappings.all.filter(({ request }) => !wanted.has(keyOf(request)))
    unwanted.forEach(({ request }) => { this.#mappings.forget(request) })
    await giveAllBack(socket, unwanted.filter((mapping) => mapping.gateway === gateway))

    for (const request of requests) {
      const answer = await askForPort(socket, request, this.#protocol)

      // the others would be asked for in vain too
      if (answer == null) {
        this.#protocol = undefined
        this.#problem = `${gateway} answers neither PCP nor NAT-PMP`
        break
      }

      this.#protocol = answer.protocol
      await this.#onAnswer(answer, { request, gateway, socket })
    }
  }

  /** What to ask for: the ports at the address that the gateway sees. None where that address is a public one. */
  #requestsFrom (localAddress: string): PcpMapRequest[] {
    const { addressManager, privateKey } = this.#components
    const block = ipBlockOf(localAddress)

    if (block == null || block === 'public') {
      return []
    }

    const nonce = nonceOf(privateKey)
    const requests = addressManager.getAddressesWithMetadata().flatMap((address) => innerPortOf(address) ?? [])
      .filter((inner) => inner.address === localAddress && this.#init.ports.mappedBy(inner) !== 'UPnP')
      .map(({ protocol, port }): PcpMapRequest => {
        const request = { protocol, port, externalPort: port, lifetime: PORT_LIFETIME_S, localAddress, nonce }

        return { ...request, externalPort: this.#mappings.find(request)?.externalPort ?? port }
      })

    return [...new Map(requests.map((request) => [keyOf(request), request])).values()].slice(0, MAX_MAPPED_PORTS)
  }

  async #onAnswer (
    { protocol, answer }: PortAnswer, { request, gateway, socket }: { request: PcpMapRequest, gateway: string, socket: GatewaySocket }
  ): Promise<void> {
    if (isRefused(answer) || answer.externalPort === 0 || answer.lifetime === 0) {
      this.#refused(request, `${gateway} speaks ${protocol}, and opens no port: ${isRefused(answer) ? answer.refused : 'it grants none'}`)
    } else if (ipBlockOf(answer.externalAddress) !== 'public') {
      this.#refused(request, `${gateway} speaks ${protocol}, and has no public address itself (${answer.externalAddress}): another router is before it`)
      await giveBack(socket, request, protocol)
    } else {
      this.#mappings.add({ request, protocol, gateway, ...answer })
    }
  }

  #refused (request: PcpMapRequest, problem: string): void {
    this.#log('%s', problem)
    this.#problem = problem
    this.#mappings.forget(request)
  }
}

async function giveAllBack (socket: GatewaySocket, mappings: readonly Mapping[]): Promise<void> {
  await Promise.all(mappings.map(async ({ request, protocol }) => { await giveBack(socket, request, protocol) }))
}
