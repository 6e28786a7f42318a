import type { Location } from './location.ts'

/**
 * Whether one more session from a place is within the cap for each host, beside those that are there. Only public hosts have
 * one: behind a private address, or this machine's own, there may be a proxy that brings everybody.
 */
export function hasRoomForHost ({ host, netgroup: group }: Location, others: Iterable<Location>, maxPerHost: number): boolean {
  if (host == null || group == null) {
    return true
  }

  let count = 0

  for (const other of others) {
    count += other.host === host ? 1 : 0
  }

  return count < maxPerHost
}

/**
 * Who is taken for one crowd: a public network, or a host that is not public. Peers of whose host nothing is known, those on
 * this machine and those that come through relays, are one crowd together: such peers cost nobody an address.
 */
export function netgroupKeyOf ({ host, netgroup: group }: Location): string {
  return group ?? host ?? ''
}
