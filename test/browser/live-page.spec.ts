import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { launchOrSkip } from './chromium.ts'
import { DEVNET, PageProcess } from './page-process.ts'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

/** Where pictures of the page are left for people. */
const PICTURES = fileURLToPath(new URL('../../node_modules/.cache/vibecoin-network/pictures/', import.meta.url))
const DEADLINE_MS = 40_000

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
    const page = await browser.newPage({ locale: 'en-US', viewport: { width: 1440, height: 1250 }, ...options })
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

  /** Resolves when the summary says so. */
  async function untilSummary (page: Page, pattern: RegExp): Promise<void> {
    await page.locator('#summary').filter({ hasText: pattern }).waitFor()
  }

  it('shows the nodes, their sessions and how blocks travel, and what is known of a node that is chosen', async () => {
    const page = await open({ colorScheme: 'dark' })
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
    await page.locator('#own-events li').filter({ hasText: /heard block \d+ from node-1/ }).first().waitFor()
    await page.getByRole('button', { name: 'Leave the network' }).click()
    await page.locator('#own-state').filter({ hasText: 'has left the network' }).waitFor()
    assert.deepEqual(problems, [])
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
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
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
