import { BlockList, isIP } from 'node:net'
import { describe } from '../config/checks.ts'
import { ConfigError } from '../errors.ts'
import type { IncomingHttpHeaders } from 'node:http'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/** Throws a {@link ConfigError} for what cannot be listened on, and for an address that others can reach unless `isPublic`. */
export function checkBind (host: string, isPublic: boolean): void {
  if (typeof host !== 'string' || (host !== 'localhost' && isIP(host) === 0)) {
    throw new ConfigError(`Expected \`host\` to be an IP address or "localhost", got ${describe(host)}`)
  }

  if (!isPublic && !isLoopback(host)) {
    throw new ConfigError(`Expected \`host\` to be an address of loopback, got ${describe(host)}: the pages have no password, and tell everything of the node. Set \`public\` where others may read them`)
  }
}

/** Whether only this machine can reach an address. */
export function isLoopback (host: string): boolean {
  const family = isIP(host)

  return host === 'localhost' || (family !== 0 && LOOPBACK.check(host, family === 6 ? 'ipv6' : 'ipv4'))
}

/**
 * Whether a request names this server, by its `Host` header. An IP address, `localhost` and `names` do. Any other name may be one of a web
 * page, whose owner has led it to this machine, so that a browser takes these pages for those of that site. A request without the header
 * comes from no browser.
 */
export function isNamed (header: string | undefined, names: readonly string[]): boolean {
  if (header == null) {
    return true
  }

  const host = /^(\[[^\]]*\]|[^:[\]]*)(:\d{1,5})?$/.exec(header)?.[1]?.toLowerCase() ?? ''
  const bare = host.startsWith('[') ? host.slice(1, -1) : host

  return isIP(bare) !== 0 || bare === 'localhost' || names.some((name) => name.toLowerCase() === bare)
}

/** The headers by which browsers say where a request comes from. */
export type OriginHeaders = Pick<IncomingHttpHeaders, 'host' | 'origin' | 'sec-fetch-site' | 'sec-fetch-mode' | 'sec-fetch-dest'>

/**
 * Whether a browser says that a page of another site has caused a request. Such a page may not read the answer, but it could take places
 * and time of the server. A link that a person has followed is none: a dashboard may have one.
 */
export function isOfOtherSite (headers: OriginHeaders): boolean {
  const { host, origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest } = headers

  if (mode === 'navigate' && dest === 'document') {
    return false
  }

  if (site != null) {
    return site !== 'same-origin' && site !== 'none'
  }

  return origin != null && (!URL.canParse(origin) || new URL(origin).host !== host)
}

/** An address and a port as they stand in a URL. */
export function formatHost (host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`
}
