import assert from 'node:assert/strict'
import { createDnsSeeds, MAX_DNS_SEED_ADDRESSES } from '../../../src/libp2p/discovery/dns-seeds.ts'
import type { DnsLookup } from '../../../src/libp2p/discovery/dns-lookup.ts'
import type { FoundPeer, PeerSource } from '../../../src/types/peer-source.ts'

const ALICE = '12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA'

describe('libp2p/discovery/dns-seeds', () => {
  function sources (config: { dnsSeeds?: string[], seedPeers?: string[] }, lookup: Partial<DnsLookup> = {}): PeerSource[] {
    return createDnsSeeds({ dnsSeeds: [], dnsServers: [], seedPeers: [], ...config }, lookup as DnsLookup).peerSources ?? []
  }

  async function find (source: PeerSource | undefined): Promise<FoundPeer[]> {
    const found: FoundPeer[] = []

    for await (const peer of source?.find(new AbortController().signal) ?? []) {
      found.push(peer)
    }

    return found
  }

  it('are a source for each name, and for each seed in TXT records', () => {
    const seedPeers = ['/ip4/1.2.3.4/tcp/1', '/dnsaddr/c.example', `/dnsaddr/d.example/p2p/${ALICE}`, '/dns4/e.example/tcp/1']

    assert.deepEqual(sources({ dnsSeeds: ['a.example', 'b.example'], seedPeers }).map(({ name }) => name), [
      'a.example', 'b.example', '/dnsaddr/c.example', `/dnsaddr/d.example/p2p/${ALICE}`
    ])
  })

  it('are a peer at port 8765 of each address of a name', async () => {
    const [source] = sources({ dnsSeeds: ['a.example'] }, { addresses: async () => Promise.resolve(['1.2.3.4', '2606:4700::1']) })
    const found = (await find(source)).sort((a, b) => a.addresses[0]!.localeCompare(b.addresses[0]!))

    assert.deepEqual(found, [{ addresses: ['/ip4/1.2.3.4/tcp/8765'] }, { addresses: ['/ip6/2606:4700::1/tcp/8765'] }])
  })

  it(`are ${MAX_DNS_SEED_ADDRESSES} addresses of a name at most, not always the same`, async () => {
    const ips = (count: number): string[] => Array.from({ length: count }, (_, i) => `1.2.3.${i}`)
    const lookUp = async (count: number): Promise<FoundPeer[]> => {
      return find(sources({ dnsSeeds: ['a.example'] }, { addresses: async () => Promise.resolve(ips(count)) })[0])
    }

    assert.equal((await lookUp(MAX_DNS_SEED_ADDRESSES)).length, MAX_DNS_SEED_ADDRESSES)
    const [first, second] = [await lookUp(2 * MAX_DNS_SEED_ADDRESSES), await lookUp(2 * MAX_DNS_SEED_ADDRESSES)]
    assert.equal(first.length, MAX_DNS_SEED_ADDRESSES)
    assert.notDeepEqual(first, second)
  })

  it('are the peers that TXT records lead to, each with its peer id where that is there', async () => {
    const texts = [`dnsaddr=/ip4/1.2.3.4/tcp/1/p2p/${ALICE}`, 'dnsaddr=/ip4/1.2.3.4/tcp/2']
    const [source] = sources({ seedPeers: ['/dnsaddr/a.example'] }, { texts: async () => Promise.resolve(texts) })

    assert.deepEqual(await find(source), [
      { peerId: ALICE, addresses: [`/ip4/1.2.3.4/tcp/1/p2p/${ALICE}`] }, { addresses: ['/ip4/1.2.3.4/tcp/2'] }
    ])
  })
})
