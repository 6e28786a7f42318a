import assert from 'node:assert/strict'
import { MAX_DNSADDR_ADDRESSES, MAX_DNSADDR_DEPTH, MAX_DNSADDR_LOOKUPS, resolveDnsaddr } from '../../../src/libp2p/discovery/dnsaddr.ts'
import type { DnsLookup } from '../../../src/libp2p/discovery/dns-lookup.ts'

const ALICE = '12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA'
const BOB = '12D3KooWGjMCwVHUHQkE7z8j3sbLQPhsGNjBM3hcYWPkQ9QBm2D4'

describe('libp2p/discovery/dnsaddr', () => {
  let asked: string[]

  beforeEach(() => {
    asked = []
  })

  /** Texts by name, and IP addresses by host. What there is none of is an error, as it is in the DNS. */
  function lookup (texts: Record<string, string[]>, hosts: Record<string, string[]> = {}): DnsLookup {
    const find = (records: Record<string, string[]>, name: string): string[] => {
      asked.push(name)

      if (records[name] == null) {
        throw new Error(`ENOTFOUND ${name}`)
      }

      return records[name]
    }

    return {
      texts: async (name) => Promise.resolve(find(texts, name.replace(/^_dnsaddr\./, '')).map((text) => `dnsaddr=${text}`)),
      addresses: async (name) => Promise.resolve(find(hosts, name))
    }
  }

  async function resolve (address: string, dns: DnsLookup, signal = new AbortController().signal): Promise<string[]> {
    const found: string[] = []

    for await (const next of resolveDnsaddr(address, { lookup: dns, signal })) {
      found.push(next)
    }

    return found
  }

  it('is what the records of the name say', async () => {
    const dns = lookup({ 'a.example': ['/ip4/1.2.3.4/tcp/1', `/ip6/2606:4700::1/tcp/2/p2p/${ALICE}`] })

    assert.deepEqual(await resolve('/dnsaddr/a.example', dns), ['/ip4/1.2.3.4/tcp/1', `/ip6/2606:4700::1/tcp/2/p2p/${ALICE}`])
  })

  it('asks at the name that is meant for it', async () => {
    const names: string[] = []
    await resolve('/dnsaddr/a.example', { ...lookup({}), texts: async (name) => { names.push(name); return Promise.resolve([]) } })

    assert.deepEqual(names, ['_dnsaddr.a.example'])
  })

  it('leaves out what is no such record, or no address', async () => {
    const dns: DnsLookup = { ...lookup({}), texts: async () => Promise.resolve(['v=spf1', '/ip4/1.2.3.4/tcp/1', 'dnsaddr=', 'dnsaddr=x', 'dnsaddr=/ip4/1.2.3.4/tcp/2 ']) }

    assert.deepEqual(await resolve('/dnsaddr/a.example', dns), ['/ip4/1.2.3.4/tcp/2'])
  })

  it('follows names to names, each address once', async () => {
    const dns = lookup({
      'a.example': ['/dnsaddr/b.example', '/dnsaddr/c.example', '/ip4/1.2.3.4/tcp/1'],
      'b.example': ['/ip4/1.2.3.4/tcp/1', '/ip4/1.2.3.4/tcp/2'],
      'c.example': ['/ip4/1.2.3.4/tcp/3', '/ip4/1.2.3.4/tcp/2']
    })

    assert.deepEqual(await resolve('/dnsaddr/a.example', dns), ['/ip4/1.2.3.4/tcp/1', '/ip4/1.2.3.4/tcp/2', '/ip4/1.2.3.4/tcp/3'])
  })

  it('looks host names up too, as IPv4, IPv6 or both', async () => {
    const ips = ['1.2.3.4', '2606:4700::1']
    const dns = lookup({
      'a.example': ['/dns4/four.example/tcp/1', `/dns6/six.example/tcp/2/p2p/${ALICE}`, '/dns/both.example/tcp/3']
    }, { 'four.example': ips, 'six.example': ips, 'both.example': ips })

    assert.deepEqual(await resolve('/dnsaddr/a.example', dns), [
      '/ip4/1.2.3.4/tcp/1', `/ip6/2606:4700::1/tcp/2/p2p/${ALICE}`, '/ip4/1.2.3.4/tcp/3', '/ip6/2606:4700::1/tcp/3'
    ])
  })

  it('leaves a name where it is that a certificate is for', async () => {
    assert.deepEqual(await resolve('/dnsaddr/a.example', lookup({ 'a.example': ['/dns4/w.example/tcp/443/tls/ws', '/dns4/w.example/tcp/443/wss'] })), [
      '/dns4/w.example/tcp/443/tls/ws', '/dns4/w.example/tcp/443/wss'
    ])
  })

  it('leads to the peer that is asked for and to no other, on the way too', async () => {
    const dns = lookup({
      'a.example': [`/dnsaddr/b.example/p2p/${ALICE}`, `/dnsaddr/c.example/p2p/${BOB}`, '/ip4/1.2.3.4/tcp/1'],
      'b.example': [`/ip4/1.2.3.4/tcp/2/p2p/${ALICE}`, `/ip4/1.2.3.4/tcp/3/p2p/${BOB}`]
    })

    assert.deepEqual(await resolve(`/dnsaddr/a.example/p2p/${ALICE}`, dns), [`/ip4/1.2.3.4/tcp/2/p2p/${ALICE}`])
    assert.deepEqual(asked, ['a.example', 'b.example'])
  })

  it('goes on where one of the names is not to be found', async () => {
    const dns = lookup({ 'a.example': ['/dnsaddr/missing.example', '/ip4/1.2.3.4/tcp/1', '/dnsaddr/b.example'], 'b.example': ['/ip4/1.2.3.4/tcp/2'] })

    assert.deepEqual(await resolve('/dnsaddr/a.example', dns), ['/ip4/1.2.3.4/tcp/1', '/ip4/1.2.3.4/tcp/2'])
  })

  it('throws where the first one is not', async () => {
    await assert.rejects(resolve('/dnsaddr/missing.example', lookup({})), { message: 'Could not look /dnsaddr/missing.example up: ENOTFOUND missing.example' })
  })

  it('throws the reason of its signal', async () => {
    const abort = new AbortController()
    abort.abort(new RangeError('enough'))
    await assert.rejects(resolve('/dnsaddr/a.example', lookup({ 'a.example': [] }), abort.signal), { name: 'RangeError' })
  })

  it('asks each name once, though they go in circles', async () => {
    const dns = lookup({ 'a.example': ['/dnsaddr/a.example', '/dnsaddr/b.example', '/dnsaddr/b.example'], 'b.example': ['/dnsaddr/a.example'] })

    assert.deepEqual(await resolve('/dnsaddr/a.example', dns), [])
    assert.deepEqual(asked, ['a.example', 'b.example'])
  })

  it(`follows ${MAX_DNSADDR_DEPTH} names and no more`, async () => {
    const chain = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`n${i}.example`, [`/dnsaddr/n${i + 1}.example`, `/ip4/1.2.3.4/tcp/${i + 1}`]]))

    assert.equal((await resolve('/dnsaddr/n0.example', lookup(chain))).length, MAX_DNSADDR_DEPTH + 1)
    assert.equal(asked.length, MAX_DNSADDR_DEPTH + 1)
  })

  it(`looks ${MAX_DNSADDR_LOOKUPS} names up and no more`, async () => {
    const names = (count: number): DnsLookup => lookup({ 'a.example': Array.from({ length: count }, (_, i) => `/dnsaddr/n${i}.example`) })
    await resolve('/dnsaddr/a.example', names(MAX_DNSADDR_LOOKUPS - 1))
    assert.equal(asked.splice(0).length, MAX_DNSADDR_LOOKUPS)
    await resolve('/dnsaddr/a.example', names(MAX_DNSADDR_LOOKUPS))
    assert.equal(asked.length, MAX_DNSADDR_LOOKUPS)
  })

  it(`finds ${MAX_DNSADDR_ADDRESSES} addresses and no more`, async () => {
    const many = (count: number): DnsLookup => lookup({ 'a.example': Array.from({ length: count }, (_, i) => `/ip4/1.2.3.4/tcp/${i + 1}`) })

    assert.equal((await resolve('/dnsaddr/a.example', many(MAX_DNSADDR_ADDRESSES))).length, MAX_DNSADDR_ADDRESSES)
    assert.equal((await resolve('/dnsaddr/a.example', many(MAX_DNSADDR_ADDRESSES + 1))).length, MAX_DNSADDR_ADDRESSES)
  })

  it('ends for a tree whose every name leads to two others, in which libp2p gets lost', async () => {
    const tree = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`n${i}.example`, [0, 1].map(() => `/dnsaddr/n${i + 1}.example`)]))
    await resolve('/dnsaddr/n0.example', lookup(tree))

    assert.ok(asked.length <= MAX_DNSADDR_LOOKUPS)
  })
})
