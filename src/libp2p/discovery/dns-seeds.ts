import { createDnsLookup } from './dns-lookup.ts'
import { resolveDnsaddr } from './dnsaddr.ts'
import { peerIdOf } from '../../address/multiaddr.ts'
import { systemChance } from '../../util/chance.ts'
import { shuffle } from '../../util/shuffle.ts'
import type { DnsLookup } from './dns-lookup.ts'
import type { StackPart } from '../part.ts'
import type { ResolvedNetworkConfig } from '../../config/resolve.ts'
import type { FoundPeer, PeerSource } from '../../types/peer-source.ts'

/** The TCP port of seeds that are only known by name. */
export const DNS_SEED_PORT = 8765

/**
 * Addresses that one name in `dnsSeeds` may stand for.
 *
 * @remarks The node does not look at the others.
 */
export const MAX_DNS_SEED_ADDRESSES = 64

/** A source of peers for each name among the seeds: one that lies takes no room from the others. */
export function createDnsSeeds (
  { dnsSeeds, dnsServers, seedPeers }: Pick<ResolvedNetworkConfig, 'dnsSeeds' | 'dnsServers' | 'seedPeers'>,
  lookup: DnsLookup = createDnsLookup(dnsServers)
): StackPart {
  const hosts = dnsSeeds.map((name): PeerSource => ({ name, find: (signal) => findByHost(name, lookup, signal) }))
  const dnsaddrs = seedPeers.filter((seed) => seed.startsWith('/dnsaddr/'))
    .map((name): PeerSource => ({ name, find: (signal) => findByDnsaddr(name, lookup, signal) }))

  return { peerSources: [...hosts, ...dnsaddrs] }
}

/** The node learns who is behind an address when it dials: until then each address is a peer of its own. */
async function * findByHost (name: string, lookup: DnsLookup, signal: AbortSignal): AsyncGenerator<FoundPeer, void, undefined> {
  const ips = await lookup.addresses(name, signal)

  // of a long answer, not every node takes the same few
  for (const ip of shuffle([...ips], systemChance.random).slice(0, MAX_DNS_SEED_ADDRESSES)) {
    yield { addresses: [`/${ip.includes(':') ? 'ip6' : 'ip4'}/${ip}/tcp/${DNS_SEED_PORT}`] }
  }
}

async function * findByDnsaddr (seed: string, lookup: DnsLookup, signal: AbortSignal): AsyncGenerator<FoundPeer, void, undefined> {
  for await (const address of resolveDnsaddr(seed, { lookup, signal })) {
    const peerId = peerIdOf(address)

    yield { ...(peerId == null ? {} : { peerId }), addresses: [address] }
  }
}
