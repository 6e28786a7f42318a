import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { launchOrSkip } from './chromium.ts'
import { EXAMPLE, PageProcess } from './page-process.ts'
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core'

/** Where pictures of the page are left for people. */
const PICTURES = fileURLToPath(new URL('../../node_modules/.cache/vibecoin-network/pictures/', import.meta.url))
const DEADLINE_MS = 30_000

describe('browser/wallet', function () {
  this.timeout(120_000)

  let browser: Browser
  let example: PageProcess
  let problems: string[]
  const contexts: BrowserContext[] = []

  before(async function () {
    browser = await launchOrSkip(this)
    example = await PageProcess.start(EXAMPLE)
    mkdirSync(PICTURES, { recursive: true })
  })

  beforeEach(() => { problems = [] })

  afterEach(async () => {
    await Promise.all(contexts.splice(0).map(async (context) => context.close()))
  })

  after(async () => {
    await browser?.close()
    assert.equal(await example?.interrupt() ?? 0, 0, example?.errors)
  })

  /** A browser of its own, so a wallet of its own. */
  async function newContext (options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1280, height: 900 }, ...options })
    contexts.push(context)

    return context
  }

  async function open (context: BrowserContext): Promise<Page> {
    const page = await context.newPage()
    page.setDefaultTimeout(DEADLINE_MS)
    page.on('pageerror', (err) => { problems.push(err.message) })
    page.on('console', (message) => {
      if (message.type() === 'error') {
        problems.push(message.text())
      }
    })
    await page.goto(example.url)

    return page
  }

  async function openWallet (options?: BrowserContextOptions): Promise<{ page: Page, address: string }> {
    const page = await open(await newContext(options))
    await page.locator('#summary').filter({ hasText: /^At block \d+, with 1 peer$/ }).waitFor()

    return { page, address: await addressOf(page) }
  }

  async function addressOf (page: Page): Promise<string> {
    await page.locator('#copy:enabled').waitFor()

    return await page.locator('#address').textContent() ?? ''
  }

  async function pay (page: Page, recipient: string, value: string): Promise<void> {
    await page.getByLabel('Address of the recipient').fill(recipient)
    await page.getByLabel('Amount').fill(value)
    await page.getByRole('button', { name: 'Send' }).click()
  }

  const paymentOf = (page: Page, text: RegExp): Locator => page.locator('#payments li').filter({ hasText: text })

  it('pays another wallet: sent, heard by a peer, in a block, and there on the other side', async () => {
    const payer = await openWallet({ colorScheme: 'dark' })
    const payee = await openWallet()
    assert.match(payer.address, /^[0-9a-f]{64}$/)
    assert.notEqual(payer.address, payee.address)
    await payer.page.evaluate(() => {
      const states = new Set<string>()
      new MutationObserver(() => {
        document.querySelectorAll('#payments .state').forEach(({ textContent }) => { states.add(textContent) })
      }).observe(document.getElementById('payments')!, { childList: true, subtree: true })
      Object.assign(globalThis, { states })
    })
    await pay(payer.page, payee.address, '12345')
    await paymentOf(payer.page, /−12345 .*in block \d+/).waitFor()
    await paymentOf(payee.page, new RegExp(`\\+12345 .*in block \\d+.*from ${payer.address}`)).waitFor()
    assert.match((await payer.page.evaluate(() => [...(globalThis as unknown as { states: Set<string> }).states])).join(), /^sent to 1 peer,(heard by 1 peer,)?in block \d+$/)
    assert.deepEqual([await payer.page.locator('#spent').textContent(), await payee.page.locator('#received').textContent()], ['12345', '12345'])
    await payer.page.screenshot({ path: `${PICTURES}wallet.png` })
    assert.deepEqual(problems, [])
  })

  it('has the same address and payments when it is opened again', async () => {
    const context = await newContext()
    const page = await open(context)
    const address = await addressOf(page)
    await pay(page, 'cd'.repeat(32), '7')
    await paymentOf(page, /−7 /).waitFor()
    await page.close()
    const again = await open(context)
    assert.equal(await addressOf(again), address)
    await paymentOf(again, /−7 .*in block \d+/).waitFor()
    assert.deepEqual(problems, [])
  })

  it('says what is wrong with what was filled in, at its field, and pays nothing', async () => {
    const { page } = await openWallet()
    await pay(page, '12', '1')
    await page.getByRole('alert').filter({ hasText: 'An address has 64 digits, and this has 2.' }).waitFor()
    assert.equal(await page.getByLabel('Address of the recipient').getAttribute('aria-invalid'), 'true')
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'recipient')
    await pay(page, 'ab'.repeat(32), '-5')
    await page.getByRole('alert').filter({ hasText: 'An amount is a whole number from 1 on' }).waitFor()
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'value')
    assert.equal(await page.locator('#payments li').count(), 0)
  })

  it('says in a second tab that another one has the wallet', async () => {
    const context = await newContext()
    await addressOf(await open(context))
    const second = await open(context)
    await second.getByRole('alert').filter({ hasText: /^This wallet cannot be opened: .*Another tab may have it/ }).waitFor()
    assert.equal(await second.getByRole('button', { name: 'Send' }).isEnabled(), false)
  })

  it('is used by keyboard, and fits a phone of 390 pixels', async () => {
    const { page } = await openWallet({ viewport: { width: 390, height: 844 }, isMobile: true, colorScheme: 'light' })
    await page.locator('#address').focus()
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'copy')
    await page.keyboard.press('Tab')
    await page.keyboard.type('ab'.repeat(32))
    await page.keyboard.press('Tab')
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.type('99')
    await page.keyboard.press('Enter')
    await paymentOf(page, /−99 .*in block \d+/).waitFor()
    // a page that is wider makes the phone show it smaller: the width of the window says nothing then
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390)
    await page.screenshot({ path: `${PICTURES}wallet-phone.png`, fullPage: true })
  })

  it('says when the network has gone, and keeps what is paid then', async () => {
    const { page } = await openWallet()
    assert.equal(await example.interrupt(), 0, example.errors)
    await page.locator('#summary').filter({ hasText: /^No peer, at block \d+$/ }).waitFor()
    await page.getByRole('alert').filter({ hasText: 'This page has no connection to the network.' }).waitFor()
    await pay(page, 'ab'.repeat(32), '5')
    await paymentOf(page, /−5 .*waits for a peer/).waitFor()
  })
})
