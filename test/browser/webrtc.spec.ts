import assert from 'node:assert/strict'
import { launchOrSkip } from './chromium.ts'
import { nodePage } from './pages.ts'
import { servePages } from './page-server.ts'
import { addressOf, GENESIS_HASH, nextEvent, startNode, stopNodes } from '../integration/nodes.ts'
import { eventually } from '../support/eventually.ts'
import { sampleHash, sampleTransaction } from '../support/sample.ts'
import { encodeTransaction } from '../../src/index.ts'
import type { PageConfig } from './page.ts'
import type { PageServer } from './page-server.ts'
import type { Network, NetworkConfig } from '../../src/index.ts'
import type { Browser, BrowserContext, Page } from 'playwright-core'

/** How long a page and a node may take to find a path on a busy machine, in ms. */
const MOVE_TIMEOUT_MS = 40_000

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/**
 * A page, and a node that it cannot dial: that listens for no WebSocket. Both know a relay.
 */
describe('browser/webrtc', function () {
  this.timeout(120_000)
  let browser: Browser
  let server: PageServer
  let context: BrowserContext
  let page: Page
  let problems: string[]
  let relay: Network
  let home: Network

  before(async function () {
    browser = await launchOrSkip(this)
    server = await servePages(await nodePage())
  })

  after(async () => {
    await browser?.close()
    await server?.close()
  })

  beforeEach(async () => {
    problems = []
    context = await browser.newContext()
    page = await context.newPage()
    page.on('pageerror', (err) => { problems.push(err.stack ?? err.message) })
    await page.goto(server.url)
  })

  afterEach(async () => {
    await context.close()
    await stopNodes()
    assert.deepEqual(problems, [])
  })

  /** Starts the relay and the node at home. `nat` is what the node has. */
  async function startNodes (nat: NetworkConfig['nat']): Promise<void> {
    relay = await startNode({ nat: { relayServer: true }, listen: ['/ip4/127.0.0.1/tcp/0/ws', '/ip4/127.0.0.1/tcp/0'] })
    home = await startNode({ nat, seedPeers: [addressOf(relay)], nodeId: 'home' })
    await eventually(() => home.libp2p.getMultiaddrs().some((address) => address.toString().includes('/p2p-circuit')), 'a reservation')
  }

  async function join (config: Partial<PageConfig>): Promise<void> {
    await page.evaluate(async (config) => globalThis.control.start(config), {
      network: 'vibecoin-test', genesisHash: hex(GENESIS_HASH), seedPeers: [webSocketOf(relay)], ...config
    })
    await page.evaluate(async () => globalThis.control.until('peer:ready'))
  }

  function webSocketOf (node: Network): string {
    return node.libp2p.getMultiaddrs().map(String).find((address) => address.includes('/ws/'))!
  }

  /** Has the page call the node at home through the relay. */
  async function call (): Promise<void> {
    const address = `${webSocketOf(relay)}/p2p-circuit/p2p/${home.libp2p.peerId.toString()}`
    assert.equal(await page.evaluate(async (address) => globalThis.control.dial(address), address), 'none')
  }

  async function wayHome (): Promise<{ address: string, upgrade: string | null } | undefined> {
    return page.evaluate((id) => globalThis.control.way(id), home.libp2p.peerId.toString())
  }

  /** Each side tells the other of a transaction. */
  async function exchange (): Promise<void> {
    const [sent, received] = [sampleTransaction({ id: sampleHash('from the page') }), sampleTransaction({ id: sampleHash('from home') })]
    const arrival = nextEvent(home, 'transaction')
    await page.evaluate((encoded) => globalThis.control.broadcast(encoded), hex(encodeTransaction(sent)))
    assert.deepEqual((await arrival).transaction.id, sent.id)
    home.broadcast({ type: 'newTransaction', transaction: received })
    await page.evaluate(async (id) => globalThis.control.until('transaction', id), hex(received.id))
  }

  it('reaches a node that it cannot dial, moves to a direct connection, and needs the relay no more', async () => {
    await startNodes({ relay: true, webrtc: true })
    await join({ nat: { relay: true, webrtc: true } })
    await call()
    const id = home.libp2p.peerId.toString()
    await page.waitForFunction((id) => globalThis.control.way(id)?.address.includes('/webrtc') === true, id, { timeout: MOVE_TIMEOUT_MS })
    assert.equal((await wayHome())?.upgrade, null)
    await eventually(() => [...home.peers].some(({ direction, address }) => direction === 'inbound' && address.includes('/webrtc')), 'the move at home')
    await relay.stop()
    await exchange()
    assert.match((await wayHome())!.address, /\/webrtc/)
  })

  it('stays on the relay where the node has no WebRTC, and says nothing of a direct connection', async () => {
    await startNodes({ relay: true })
    await join({ nat: { relay: true, webrtc: true } })
    await call()
    assert.match((await wayHome())!.address, /\/ws\/.*\/p2p-circuit/)
    assert.equal((await wayHome())?.upgrade, null)
    await exchange()
  })

  it('calls through the relay alone where the page has no WebRTC', async () => {
    await startNodes({ relay: true, webrtc: true })
    await join({ nat: { relay: true } })
    await call()
    await exchange()
    assert.match((await wayHome())!.address, /\/p2p-circuit/)
  })
})
