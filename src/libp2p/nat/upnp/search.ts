import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { systemClock } from '../../../util/clock.ts'
import { locationOf, searchRequest } from './ssdp.ts'
import type { Clock } from '../../../util/clock.ts'
import type { Socket } from 'node:dgram'

/**
 * Hosts that may say in one search to be a gateway with UPnP, the first that answer.
 *
 * @remarks The node takes no notice of the others.
 */
export const MAX_UPNP_ANSWERS = 8

/** Addresses of this machine that the node searches from, the first ones. */
export const MAX_SEARCH_SOCKETS = 16

/** Where gateways listen for searches. */
const [IP4_GROUP, IP6_GROUP, SSDP_PORT] = ['239.255.255.250', 'ff05::c', 1900]

/** How many routers a search may pass. */
const MAX_HOPS = 4

/** From where, and whom, to ask. */
export interface SearchPlace {
  /** An address of this machine. */
  address: string
  /** The name of the interface that has it. */
  device: string
  group: string
  port: number
}

/** Options of {@link findGateways}. */
export interface SearchInit {
  /** Ends the search. */
  signal: AbortSignal
  /** From one question to the next, in ms. */
  interval: number
  places?: readonly SearchPlace[]
  clock?: Clock
}

/**
 * Searches for gateways with UPnP, and yields where the description of each is, one for a host. It ends with the signal. What others send
 * never throws.
 */
export async function * findGateways (init: SearchInit): AsyncGenerator<URL, void, undefined> {
  const { signal, interval, places = searchPlaces(), clock = systemClock } = init
  const hosts = new Set<string>()
  const found: URL[] = []
  let news = Promise.withResolvers<void>()
  let timer: unknown
  const onAbort = (): void => { news.resolve() }
  const onLocation = (location: URL): void => {
    if (hosts.size < MAX_UPNP_ANSWERS && !hosts.has(location.hostname)) {
      hosts.add(location.hostname)
      found.push(location)
      news.resolve()
    }
  }
  const sockets = await openSockets(places.slice(0, MAX_SEARCH_SOCKETS), onLocation)
  const ask = (): void => {
    sockets.forEach(({ socket, place }) => {
      // a question that cannot be sent is lost like any packet
      socket.send(searchRequest(place), place.port, place.group, () => {})
    })
    timer = clock.setTimeout(ask, interval)
  }
  signal.addEventListener('abort', onAbort)

  try {
    ask()

    while (!signal.aborted) {
      const location = found.shift()

      if (location == null) {
        await news.promise
        news = Promise.withResolvers<void>()
      } else {
        yield location
      }
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    clock.clearTimeout(timer)
    sockets.forEach(({ socket }) => { socket.close() })
  }
}

/** The addresses of this machine that a gateway may be behind. */
function searchPlaces (): SearchPlace[] {
  return Object.entries(networkInterfaces()).flatMap(([device, addresses = []]) => {
    return addresses.filter(({ internal, address }) => !internal && !/^(?:169\.254\.|fe80)/i.test(address))
      .map(({ address, family }) => ({ address, device, group: family === 'IPv6' ? IP6_GROUP : IP4_GROUP, port: SSDP_PORT }))
  })
}

/** Opens a socket for each place where that works. */
async function openSockets (
  places: readonly SearchPlace[], onLocation: (location: URL) => void
): Promise<{ socket: Socket, place: SearchPlace }[]> {
  const opened = await Promise.all(places.map(async (place) => {
    const socket = await openSocket(place)
    socket?.on('message', (bytes, { address: sender }) => {
      const location = locationOf(bytes, { sender, own: place.address })

      if (location != null) {
        onLocation(location)
      }
    })

    return socket == null ? [] : [{ socket, place }]
  }))

  return opened.flat()
}

async function openSocket ({ address, device, group }: SearchPlace): Promise<Socket | undefined> {
  const isIp6 = group.includes(':')
  const socket = createSocket({ type: isIp6 ? 'udp6' : 'udp4', ipv6Only: isIp6 })

  try {
    // any port: gateways answer where the question comes from
    socket.bind({ address, port: 0 })
    await once(socket, 'listening')
    socket.setMulticastTTL(MAX_HOPS)
    socket.setMulticastInterface(isIp6 ? `::%${device}` : address)
    // what comes of a packet that a host refuses
    socket.on('error', () => {})

    return socket
  } catch {
    // an address that has just gone
    socket.close()

    return undefined
  }
}
