import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { launchOrSkip } from './chromium.ts'
import { nodePage } from './pages.ts'
import { servePages } from './page-server.ts'
import { eventually } from '../support/eventually.ts'
import { addressOf, connect, freePorts, nextEvent, startNode, stopNodes } from '../integration/nodes.ts'
import { growChain, MemoryChain } from '../support/memory-chain.ts'
import { sampleChain, sampleHash, sampleTransaction } from '../support/sample.ts'
import { digestOf, encodeBlock, encodeTransaction } from '../../src/index.ts'
import type { PageConfig, PageControl, PageEvent } from './page.ts'
import type { PageServer } from './page-server.ts'
import type { Network, NetworkConfig } from '../../src/index.ts'
import type { PrivateKey } from '@libp2p/interface'
import type { Browser, BrowserContext, Page } from 'playwright-core'

/** Blocks above the genesis block that the page fetches. */
const SYNC_BLOCKS = 1000

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

declare global {
  var control: PageControl
}

describe('browser/browser', function () {
  this.timeout(30_000)

  let browser: Browser
  let server: PageServer

  before(async function () {
    this.timeout(60_000)
    browser = await launchOrSkip(this)
    server = await servePages(await nodePage())
  })

  after(async () => {
    await browser?.close()
    await server?.close()
  })

  describe('a page', () => {
    const chain = sampleChain(1 + SYNC_BLOCKS)
    const genesisHash = chain[0]!.hash
    let context: BrowserContext
    let page: Page
    let problems: string[]
    let nodes: Network[]
    let chains: MemoryChain[]
    let gate: string
    let gatePort: number
    let gateKey: PrivateKey

    beforeEach(async () => {
      problems = []
      context = await browser.newContext()
      page = await openPage()
      gatePort = (await freePorts(1))[0]!
      gateKey = await generateKeyPair('Ed25519')
      chains = Array.from({ length: 3 }, () => new MemoryChain(chain.slice(0, 1)))
      nodes = await Promise.all(chains.map(async (chain, i) => startNode({
        chain,
        genesisHash,
        ...i === 0 ? gateConfig() : {}
      })))
      gate = `/ip4/127.0.0.1/tcp/${gatePort}/ws/p2p/${nodes[0]!.libp2p.peerId.toString()}`
      // a line: what the page sends has to be passed on to get to the end of it
      await connect(nodes[1]!, nodes[0]!)
      await connect(nodes[2]!, nodes[1]!)
    })

    afterEach(async () => {
      await context.close()
      await stopNodes()
      assert.deepEqual(problems, [])
    })

    function gateConfig (): Partial<NetworkConfig> {
      return { privateKey: gateKey, listen: ['/ip4/127.0.0.1/tcp/0', `/ip4/127.0.0.1/tcp/${gatePort}/ws`] }
    }

    async function openPage (): Promise<Page> {
      const page = await context.newPage()
      page.on('pageerror', (err) => { problems.push(err.stack ?? err.message) })
      page.on('console', (message) => {
        // a connection that fails is an error to the browser, and daily bread to a node
        if (message.type() === 'error' && !/WebSocket connection to|ERR_CONNECTION_REFUSED/.test(message.text())) {
          problems.push(message.text())
        }
      })
      await page.goto(server.url)
      await page.waitForLoadState('load')

      return page
    }

    async function join (config: Partial<PageConfig> = {}): Promise<string> {
      const id = await page.evaluate(async (config) => globalThis.control.start(config), {
        network: 'vibecoin-test', genesisHash: hex(genesisHash), seedPeers: [gate], reconnectDelay: 100, maxReconnectDelay: 500, ...config
      })
      await until('peer:ready')

      return id
    }

    /** What a node of the same network says to a database. */
    async function refusalOf (page: Page, dataDir: string): Promise<string> {
      return page.evaluate(async (config) => globalThis.control.refusal(config), {
        network: 'vibecoin-test', genesisHash: hex(genesisHash), dataDir
      })
    }

    async function until (type: string, about?: string | number): Promise<PageEvent> {
      return page.evaluate(async ([type, about]) => globalThis.control.until(type, about), [type, about] as const)
    }

    it('makes a session with a node', async () => {
      const ready = nextEvent(nodes[0]!, 'peer:ready', ({ nodeId }) => nodeId === 'page')
      const id = await join()
      const peer = await ready

      assert.equal(peer.id, id)
      assert.equal(peer.direction, 'inbound')
      assert.match(peer.address, /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws/)
      assert.deepEqual(await page.evaluate(() => globalThis.control.peers()), [nodes[0]!.libp2p.peerId.toString()])
    })

    it('receives blocks and transactions that come over several nodes', async () => {
      await join()
      const transaction = sampleTransaction({ id: sampleHash('relayed') })
      nodes[2]!.broadcast({ type: 'newTransaction', transaction })
      assert.equal((await until('transaction', hex(transaction.id))).type, 'transaction')

      const [, block] = growChain(chain.slice(0, 1), 1, 'relayed')
      chains[2]!.blocks.push(block!)
      nodes[2]!.broadcast({ type: 'newBlock', block: block! })
      assert.equal((await until('block', 1)).height, 1)
    })

    it('sends a transaction that reaches every node', async () => {
      await join()
      const transaction = sampleTransaction({ id: sampleHash('from a page') })
      const arrivals = nodes.map(async (node) => nextEvent(node, 'transaction'))
      const sent = await page.evaluate((encoded) => globalThis.control.broadcast(encoded), hex(encodeTransaction(transaction)))

      assert.deepEqual(sent, { queued: 1, skipped: 0 })
      assert.deepEqual((await Promise.all(arrivals)).map((arrival) => arrival.transaction), nodes.map(() => transaction))
    })

    it(`fetches ${SYNC_BLOCKS} blocks and tells how far it is`, async () => {
      chains[0]!.blocks.push(...chain.slice(1))
      await join({ genesis: hex(encodeBlock(chain[0]!)) })

      assert.equal((await until('sync:end', SYNC_BLOCKS)).height, SYNC_BLOCKS)
      assert.equal(await page.evaluate(() => globalThis.control.height()), SYNC_BLOCKS)
      const { height } = await until('sync:progress')
      assert.ok(height! >= 0 && height! <= SYNC_BLOCKS)
    })

    it('is there again after its node was away', async () => {
      const id = await join()
      await page.evaluate(() => { globalThis.control.forget() })
      await nodes[0]!.stop()
      assert.equal((await until('peer:closed')).reason, 'SHUTDOWN')

      const again = await startNode({ chain: chains[0]!, genesisHash, ...gateConfig() })
      assert.equal((await nextEvent(again, 'peer:ready')).id, id)
      await until('peer:ready', again.libp2p.peerId.toString())
    })

    it('ends its session with the tab, at once', async () => {
      const id = await join()
      const closed = nextEvent(nodes[0]!, 'peer:closed', ({ peer }) => peer.id === id)
      const start = performance.now()
      await page.close()
      await closed
      assert.ok(performance.now() - start < 2000, 'within two seconds')
      await eventually(() => nodes[0]!.libp2p.getConnections().every(({ remotePeer }) => remotePeer.toString() !== id), 'its connection to end')
    })

    it('says goodbye when it is stopped', async () => {
      await join()
      const closed = nextEvent(nodes[0]!, 'peer:closed')
      await page.evaluate(async () => globalThis.control.stop())
      assert.equal((await closed).reason, 'SHUTDOWN')
    })

    it('keeps its identity in a database, which one tab at a time may use', async () => {
      const first = await join({ dataDir: 'node' })
      await page.evaluate(async () => globalThis.control.stop())
      assert.equal(await join({ dataDir: 'node' }), first)

      const other = await openPage()
      assert.match(await refusalOf(other, 'node'), /^StorageError: Could not open the known peers: another tab or node is using the database node/)

      await page.close()
      page = other
      assert.equal(await join({ dataDir: 'node' }), first)
    })

    it('knows from an earlier time where to go', async () => {
      const id = await join({ dataDir: 'node' })
      await page.evaluate(async () => globalThis.control.stop())
      const [deadPort] = await freePorts(1)

      assert.equal(await join({ dataDir: 'node', seedPeers: [`/ip4/127.0.0.1/tcp/${deadPort}/ws`] }), id)
    })

    it('refuses a damaged identity and leaves it as it is', async () => {
      await join({ dataDir: 'node' })

      await page.evaluate(async () => {
        await globalThis.control.stop()
        await globalThis.control.damage('node')
      })

      for (const dataDir of ['node', 'node']) {
        assert.match(await refusalOf(page, dataDir), /^StorageError: Could not read the identity in the database node: /)
      }
    })

    it('has another identity in another database, and without one every time', async () => {
      const identities = new Set([await join({ dataDir: 'a' })])

      for (const dataDir of ['b', undefined, undefined]) {
        await page.evaluate(async () => globalThis.control.stop())
        identities.add(await join({ dataDir }))
      }

      assert.equal(identities.size, 4)
    })

    it('refuses options that a page has no means for', async () => {
      const refusals = await page.evaluate(async () => Promise.all([
        { listen: ['/ip4/127.0.0.1/tcp/0/ws'] }, { dnsSeeds: ['seed.example.org'] }, { nat: { relay: true, upnp: true } }, { discovery: { mdns: true } }
      ].map(async (config) => globalThis.control.refusal(config))))

      assert.deepEqual(refusals.map((refusal) => refusal.split(':')[0]), Array(4).fill('ConfigError'))
      assert.match(refusals[0]!, /^ConfigError: A web page cannot use `listen`/)
    })

    it('looks up no names that peers come up with', async () => {
      await join()
      const requests: string[] = []
      page.on('request', (request) => { requests.push(request.url()) })
      const dialled = await page.evaluate(async () => globalThis.control.dial('/dnsaddr/seed.example.org'))

      assert.notEqual(dialled, 'none')
      assert.deepEqual(requests, [])
    })

    it('joins a DHT, which is loaded on demand', async () => {
      const node = await startNode({ genesisHash, discovery: { dht: 'server' }, listen: ['/ip4/127.0.0.1/tcp/0/ws'] })
      await join({ discovery: { dht: true }, seedPeers: [addressOf(node)] })

      assert.deepEqual(await page.evaluate(() => globalThis.control.peers()), [node.libp2p.peerId.toString()])
    })

    it('joins a private network, under a policy that allows no WebAssembly either', async () => {
      const privateNetworkKey = `/key/swarm/psk/1.0.0/\n/base16/\n${'7f'.repeat(32)}`
      const node = await startNode({ genesisHash, privateNetworkKey, listen: ['/ip4/127.0.0.1/tcp/0/ws'] })
      await join({ privateNetworkKey, seedPeers: [addressOf(node)] })

      assert.deepEqual(await page.evaluate(() => globalThis.control.peers()), [node.libp2p.peerId.toString()])
    })

    it('dials plain and private addresses only on the hosts of its seeds', async () => {
      await join()
      const [port] = await freePorts(1)
      const dial = async (address: string): Promise<string> => page.evaluate(async (address) => globalThis.control.dial(address), address)

      assert.match(await dial(`/ip4/127.0.0.2/tcp/${port}/ws`), /DialDeniedError|NoValidAddresses/)
      assert.doesNotMatch(await dial(`/ip4/127.0.0.1/tcp/${port}/ws`), /DialDeniedError|NoValidAddresses/)
    })

    it('digests as Node.js does, and fast enough', async () => {
      for (const length of [0, 1, 55, 56, 64, 1000, 4_194_304]) {
        const { digest, megabytesPerSecond } = await page.evaluate((length) => globalThis.control.digest(length), length)
        assert.equal(digest, hex(digestOf(new Uint8Array(length).fill(7))))

        if (length > 1_000_000) {
          assert.ok(megabytesPerSecond > 10, `${megabytesPerSecond} MB/s`)
        }
      }
    })
  })
})
