import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { yamux } from '@chainsafe/libp2p-yamux'
import { webSockets } from '@libp2p/websockets'
import { createLibp2p } from 'libp2p'
import { bundles } from './bundles.ts'
import { launchOrSkip } from './chromium.ts'
import { servePages } from './page-server.ts'
import { DATA, PING, pour, SYN, yamuxFrame } from '../attacks/bare.ts'
import { eventually } from '../support/eventually.ts'
import { addressOf, GENESIS_HASH, LIBP2P_PARTS, startNode, stopNodes } from '../integration/nodes.ts'
import type { PageControl } from './page.ts'
import type { PageServer } from './page-server.ts'
import type { Libp2p, MessageStream } from '@libp2p/interface'
import type { Browser, Page } from 'playwright-core'

/** How long an attack lasts, in ms. */
const ATTACK_MS = 1500

/** How long a connection that is to be cut may live, in ms. */
const MAX_LIFE_MS = 2000

/** How long a page may take to answer, in ms, on a machine that has other things to do too. */
const MAX_ANSWER_MS = 5000

const HTML = '<!doctype html><meta charset="utf-8"><title>A node</title><script type="module" src="page.js"></script>'

declare global {
  var control: PageControl
}

/** Frames in pieces, again and again. */
function * pings (): Generator<Uint8Array> {
  for (let i = 0; ; i += 1000) {
    yield Buffer.concat(Array.from({ length: 1000 }, (_, k) => yamuxFrame(PING, SYN, 0, i + k)))
  }
}

function * dataOfNoStream (): Generator<Uint8Array> {
  yield yamuxFrame(DATA, 0, 77, 0xfffffff0)

  for (;;) {
    yield new Uint8Array(64 * 1024)
  }
}

/** Data on streams of ours, which have even numbers, each byte in a message of its own. */
function * crumbs (): Generator<Uint8Array> {
  for (let id = 2; ; id += 2) {
    yield yamuxFrame(DATA, SYN, id, 200_000)

    for (let i = 0; i < 200_000; i++) {
      yield Uint8Array.of(0)
    }
  }
}

const ATTACKS = [
  { title: 'data for a stream that there is not', pieces: dataOfNoStream, isCut: true },
  { title: 'pings without end', pieces: pings, isCut: true },
  { title: 'data in messages of one byte', pieces: crumbs, isCut: false }
]

describe('browser/attacked', function () {
  this.timeout(60_000)

  let browser: Browser
  let server: PageServer
  let page: Page
  let attacker: Libp2p
  /** The connections that the attacker has accepted, below their muxers. */
  let accepted: MessageStream[]

  before(async function () {
    browser = await launchOrSkip(this)
    const { page: files } = await bundles()
    server = await servePages(new Map<string, string | Uint8Array>([
      ['index.html', HTML], ...files!.map(({ name, content }) => [name, content] as const)
    ]))
  })

  after(async () => {
    await browser?.close()
    await server?.close()
  })

  beforeEach(async () => {
    accepted = []
    attacker = await createLibp2p({
      ...LIBP2P_PARTS,
      transports: [webSockets()],
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0/ws'] },
      streamMuxers: [() => {
        const factory = yamux({ enableKeepAlive: false })()
        const createStreamMuxer = factory.createStreamMuxer.bind(factory)

        factory.createStreamMuxer = (connection) => {
          accepted.push(connection)

          // it makes nothing of what comes
          return Object.assign(createStreamMuxer(connection), { onData: () => {} })
        }

        return factory
      }]
    })
    page = await (await browser.newContext()).newPage()
    await page.goto(server.url)
    await page.waitForLoadState('load')
    const honest = await startNode({ listen: ['/ip4/127.0.0.1/tcp/0/ws'] })
    await page.evaluate(async (config) => globalThis.control.start(config), {
      network: 'vibecoin-test', genesisHash: Buffer.from(GENESIS_HASH).toString('hex'), seedPeers: [addressOf(honest)]
    })
    await page.evaluate(async () => globalThis.control.until('peer:ready'))
  })

  afterEach(async () => {
    await page.context().close()
    await Promise.all([attacker.stop(), stopNodes()])
  })

  /** How long the page takes at most to answer, asked again and again until `run` is over, and once more after that, in ms. */
  async function longestAnswer (run: Promise<unknown>): Promise<number> {
    const state = { isOver: false }
    const end = (): void => { state.isOver = true }
    run.then(end, end)
    let longest = 0

    for (let isLast = false; !isLast;) {
      isLast = state.isOver
      const since = performance.now()
      await page.evaluate(() => performance.now())
      longest = Math.max(longest, performance.now() - since)
    }

    return longest
  }

  for (const { title, pieces, isCut } of ATTACKS) {
    it(`goes on in spite of ${title}, and keeps its honest peer${isCut ? '; the connection is cut' : ''}`, async () => {
      const address = String(attacker.getMultiaddrs()[0])
      // it comes to nothing, and lasts as long as that takes
      page.evaluate(async (address) => globalThis.control.dial(address), address).catch(() => {})
      const secured = await eventually(() => accepted[0], 'the connection')
      const since = performance.now()
      let lastedMs = 0
      const answerMs = await longestAnswer(pour(secured, pieces(), since + (isCut ? MAX_LIFE_MS : ATTACK_MS)).then(() => {
        lastedMs = performance.now() - since
      }))

      if (isCut) {
        assert.notEqual(secured.status, 'open')
        assert.ok(lastedMs < MAX_LIFE_MS, `${lastedMs} ms`)
      }

      assert.ok(answerMs < MAX_ANSWER_MS, `the page took ${answerMs} ms to answer`)
      assert.equal((await page.evaluate(() => globalThis.control.peers())).length, 1)
    })
  }
})
