import assert from 'node:assert/strict'
import { DnsProcess } from './dns-process.ts'
import { addressOf, nextEvent, startNode, stopNodes } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { MAX_FOUND_PEERS } from '../../src/connect/targets/peer-search.ts'
import { createDnsLookup, DNS_TIMEOUT_MS, MAX_DNS_RECORDS } from '../../src/libp2p/discovery/dns-lookup.ts'
import { DNS_SEED_PORT } from '../../src/libp2p/discovery/dns-seeds.ts'
import { MAX_DNSADDR_ADDRESSES, MAX_DNSADDR_LOOKUPS } from '../../src/libp2p/discovery/dnsaddr.ts'
import type { Network, NetworkConfig } from '../../src/index.ts'
import type { Libp2p } from '@libp2p/interface'

/** What no one listens at. */
const NOBODY = '127.0.0.99'

describe('integration/dns', function () {
  this.timeout(30_000)
  let dns: DnsProcess

  before(async () => {
    dns = await DnsProcess.start()
  })

  after(async () => {
    await dns.stop()
  })

  afterEach(stopNodes)

  /** A node at the port that seeds are expected at, on a loopback address of its own. */
  async function startSeed (n: number, config: Partial<NetworkConfig> = {}): Promise<Network> {
    return startNode({ listen: [`/ip4/127.0.0.${n}/tcp/${DNS_SEED_PORT}`], ...config })
  }

  async function startClient (config: Partial<NetworkConfig>): Promise<Network> {
    return startNode({ dnsServers: [dns.address], ...config })
  }

  function idOf ({ libp2p }: { libp2p: Libp2p }): string {
    return libp2p.peerId.toString()
  }

  async function untilPeers (node: Network, ...others: Network[]): Promise<void> {
    await eventually(() => others.every((other) => node.peers.get(idOf(other)) != null), `sessions with ${others.length} nodes`)
  }

  /** The hosts that a node has tried in vain. */
  function failuresOf (node: Network): Set<string> {
    const failures = new Set<string>()
    node.addEventListener('dial:failed', ({ detail: { target } }) => { failures.add(target) })

    return failures
  }

  describe('in A and AAAA records', () => {
    it('give a node that knows nothing else its peers', async () => {
      const [a, b] = await Promise.all([startSeed(2), startSeed(3)])
      const c = await startNode({ listen: [`/ip6/::1/tcp/${DNS_SEED_PORT}`] }).catch(() => undefined)
      await dns.set({ 'A seed.example': { records: ['127.0.0.2', '127.0.0.3'] }, 'AAAA seed.example': { records: ['::1'] } })
      const client = await startClient({ dnsSeeds: ['seed.example'] })

      // not every machine has IPv6
      await untilPeers(client, a, b, ...c == null ? [] : [c])
      assert.deepEqual([...new Set(dns.questions)].sort(), ['A seed.example', 'AAAA seed.example'])
    })

    it('are looked up again when peers run short, and lead to where the seed is by then', async () => {
      const old = await startSeed(2)
      await dns.set({ 'A seed.example': { records: ['127.0.0.2'] } })
      const client = await startClient({ dnsSeeds: ['seed.example'], maxOutbound: 1 })
      await untilPeers(client, old)
      const asked = dns.questions.length
      await old.stop()
      const next = await startSeed(3)
      await dns.set({ 'A seed.example': { records: ['127.0.0.3'] } })

      await untilPeers(client, next)
      assert.ok(asked > 0 && dns.questions.length > 0)
    })

    it('are not looked up while a known seed has not been tried, and not while there are enough peers', async () => {
      const seed = await startSeed(2)
      await dns.set({ 'A seed.example': { records: ['127.0.0.2'] } })
      const client = await startClient({ dnsSeeds: ['seed.example'], seedPeers: [addressOf(seed)], maxOutbound: 1 })
      await untilPeers(client, seed)

      assert.deepEqual(dns.questions, [])
    })

    it('are looked up in parallel: no seed waits for a slow one, one that never answers, or one that there is not', async () => {
      const [fast, slow] = await Promise.all([startSeed(2), startSeed(3)])
      const late = 1500

      await dns.set({
        'A fast.example': { records: ['127.0.0.2'] },
        'A slow.example': { records: ['127.0.0.3'], delay: late },
        'A silent.example': { isSilent: true },
        'AAAA silent.example': { isSilent: true },
        'A failing.example': { rcode: 2 },
        'A garbage.example': { garbage: 'ff'.repeat(40) },
        'A none.example': { records: [] }
      })

      const begin = performance.now()
      const client = await startClient({
        dnsSeeds: ['silent.example', 'missing.example', 'failing.example', 'garbage.example', 'none.example', 'slow.example', 'fast.example']
      })

      await untilPeers(client, fast)
      assert.ok(performance.now() - begin < late, 'the fast one has not waited')
      await untilPeers(client, slow)
      assert.ok(performance.now() - begin < DNS_TIMEOUT_MS, 'the slow one has not waited for the one that is silent')
    })

    it('are tried where they may be dialled and nowhere else, and only so many of them', async () => {
      const seed = await startSeed(2)
      const many = Array.from({ length: 250 }, (_, i) => `127.0.1.${i + 1}`)

      await dns.set({
        'A liar.example': { records: ['0.0.0.0', '224.0.0.1', '255.255.255.255', '10.0.0.1', '192.168.255.1', ...many] },
        'AAAA liar.example': { records: ['::', 'ff02::1', 'fd00::1'] },
        'A honest.example': { records: ['127.0.0.2'] }
      })

      const client = await startClient({ dnsSeeds: ['liar.example', 'honest.example'], reconnectDelay: 500, maxReconnectDelay: 500 })
      const failures = failuresOf(client)
      await untilPeers(client, seed)
      await eventually(() => failures.size > 20, 'some of the lies to be found out')
      assert.ok(dns.tcpQuestions.includes('A liar.example'), 'what does not fit into a packet comes over TCP')
      const targets = [...failures]
      assert.ok(targets.length <= MAX_FOUND_PEERS)
      assert.ok(targets.every((target) => /^\/ip4\/127\.0\.1\.\d+\/tcp\/8765$/.test(target)), targets.join())
    })
  })

  describe('in TXT records', () => {
    function dnsaddr (...addresses: string[]): { records: string[] } {
      return { records: addresses.map((address) => `dnsaddr=${address}`) }
    }

    it('give a node all peers they lead to, by way of other names', async () => {
      const [a, b, c] = await Promise.all([startNode(), startNode(), startSeed(2)])

      await dns.set({
        'TXT _dnsaddr.seed.example': dnsaddr(addressOf(a), '/dnsaddr/more.example', '/dnsaddr/missing.example'),
        'TXT _dnsaddr.more.example': dnsaddr(addressOf(b), `/dns4/host.example/tcp/${DNS_SEED_PORT}`),
        'A host.example': { records: ['127.0.0.2'] }
      })

      const client = await startClient({ seedPeers: ['/dnsaddr/seed.example'] })
      await untilPeers(client, a, b, c)
    })

    it('are asked of the configured servers also when libp2p dials', async () => {
      const seed = await startNode()
      await dns.set({ 'TXT _dnsaddr.seed.example': dnsaddr(addressOf(seed)) })
      const client = await startClient({ maxOutbound: 1 })

      assert.equal((await client.connect('/dnsaddr/seed.example')).id, idOf(seed))
      assert.deepEqual(dns.questions, ['TXT _dnsaddr.seed.example'])
    })

    it('lead to the peer that the seed names and to no other', async () => {
      const [wanted, other] = await Promise.all([startNode(), startNode()])
      await dns.set({ 'TXT _dnsaddr.seed.example': dnsaddr(addressOf(other), addressOf(wanted)) })
      const client = await startClient({ seedPeers: [`/dnsaddr/seed.example/p2p/${idOf(wanted)}`] })
      await untilPeers(client, wanted)

      assert.equal(client.peers.get(idOf(other)), undefined)
    })

    it('that go in circles or branch without end cost a bounded number of questions, and no other seed the time', async () => {
      const seed = await startNode()
      const tree = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [
        `TXT _dnsaddr.tree${i}.example`, dnsaddr(...Array.from({ length: 20 }, (_, j) => `/dnsaddr/tree${(7 * i + j) % 40}.example`))
      ]))

      await dns.set({
        ...tree,
        'TXT _dnsaddr.circle.example': dnsaddr('/dnsaddr/round.example'),
        'TXT _dnsaddr.round.example': dnsaddr('/dnsaddr/circle.example', '/dnsaddr/circle.example', addressOf(seed))
      })

      const client = await startClient({ seedPeers: ['/dnsaddr/circle.example', '/dnsaddr/tree0.example'], reconnectDelay: 20_000, maxReconnectDelay: 60_000 })
      const failures = failuresOf(client)
      await untilPeers(client, seed)
      await eventually(() => failures.has('/dnsaddr/tree0.example'), 'the tree to be given up')
      const questions = dns.questions.filter((question) => question.includes('tree'))

      // once by whoever dials the seed, and once when peers are short
      assert.ok(questions.length <= 2 * MAX_DNSADDR_LOOKUPS, `${questions.length} questions`)
    })

    it(`lead to ${MAX_DNSADDR_ADDRESSES} addresses at most, of those that may be dialled`, async () => {
      const lies = ['/ip4/0.0.0.0/tcp/1', '/ip4/224.0.0.1/tcp/1', '/ip4/10.0.0.1/tcp/22', '/unix/tmp/x', 'nonsense', '/ip4/127.0.0.1/tcp/0']
      const many = Array.from({ length: 300 }, (_, i) => `/ip4/${NOBODY}/tcp/${i + 1}`)
      await dns.set({ 'TXT _dnsaddr.liar.example': { records: ['', 'dnsaddr=', 'x=y', ...dnsaddr(...lies, ...many).records] } })
      const client = await startClient({ seedPeers: ['/dnsaddr/liar.example'], maxOutbound: 100, maxReconnectDelay: 60_000, reconnectDelay: 60_000 })
      const failures = failuresOf(client)
      await eventually(() => failures.size > MAX_DNSADDR_ADDRESSES / 2, 'the lies to be found out')
      const targets = [...failures].filter((target) => target !== '/dnsaddr/liar.example')

      assert.ok(targets.length <= MAX_DNSADDR_ADDRESSES)
      assert.ok(targets.every((target) => target.startsWith(`/ip4/${NOBODY}/tcp/`)), targets.join())
    })

    it('that no server answers for say so, and a node with such a seed stops at once', async () => {
      await dns.set({ 'TXT _dnsaddr.silent.example': { isSilent: true } })
      const client = await startClient({ seedPeers: ['/dnsaddr/missing.example', '/dnsaddr/silent.example'] })
      const { error } = await nextEvent(client, 'dial:failed', ({ target }) => target === '/dnsaddr/missing.example')
      assert.match(error.message, /Could not look \/dnsaddr\/missing\.example up: .*ENOTFOUND/)
      const begin = performance.now()
      await client.stop()
      assert.ok(performance.now() - begin < 1000)
    })
  })

  describe('as they are looked up', () => {
    const never = new AbortController().signal

    it(`give ${MAX_DNS_RECORDS} records and no more, also of an answer that comes over TCP`, async () => {
      const records = (count: number): string[] => Array.from({ length: count }, (_, i) => `10.0.${i >> 8}.${i & 255}`)
      await dns.set({
        'A full.example': { records: records(MAX_DNS_RECORDS) },
        'A over.example': { records: records(MAX_DNS_RECORDS + 1) },
        'A huge.example': { records: records(1000) }
      })
      const lookup = createDnsLookup([dns.address])

      for (const name of ['full.example', 'over.example', 'huge.example']) {
        assert.equal((await lookup.addresses(name, never)).length, MAX_DNS_RECORDS, name)
      }

      assert.ok(dns.tcpQuestions.includes('A huge.example'))
    })

    it('join the parts of a text, and leave out what is too long', async () => {
      await dns.set({ 'TXT text.example': { records: ['dnsaddr=/ip4/1.2.3.4', 'x'.repeat(255)] } })

      assert.deepEqual(await createDnsLookup([dns.address]).texts('text.example', never), ['dnsaddr=/ip4/1.2.3.4', 'x'.repeat(255)])
    })

    it('end when they are aborted, though no server answers', async () => {
      await dns.set({ 'A silent.example': { isSilent: true }, 'AAAA silent.example': { isSilent: true } })
      const abort = new AbortController()
      const looked = createDnsLookup([dns.address]).addresses('silent.example', abort.signal)
      await eventually(() => dns.questions.length > 0, 'the question')
      abort.abort()
      await assert.rejects(looked, { code: 'ECANCELLED' })
    })
  })
})
