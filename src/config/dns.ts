import { describe, fail } from './checks.ts'
import type { Check } from './checks.ts'

/**
 * Names in `dnsSeeds`, and addresses in `dnsServers`.
 *
 * @remarks More are a `ConfigError`.
 */
export const MAX_DNS_SEEDS = 16

/** A name of labels of letters, digits and hyphens, 253 characters at most. */
const NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\.?$/i

/** An IPv4 address or an IPv6 address, the latter in brackets where a port follows. */
const SERVER = /^(?:(?<ip4>\d{1,3}(?:\.\d{1,3}){3})|\[(?<ip6>[0-9a-f:.]+)\])(?::(?<port>\d{1,5}))?$|^[0-9a-f]*:[0-9a-f:.]+$/i

/** Host names, each once, in lower case and without the dot at the end. */
export const dnsNames: Check<readonly string[]> = (value, name) => {
  const names = list(value, { name, what: 'host names', max: MAX_DNS_SEEDS }).map((entry, i) => {
    if (typeof entry !== 'string' || !NAME.test(entry) || /^[\d.]+$/.test(entry)) {
      fail(`${name}[${i}]`, 'a host name such as "seed.example.org"', describe(entry))
    }

    return entry.toLowerCase().replace(/\.$/, '')
  })

  return [...new Set(names)]
}

/** DNS servers, as Node.js takes them. */
export const dnsServers: Check<readonly string[]> = (value, name) => {
  return list(value, { name, what: 'IP addresses', max: MAX_DNS_SEEDS }).map((entry, i) => {
    const groups = typeof entry === 'string' ? SERVER.exec(entry)?.groups ?? (SERVER.test(entry) ? {} : undefined) : undefined
    const isOctets = (groups?.['ip4'] ?? '0').split('.').every((octet) => Number(octet) <= 255)

    if (typeof entry !== 'string' || groups == null || !isOctets || Number(groups['port'] ?? 53) > 65_535) {
      fail(`${name}[${i}]`, 'the IP address of a DNS server, such as "10.0.0.53" or "[::1]:5353"', describe(entry))
    }

    return entry
  })
}

function list (value: unknown, { name, what, max }: { name: string, what: string, max: number }): unknown[] {
  if (!Array.isArray(value)) {
    fail(name, `an array of ${what}`, describe(value))
  }

  if (value.length > max) {
    fail(name, `an array of at most ${max} ${what}`, `one of ${value.length}`)
  }

  return Array.from(value as unknown[])
}
