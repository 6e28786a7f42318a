import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { launchOrSkip } from './chromium.ts'
import { DEVNET, PageProcess } from './page-process.ts'
import { startNetwork } from '../../src/index.ts'
import type { WebHello } from '../../src/web/protocol.ts'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

/** Where pictures of the page are left for people. */
const PICTURES = fileURLToPath(new URL('../../node_modules/.cache/vibecoin-network/pictures/', import.meta.url))
const DEADLINE_MS = 40_000

/** How long a payment may take to come to all nodes and into a block, and how many are made until one does. */
const PAYMENT_MS = 10_000
const MAX_PAYMENTS = 5

describe('browser/live page', function () {
  this.timeout(120_000)

  let browser: Browser
  let devnet: PageProcess
  let problems: string[]

  before(async function () {
    this.timeout(240_000)
    browser = await launchOrSkip(this)
    devnet = await PageProcess.start(DEVNET)
    // the page is made when the first one asks for it
    await fetch(devnet.url)
    mkdirSync(PICTURES, { recursive: true })
  })

  beforeEach(() => {
    problems = []
  })

  after(async () => {
    await browser?.close()
    await devnet?.interrupt()
  })

  async function open (options: BrowserContextOptions = {}): Promise<Page> {
    const page = await browser.newPage({ locale: 'en-US', reducedMotion: 'reduce', viewport: { width: 1440, height: 1250 }, ...options })
    page.setDefaultTimeout(DEADLINE_MS)
    page.on('pageerror', (err) => { problems.push(err.message) })
    page.on('console', (message) => {
      if (message.type() === 'error') {
        problems.push(message.text())
      }
    })
    await page.goto(devnet.url)

    return page
  }

  /** Resolves when an element is added that may be gone again in the next moment. */
  async function untilAdded (page: Page, selector: string): Promise<void> {
    await page.evaluate(async ([selector, deadline]) => new Promise<void>((resolve, reject) => {
      const observer = new MutationObserver(() => {
        if (document.querySelector(selector) != null) {
          observer.disconnect()
          resolve()
        }
      })
      observer.observe(document.body, { childList: true, subtree: true })
      setTimeout(() => { reject(new Error(`Waited in vain for ${selector}`)) }, deadline)
    }), [selector, DEADLINE_MS] as const)
  }

  /** Resolves when the summary says so. */
  async function untilSummary (page: Page, pattern: RegExp): Promise<void> {
    await page.locator('#summary').filter({ hasText: pattern }).waitFor()
  }

  it('shows the nodes, their sessions and how blocks travel, and what is known of a node that is chosen', async () => {
    const page = await open({ colorScheme: 'dark', reducedMotion: 'no-preference' })
    await untilSummary(page, /^[34] of 4 nodes run/)
    await page.locator('#graph .edge').nth(2).waitFor({ state: 'attached' })
    await page.locator('#blocks .travel i.maker').first().waitFor()
    await page.locator('#events li').filter({ hasText: /made block/ }).first().waitFor()
    await page.locator('#nodes').getByRole('button', { name: 'node-1' }).click()
    await page.locator('#node').filter({ hasText: 'node-1, makes blocks' }).waitFor()
    await page.locator('#graph .node.chosen').waitFor()
    await page.screenshot({ path: `${PICTURES}live-page.png` })
    assert.deepEqual(problems, [])
    await page.close()
  })

  it('shows how transactions travel: a few of all, and each payment that a button has a node make', async () => {
    const page = await open({ reducedMotion: 'no-preference' })
    await untilSummary(page, /4 of 4 nodes run, 4 at block/)
    await page.locator('#transactions li').filter({ hasText: /4 nodes in .* in block \d+/ }).first().waitFor()
    await page.locator('#graph .traveller.transaction').first().waitFor({ state: 'attached' })
    await page.locator('#nodes').getByRole('button', { name: 'node-2' }).click()
    const payment = page.locator('#transactions li.payment').filter({ hasText: /pays \d+ · 4 nodes in .* in block \d+/ }).first()

    // the devnet kills node-3 once, and what is paid meanwhile does not come to all four
    for (let payments = 0; payments < MAX_PAYMENTS && await payment.count() === 0; payments++) {
      // the dot of a hop is there for less than a second
      const hasTravelled = untilAdded(page, '#graph .traveller.payment')
      await page.getByRole('button', { name: 'Send a payment' }).click()
      await hasTravelled
      await payment.waitFor({ timeout: PAYMENT_MS }).catch(() => {})
    }

    assert.equal(await payment.locator('i').count(), 4)
    assert.equal(await payment.locator('i.maker').getAttribute('title'), 'node-2: made it')
    // a page that opens later is told of it
    const later = await open()
    await later.locator('#transactions li.payment').filter({ hasText: /in block \d+/ }).first().waitFor()
    assert.deepEqual(problems, [])
    await Promise.all([page.close(), later.close()])
  })

  it('works where the browser has a language that is none, as with LANG=C', async () => {
    const page = await browser.newPage()
    page.on('pageerror', (err) => { problems.push(err.message) })
    await page.addInitScript(() => { Object.defineProperty(navigator, 'language', { value: 'en-US@posix', configurable: true }) })
    await page.goto(devnet.url)
    await untilSummary(page, /4 of 4 nodes run, 4 at block/)
    assert.deepEqual(problems, [])
    await page.close()
  })

  it('kills a node, which the network survives, and starts it again', async () => {
    const page = await open()
    await untilSummary(page, /4 of 4 nodes run/)
    const node = page.locator('#nodes').getByRole('button', { name: 'node-2' })
    await node.click()
    await page.locator('#node').getByRole('button', { name: 'Kill' }).click()
    await page.locator('#nodes tr').filter({ hasText: 'node-2' }).filter({ hasText: 'killed' }).waitFor()
    await untilSummary(page, /3 of 4 nodes run, 3 at block/)
    await page.locator('#node').getByRole('button', { name: 'Start' }).click()
    await untilSummary(page, /4 of 4 nodes run, 4 at block/)
    assert.deepEqual(problems, [])
    await page.close()
  })

  it('parts the network, shows the two sides, and heals it', async () => {
    const page = await open()
    await untilSummary(page, /4 of 4 nodes run, 4 at block/)
    await page.getByRole('button', { name: 'Part the network' }).click()
    await untilSummary(page, /4 of 4 nodes run, 2 at block/)
    await page.getByRole('button', { name: 'Heal' }).click()
    await untilSummary(page, /4 of 4 nodes run, 4 at block/)
    assert.deepEqual(problems, [])
    await page.close()
  })

  it('has a hostile peer attack a node, which bans it and goes on', async () => {
    const page = await open()
    await page.locator('#nodes').getByRole('button', { name: 'node-3' }).click()
    await page.locator('#node').getByRole('button', { name: 'Attack with bad frames' }).click()
    await page.locator('#node').filter({ hasText: 'Bans' }).filter({ hasText: 'Expected a frame that is not empty' }).waitFor()
    await page.close()
  })

  it('joins the network as a node of its own, and hears blocks itself', async () => {
    const page = await open()
    await page.getByRole('button', { name: 'Join the network' }).click()
    // peers have told it of the others by then, which listen on TCP alone
    await page.locator('#own-events li').filter({ hasText: /heard block \d+ from node-1/ }).nth(4).waitFor()
    assert.equal(await page.locator('#own-events li').filter({ hasText: 'could not reach' }).count(), 0)
    await page.getByRole('button', { name: 'Leave the network' }).click()
    await page.locator('#own-state').filter({ hasText: 'has left the network' }).waitFor()
    assert.deepEqual(problems, [])
    await page.close()
  })

  it('calls a node that it cannot dial, through a relay, and then has a direct session with it', async () => {
    const page = await open()
    await untilSummary(page, /4 of 4 nodes run/)
    await page.getByRole('button', { name: 'Join the network' }).click()
    await page.locator('#own-events li').filter({ hasText: 'session with node-1' }).first().waitFor()
    await page.getByRole('button', { name: 'Call node-2, which no page can dial' }).click()
    await page.locator('#own-events li').filter({ hasText: 'session with node-2, directly over WebRTC' }).waitFor()
    await page.getByRole('button', { name: 'Leave the network' }).click()
    assert.deepEqual(problems, [])
    await page.close()
  })

  it('takes nothing from a page of another site, which cannot even listen', async () => {
    const other = createServer((_, response) => { response.setHeader('content-type', 'text/html').end('<!doctype html><title>another site</title>') }).listen(0, '127.0.0.1')
    await once(other, 'listening')
    const page = await browser.newPage()
    // another name is another site, also on this machine
    await page.goto(`http://localhost:${(other.address() as AddressInfo).port}/`)
    const outcome = await page.evaluate(async (url) => {
      const listening = await new Promise((resolve) => {
        const events = new EventSource(`${url}events`)
        events.onerror = () => { resolve(events.readyState === EventSource.CLOSED ? 'closed' : 'tries again') }
        events.onopen = () => { resolve('open') }
      })
      const attempts = [
        async () => fetch(`${url}act`, { method: 'POST', headers: { 'x-vibecoin-page': '1' }, body: '{"action":"partition"}' }),
        async () => fetch(`${url}act`, { method: 'POST', mode: 'no-cors', body: '{"action":"partition"}' }).then(({ type }) => type),
        async () => fetch(url).then(async (response) => response.text())
      ]

      return [listening, ...await Promise.all(attempts.map(async (attempt) => attempt().then(String, () => 'refused')))]
    }, devnet.url)
    other.closeAllConnections()
    other.close()
    assert.deepEqual(outcome, ['closed', 'refused', 'refused', 'refused'])
    await page.close()
    // the network is whole
    const own = await open()
    await untilSummary(own, /4 of 4 nodes run, 4 at block/)
    await own.close()
  })

  it('shows what peers say as text', async () => {
    const page = await open()
    await untilSummary(page, /4 of 4 nodes run/)
    const { webSocket, genesisHash, network } = await page.evaluate(async () => new Promise<WebHello>((resolve) => {
      new EventSource('events').addEventListener('hello', ({ data }) => {
        const hello = JSON.parse(String(data)) as WebHello

        if (hello.webSocket != null) {
          resolve(hello)
        }
      })
    }))
    const stranger = await startNetwork({
      network, genesisHash: Buffer.from(genesisHash, 'hex'), seedPeers: [webSocket!], listen: [], nodeId: '<img src=x onerror=alert(1)>'
    })
    await page.locator('#events li').filter({ hasText: '<img src=x onerror=alert(1)>' }).first().waitFor()
    assert.equal(await page.locator('img').count(), 1)
    await stranger.stop()
    assert.deepEqual(problems, [])
    await page.close()
  })

  it('keeps the focus, and the buttons that are about to be pressed, while the figures change', async () => {
    const page = await open()
    await untilSummary(page, /4 of 4 nodes run/)
    const name = page.locator('#nodes').getByRole('button', { name: 'node-1' })
    await name.click()
    const kill = page.locator('#node').getByRole('button', { name: 'Kill' })
    await kill.focus()
    const elements = await Promise.all([kill, name].map(async (button) => button.elementHandle()))
    const tip = page.locator('#node dd').filter({ hasText: /^block \d/ })
    const before = await tip.textContent()
    await tip.filter({ hasNotText: before! }).waitFor()
    assert.deepEqual(await Promise.all(elements.map(async (element) => element?.evaluate(({ isConnected }) => isConnected))), [true, true])
    assert.ok(await elements[0]?.evaluate((element) => element === document.activeElement))
    await page.close()
  })

  it('goes back to a moment, by keyboard, and to the present again', async () => {
    const page = await open()
    await untilSummary(page, /at block/)
    await page.locator('#slider').focus()
    await page.keyboard.press('Home')
    await page.locator('#moment').filter({ hasText: /^\d\d:\d\d:\d\d$/ }).waitFor()
    assert.equal(await page.locator('#live').getAttribute('aria-pressed'), 'false')
    await page.keyboard.press('End')
    await page.locator('#moment').filter({ hasText: 'now' }).waitFor()
    await page.locator('#graph .node').first().focus()
    await page.keyboard.press('Enter')
    await page.locator('#node').filter({ hasText: 'peer id' }).waitFor()
    await page.close()
  })

  it('fits a phone of 390 pixels', async () => {
    const page = await open({ viewport: { width: 390, height: 844 }, isMobile: true, colorScheme: 'light' })
    await untilSummary(page, /at block/)
    // a page that is wider makes the phone show it smaller: the width of the window says nothing then
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390)
    await page.screenshot({ path: `${PICTURES}live-page-phone.png`, fullPage: true })
    await page.close()
  })

  it('says so in each tab when the network has ended', async () => {
    const pages = await Promise.all([open(), open()])
    await Promise.all(pages.map(async (page) => untilSummary(page, /at block/)))
    await devnet.interrupt()
    await Promise.all(pages.map(async (page) => page.getByRole('alert').filter({ hasText: 'has ended, or cannot be reached' }).waitFor()))
    await Promise.all(pages.map(async (page) => page.close()))
  })
})
