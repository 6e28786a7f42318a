import assert from 'node:assert/strict'
import { bundles } from './bundles.ts'
import { launchOrSkip } from './chromium.ts'
import { servePages } from './page-server.ts'
import type { PageServer } from './page-server.ts'
import type { StoreControl, Stored } from './store-page.ts'
import type { Ban } from '../../src/types/ban.ts'
import type { KnownPeer } from '../../src/types/known-peers.ts'
import type { Browser, BrowserContext, Page } from 'playwright-core'

const HTML = '<!doctype html><meta charset="utf-8"><title>Entries</title><script type="module" src="store-page.js"></script>'

const BAN: Ban = { subject: 'a', kind: 'peer', until: 5, duration: 7, reason: 'r', offences: 1, isManual: false }
const BAN_ENTRY = '{"v":1,"kind":"peer","until":5,"duration":7,"reason":"r","offences":1,"manual":false}'
const PEER: KnownPeer = { id: 'p', addresses: ['/dnsaddr/p.example'], lastSuccess: 5, source: 'c000' }
const NOTHING: Stored = { bans: [], peers: [], anchors: [], warnings: [] }

declare global {
  var storeControl: StoreControl
}

describe('browser/store', function () {
  this.timeout(30_000)

  let browser: Browser
  let server: PageServer
  let context: BrowserContext
  let page: Page

  before(async function () {
    this.timeout(60_000)
    browser = await launchOrSkip(this)
    const files = (await bundles())['store-page']!
    server = await servePages(new Map<string, string | Uint8Array>([['index.html', HTML], ...files.map(({ name, content }) => [name, content] as const)]))
  })

  after(async () => {
    await browser?.close()
    await server?.close()
  })

  beforeEach(async () => {
    context = await browser.newContext()
    page = await openPage()
  })

  afterEach(async () => {
    await context.close()
  })

  async function openPage (): Promise<Page> {
    const page = await context.newPage()
    await page.goto(server.url)
    await page.waitForLoadState('load')

    return page
  }

  const open = (): Promise<Stored> => page.evaluate(async () => globalThis.storeControl.open('node'))
  const close = (): Promise<void> => page.evaluate(async () => globalThis.storeControl.close())

  async function make (version: number, stores: Record<string, Record<string, unknown>>): Promise<void> {
    await page.evaluate(async ([version, stores]) => globalThis.storeControl.make('node', version, stores), [version, stores] as const)
  }

  it('keeps bans and known peers in one database, and forgets the marks of anchors', async () => {
    assert.deepEqual(await open(), NOTHING)
    await page.evaluate(async ([ban, peer]) => globalThis.storeControl.save(ban, peer), [BAN, PEER] as const)
    await close()

    assert.deepEqual(await open(), { ...NOTHING, bans: [BAN], peers: [PEER], anchors: ['p'] })
    await close()
    assert.deepEqual(await open(), { ...NOTHING, bans: [BAN], peers: [PEER] })
  })

  it('lets one tab at a time have either', async () => {
    await open()
    const other = await openPage()

    assert.equal(await other.evaluate(async () => globalThis.storeControl.refusal('node')), ['bans', 'known peers'].map((title) => {
      return `Could not open the ${title}: another tab or node is using the database node. Give each node a database of its own.`
    }).join('; '))
  })

  it('goes on with a database of the version before, which had no bans', async () => {
    await make(1, { identity: {}, peers: { p: '{"v":1,"addresses":["/dnsaddr/p.example"],"lastSuccess":5}' } })
    const { source, ...peer } = PEER
    assert.equal(source, 'c000')

    assert.deepEqual(await open(), { ...NOTHING, peers: [peer] })
    await page.evaluate(async ([ban, peer]) => globalThis.storeControl.save(ban, peer), [BAN, PEER] as const)
    await close()
    assert.deepEqual((await open()).bans, [BAN])
  })

  it('uses what it knows of a database of a later version', async () => {
    await make(7, {
      identity: {}, more: {}, peers: { p: '{"v":9}', 7: 7, q: '{"v":2,"addresses":[]}' }, bans: { a: BAN_ENTRY, b: '{"v":9}' }
    })

    assert.deepEqual(await open(), {
      ...NOTHING,
      bans: [BAN],
      peers: [{ id: 'q', addresses: [] }],
      warnings: [
        'Skipped bans in the database node: 0 damaged, 1 of a newer version',
        'Skipped known peers in the database node: 1 damaged, 1 of a newer version'
      ]
    })
  })

  describe('the network of a database', () => {
    const claim = (network: string): Promise<string[]> => page.evaluate(async (name) => globalThis.storeControl.claim('node', name), network)

    it('is noted, and another one is refused', async () => {
      assert.deepEqual(await claim('one'), [])
      const [error] = await claim('two')
      assert.match(error!, /^StorageError: Expected the database node to be of the network "two" .*, it is of the network "one" .*remove "network" from/)
      assert.deepEqual(await claim('one'), [])
    })

    it('is noted in a database of an earlier version, and anew where the note is damaged', async () => {
      await make(1, { identity: { network: 5 }, peers: {} })
      assert.deepEqual(await claim('one'), ['The note of the network in the database node is damaged; replaced it with "one"'])
      assert.deepEqual(await claim('one'), [])
      assert.match((await claim('two')).join(), /^StorageError: /)
    })
  })

  it('says so where a later version keeps things elsewhere', async () => {
    await make(7, { identity: {} })

    assert.match(await page.evaluate(async () => globalThis.storeControl.refusal('node')), /^Could not use the database node: .*; Could not use the database node: /)
  })
})
