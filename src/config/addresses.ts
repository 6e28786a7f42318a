import { peerIdFromString } from '@libp2p/peer-id'
import { isMultiaddr, multiaddr } from '@multiformats/multiaddr'
import { describe, fail } from './checks.ts'
import { MAX_LISTEN_ADDR_BYTES, MAX_LISTEN_ADDRS } from '../codec/limits.ts'
import { errorMessage } from '../errors.ts'
import type { Check } from './checks.ts'
import type { Component, Multiaddr } from '@multiformats/multiaddr'

const EXAMPLE = 'a multiaddr such as "/ip4/10.0.0.2/tcp/8765"'

/**
 * Peers in `reservedPeers`.
 *
 * @remarks More are a `ConfigError`.
 */
export const MAX_RESERVED_PEERS = 256

/** What begins an address that needs a port. */
const HOSTS = new Set(['ip4', 'ip6', 'ip6zone', 'dns', 'dns4', 'dns6'])

/** What begins an address that needs no port. */
const PORTLESS = new Set(['dnsaddr', 'unix', 'memory'])

const PORTS = new Set(['tcp', 'udp'])

/** Multicast, reserved and broadcast: everything above the addresses of single machines. */
const FIRST_MULTICAST_OCTET = 224

/** Multiaddrs to listen on, in their usual form. */
export const listenAddresses: Check<readonly string[]> = (value, name) => {
  return parseAll(value, name).map((address) => address.toString())
}

/** Multiaddrs that others can dial, in their usual form, each once. */
export const seedAddresses: Check<readonly string[]> = (value, name) => {
  const addresses = parseAll(value, name)
  addresses.forEach((address, i) => { checkDialable(address, `${name}[${i}]`) })

  return [...new Set(addresses.map((address) => address.toString()))]
}

/** One multiaddr that others can dial, in its usual form. */
export const dialableAddress: Check<string> = (value, name) => {
  const address = parse(value, name)
  checkDialable(address, name)

  return address.toString()
}

/** {@link seedAddresses} of peers whose id is known: at most 256, each with `/p2p/...` at its end. */
export const reservedAddresses: Check<readonly string[]> = (value, name) => {
  const reserved = seedAddresses(value, name)

  if (reserved.length > MAX_RESERVED_PEERS) {
    fail(name, `an array of at most ${MAX_RESERVED_PEERS} multiaddrs`, `one of ${reserved.length}`)
  }

  reserved.forEach((address, i) => {
    if (multiaddr(address).getComponents().at(-1)?.name !== 'p2p') {
      fail(`${name}[${i}]`, 'a multiaddr that ends with `/p2p/` and a peer id', describe(address))
    }
  })

  return reserved
}

/** {@link seedAddresses} that fit into a handshake: at most 16, of at most 192 bytes each. */
export const announceAddresses: Check<readonly string[]> = (value, name) => {
  const addresses = parseAll(value, name)

  addresses.forEach((address, i) => {
    if (address.bytes.byteLength > MAX_LISTEN_ADDR_BYTES) {
      fail(`${name}[${i}]`, `a multiaddr of at most ${MAX_LISTEN_ADDR_BYTES} bytes`, `one of ${address.bytes.byteLength}`)
    }
  })

  const announced = seedAddresses(value, name)

  if (announced.length > MAX_LISTEN_ADDRS) {
    fail(name, `an array of at most ${MAX_LISTEN_ADDRS} multiaddrs`, `one of ${announced.length}`)
  }

  return announced
}

function parseAll (value: unknown, name: string): Multiaddr[] {
  if (!Array.isArray(value)) {
    fail(name, 'an array of multiaddrs', describe(value))
  }

  return Array.from(value as unknown[], (address, i) => parse(address, `${name}[${i}]`))
}

function parse (value: unknown, name: string): Multiaddr {
  if (typeof value !== 'string') {
    fail(name, EXAMPLE, isMultiaddr(value) ? 'a Multiaddr object: give its text, `String(address)`' : describe(value))
  }

  try {
    const address = multiaddr(value)

    // multiaddr() accepts invalid peer ids, values without a binary form, and an empty string
    address.getComponents().filter((part) => part.name === 'p2p').forEach((part) => peerIdFromString(part.value ?? ''))

    if (address.bytes.byteLength === 0) {
      throw new Error('it is empty')
    }

    return address
  } catch (err) {
    return fail(name, EXAMPLE, `${describe(value)} (${errorMessage(err)})`)
  }
}

function checkDialable (address: Multiaddr, name: string): void {
  const parts = address.getComponents()
  const problem = findProblem(parts)

  if (problem != null) {
    fail(name, 'an address that can be dialled', `${describe(address.toString())} (${problem})`)
  }
}

function findProblem (parts: Component[]): string | undefined {
  const first = parts[0]?.name ?? ''

  if (parts.some(({ name, value }) => PORTS.has(name) && value === '0')) {
    return 'port 0 means "any free port", which only makes sense for listening'
  }

  if (parts.some(isUndialable)) {
    return 'no machine has this IP address'
  }

  if (PORTLESS.has(first)) {
    return undefined
  }

  if (!HOSTS.has(first)) {
    return 'it does not begin with an IP address or a DNS name'
  }

  return parts.some(({ name }) => PORTS.has(name)) ? undefined : 'it has no port'
}

function isUndialable ({ name, value = '' }: Component): boolean {
  if (name === 'ip4') {
    const octet = Number.parseInt(value, 10)

    return octet === 0 || octet >= FIRST_MULTICAST_OCTET
  }

  // all zeros, also as an IPv4 address in IPv6 form; ff00::/8 is multicast
  return name === 'ip6' && (value === '::' || value === '::ffff:0:0' || /^ff..:/.test(value))
}
