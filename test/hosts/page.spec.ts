import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { NODE_PORT } from './internet.ts'
import { startAt } from './nat-nodes.ts'
import { useInternet } from './use-internet.ts'
import { launchOrSkip } from '../browser/chromium.ts'
import { nodePage } from '../browser/pages.ts'
import { GENESIS_HASH } from '../integration/nodes.ts'
import { eventually } from '../support/eventually.ts'
import type { NodeProcess } from '../integration/node-process.ts'
import type { Browser, Page } from 'playwright-core'

/** Where the page comes from, for the browser. No server is asked: the test answers itself, and loopback is a secure context. */
const PAGE = 'http://127.0.0.1/'

/** How long a page and a node may take to find a path on a busy machine, in ms. */
const PATIENCE_MS = 30_000

/** The port at which the relay takes WebSockets, and answers STUN. */
const WEB_PORT = NODE_PORT + 1

describe('hosts/page', function () {
  this.timeout(180_000)
  const internet = useInternet()
  let directory: string
  let browser: Browser | undefined

  before(async () => { directory = await mkdtemp(join(tmpdir(), 'vibecoin-page-')) })
  after(async () => { await rm(directory, { recursive: true }) })

  afterEach(async () => { await browser?.close() })

  /** A page in a browser that has the network of a host and no other. */
  async function openAt (host: string, hook: Mocha.Context): Promise<Page> {
    browser = await launchOrSkip(hook, async (path) => {
      const script = join(directory, host)
      await writeFile(script, `#!/bin/sh\nexec ip netns exec ${host} ${path} "$@"\n`)
      await chmod(script, 0o755)

      return script
    })
    const files = await nodePage()
    const page = await browser.newPage()
    await page.route(`${PAGE}**`, async (route) => {
      const name = new URL(route.request().url()).pathname.slice(1) || 'index.html'
      const content = files.get(name)
      const contentType = extname(name) === '.js' ? 'text/javascript' : 'text/html'
      await route.fulfill(content == null ? { status: 404 } : { body: Buffer.from(content), contentType })
    })
    await page.goto(PAGE)

    return page
  }

  it('in a home that lets nobody in reaches a node in another such home, and needs the relay no more', async function () {
    const relayHost = await internet.addHost()
    const [home, other] = [await internet.addHome('closed'), await internet.addHome('closed')]
    const relay = await startAt(relayHost, {
      nat: { relayServer: true }, announce: [`/ip4/${relayHost.ip}/tcp/${NODE_PORT}`],
      listen: [`/ip4/0.0.0.0/tcp/${NODE_PORT}`, `/ip4/0.0.0.0/tcp/${WEB_PORT}/ws`]
    })
    const called: NodeProcess = await startAt(home.host, { nat: { relay: true, webrtc: true }, seedPeers: [`/ip4/${relayHost.ip}/tcp/${NODE_PORT}/p2p/${relay.id}`] })
    await eventually(() => called.addressOf(relay.id) != null, 'a session with the relay', { timeout: PATIENCE_MS })
    const page = await openAt(other.host.name, this)
    const seed = `/ip4/${relayHost.ip}/tcp/${WEB_PORT}/ws/p2p/${relay.id}`
    await page.evaluate(async ({ seed, genesisHash }) => globalThis.control.start({
      network: 'vibecoin-test', genesisHash, seedPeers: [seed], nat: { relay: true, webrtc: true }
    }), { seed, genesisHash: Buffer.from(GENESIS_HASH).toString('hex') })
    await page.evaluate(async () => globalThis.control.until('peer:ready'))
    assert.equal(await page.evaluate(async (address) => globalThis.control.dial(address), `${seed}/p2p-circuit/p2p/${called.id}`), 'none')
    const since = performance.now()
    await page.waitForFunction((id) => globalThis.control.way(id)?.address.includes('/webrtc') === true, called.id, { timeout: PATIENCE_MS })
    console.log(`      direct after ${Math.round(performance.now() - since)} ms`)
    // a browser tells where the other end is: at the outside of its router
    const { address } = (await page.evaluate((id) => globalThis.control.way(id), called.id))!
    assert.ok(address.startsWith(`/ip4/${home.router.ip}/udp/`), address)
    await relay.kill()
    await page.evaluate(() => { globalThis.control.forget() })
    const height = (called.tip?.height ?? 0) + 1
    called.make('home')
    assert.equal((await page.evaluate(async (height) => globalThis.control.until('block', height), height)).height, height)
  })
})
