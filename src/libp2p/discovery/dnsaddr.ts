import { multiaddr } from '@multiformats/multiaddr'
import { errorMessage } from '../../errors.ts'
import { peerIdOf } from '../../address/multiaddr.ts'
import type { DnsLookup } from './dns-lookup.ts'

/**
 * How often one `/dnsaddr` name may lead to another.
 *
 * @remarks The node does not follow the name.
 */
export const MAX_DNSADDR_DEPTH = 4

/** Names that are looked up for one `/dnsaddr` address. */
export const MAX_DNSADDR_LOOKUPS = 32

/** Addresses that one `/dnsaddr` address may lead to. */
export const MAX_DNSADDR_ADDRESSES = 64

const RECORD_PREFIX = 'dnsaddr='

/** A name that stands for IP addresses, at the beginning of a multiaddr. */
const HOST_NAME = /^\/dns[46]?\/([^/]+)/

/** Where the certificate is checked the name has to stay. */
const ENCRYPTED = /\/(?:tls|wss)(?:\/|$)/

/**
 * What a `/dnsaddr/...` address leads to, from name to name and in the end to machines. Whatever the servers answer, it
 * ends and is not much. Throws where nothing was answered.
 */
export async function * resolveDnsaddr (
  address: string, { lookup, signal }: { lookup: DnsLookup, signal: AbortSignal }
): AsyncGenerator<string, void, undefined> {
  const asked = new Set<string>()
  const found = new Set<string>()

  for (let depth = 0, names = [address]; depth <= MAX_DNSADDR_DEPTH && names.length > 0; depth++) {
    names.forEach((name) => { asked.add(name) })
    const answers = await Promise.allSettled(names.map(async (name) => follow(name, lookup, signal)))
    const failure = answers.find((answer) => answer.status === 'rejected')
    signal.throwIfAborted()

    if (depth === 0 && failure != null) {
      throw new Error(`Could not look ${address} up: ${errorMessage(failure.reason)}`, { cause: failure.reason })
    }

    const next = new Set(answers.flatMap((answer) => answer.status === 'fulfilled' ? answer.value : []))

    for (const machine of [...next].filter((address) => !isName(address) && !found.has(address))) {
      if (found.size === MAX_DNSADDR_ADDRESSES) {
        return
      }

      found.add(machine)
      yield machine
    }

    names = [...next].filter((address) => isName(address) && !asked.has(address)).slice(0, MAX_DNSADDR_LOOKUPS - asked.size)
  }
}

/** Whether there is something to be looked up before it can be dialled. */
function isName (address: string): boolean {
  return address.startsWith('/dnsaddr/') || (HOST_NAME.test(address) && !ENCRYPTED.test(address))
}

/** One step from a name. */
async function follow (address: string, lookup: DnsLookup, signal: AbortSignal): Promise<string[]> {
  const host = HOST_NAME.exec(address)?.[1]

  if (host != null) {
    return followHost(address, await lookup.addresses(host, signal))
  }

  const peerId = peerIdOf(address)
  const name = multiaddr(address).getComponents()[0]?.value ?? ''
  const texts = await lookup.texts(`_dnsaddr.${name}`, signal)

  return texts.filter((text) => text.startsWith(RECORD_PREFIX))
    .flatMap((text) => parse(text.slice(RECORD_PREFIX.length)))
    // one that names a peer is not to lead to another
    .filter((next) => peerId == null || peerIdOf(next) === peerId)
}

/** An address with each of the IP addresses in place of its name. */
function followHost (address: string, ips: string[]): string[] {
  const isWanted = (ip: string): boolean => ip.includes(':') ? !address.startsWith('/dns4/') : !address.startsWith('/dns6/')

  return ips.filter(isWanted).map((ip) => address.replace(HOST_NAME, `/${ip.includes(':') ? 'ip6' : 'ip4'}/${ip}`))
}

function parse (text: string): string[] {
  try {
    const address = multiaddr(text.trim())

    return address.getComponents().length === 0 ? [] : [address.toString()]
  } catch {
    return []
  }
}
