import assert from 'node:assert/strict'
import { FRAME_INTERVAL_MS, MAX_HISTORY_BYTES, MAX_KEPT_REPORTS, MAX_PAGES, MAX_REPORTS_PER_FRAME, MAX_WAITING_BYTES, PageStream, TRANSACTIONS_INTERVAL_MS } from '../../src/web/stream.ts'
import { turns } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { TransactionTravels } from '../../src/web/transaction-travels.ts'
import type { PageSink } from '../../src/web/stream.ts'
import type { WebFrame, WebHello, WebReport, WebSource } from '../../src/web/protocol.ts'

/** A page that keeps what it is told. */
class FakePage implements PageSink {
  writableLength = 0
  isDestroyed = false
  readonly events: { name: string, data: unknown }[] = []

  write (text: string): void {
    for (const event of text.split('\n\n').filter((part) => part !== '')) {
      const [name, data] = event.split('\n')
      this.events.push({ name: name!.slice('event: '.length), data: JSON.parse(data!.slice('data: '.length)) })
    }
  }

  destroy (): void {
    this.isDestroyed = true
  }

  get names (): string[] {
    return this.events.map(({ name }) => name)
  }
}

class FakeSource implements WebSource {
  readonly transactions: TransactionTravels = new TransactionTravels()
  webSocket: string | null = null
  frames = 0
  padding = ''
  listener: ((report: WebReport) => void) | undefined
  nextFrame: () => Promise<WebFrame> = async () => ({ at: ++this.frames, nodes: [], padding: this.padding }) as WebFrame

  hello (): WebHello {
    return { kind: 'devnet', network: 'test', genesisHash: '', webSocket: this.webSocket, home: null, actions: [] }
  }

  async frame (): Promise<WebFrame> {
    return this.nextFrame()
  }

  subscribe (listener: (report: WebReport) => void): () => void {
    this.listener = listener

    return () => { this.listener = undefined }
  }

  async act (): Promise<void> {}
}

const report = (at: number): WebReport => ({ at, node: 'node-1', event: 'block', text: `block ${at}`, level: 'info' })

describe('web/stream', () => {
  let clock: FakeClock
  let source: FakeSource
  let stream: PageStream

  beforeEach(async () => {
    clock = new FakeClock()
    source = new FakeSource()
    stream = new PageStream(source, clock)
    stream.start()
    await clock.advance(0)
    await turns(1)
  })

  afterEach(() => {
    stream.stop()
    assert.equal(clock.pending, 0, 'timers are left')
  })

  async function beat (): Promise<void> {
    await clock.advance(FRAME_INTERVAL_MS)
    await turns(1)
  }

  it('tells a page where it is, what was kept, and then what happens', async () => {
    source.listener!(report(1))
    await beat()
    const page = new FakePage()
    assert.equal(stream.add(page), true)
    assert.deepEqual(page.names, ['hello', 'frame', 'frame', 'report', 'transactions', 'live'])
    source.listener!(report(2))
    await beat()
    assert.deepEqual(page.names.slice(6), ['report', 'frame'])
    stream.remove(page)
    await beat()
    assert.equal(page.names.length, 8)
  })

  it('tells pages again where they are when that has changed', async () => {
    const page = new FakePage()
    stream.add(page)
    source.webSocket = '/ip4/127.0.0.1/tcp/1/ws'
    await beat()
    await beat()
    assert.deepEqual(page.events.filter(({ name }) => name === 'hello').map(({ data }) => (data as WebHello).webSocket), [null, source.webSocket])
  })

  it(`keeps the last ${MAX_KEPT_REPORTS} reports`, () => {
    for (let at = 1; at <= MAX_KEPT_REPORTS + 1; at++) {
      source.listener!({ ...report(at), node: `node-${at}` })
    }

    const page = new FakePage()
    stream.add(page)
    const reports = page.events.filter(({ name }) => name === 'report')
    assert.equal(reports.length, MAX_KEPT_REPORTS)
    assert.equal((reports[0]!.data as WebReport).at, 2)
  })

  it(`keeps ${MAX_HISTORY_BYTES} bytes of frames, the last ones`, async () => {
    source.padding = 'x'.repeat(MAX_HISTORY_BYTES / 4)

    for (let i = 0; i < 5; i++) {
      await beat()
    }

    const page = new FakePage()
    stream.add(page)
    assert.deepEqual(page.events.filter(({ name }) => name === 'frame').map(({ data }) => (data as WebFrame).at), [4, 5, 6])
  })

  it(`takes ${MAX_PAGES} pages and no more`, () => {
    const pages = Array.from({ length: MAX_PAGES }, () => new FakePage())
    assert.ok(pages.every((page) => stream.add(page)))
    assert.equal(stream.add(new FakePage()), false)
    stream.remove(pages[0]!)
    assert.equal(stream.add(new FakePage()), true)
  })

  it('cuts a page for which too much waits, and no other', () => {
    const [slow, fast] = [new FakePage(), new FakePage()]
    stream.add(slow)
    stream.add(fast)
    const size = `event: report\ndata: ${JSON.stringify(report(1))}\n\n`.length
    slow.writableLength = MAX_WAITING_BYTES - size
    source.listener!(report(1))
    assert.equal(slow.isDestroyed, false)
    slow.writableLength++
    source.listener!(report(2))
    assert.deepEqual([slow.isDestroyed, fast.isDestroyed], [true, false])
    assert.equal(fast.names.at(-1), 'report')
  })

  it(`tells ${MAX_REPORTS_PER_FRAME} reports of a kind and node from one frame to the next, and of the rest how many there were`, async () => {
    const page = new FakePage()
    stream.add(page)
    const before = page.events.length
    const texts = (): string[] => page.events.slice(before).filter(({ name }) => name === 'report').map(({ data }) => (data as WebReport).text)

    for (let at = 1; at <= MAX_REPORTS_PER_FRAME; at++) {
      source.listener!(report(at))
    }

    await beat()
    assert.equal(texts().length, MAX_REPORTS_PER_FRAME)

    for (let at = 1; at <= 5000; at++) {
      source.listener!({ ...report(at), event: 'rejected' })
    }

    source.listener!({ ...report(1), node: 'node-2', event: 'rejected', text: 'of another node' })
    await beat()
    assert.deepEqual(texts().slice(2 * MAX_REPORTS_PER_FRAME), ['of another node', `${5000 - MAX_REPORTS_PER_FRAME} more of the kind "rejected" within a second`])
    await beat()
    assert.equal(texts().length, 2 * MAX_REPORTS_PER_FRAME + 2)
  })

  it('tells pages of transactions that have changed, together, and pages that open later of all', async () => {
    const page = new FakePage()
    stream.add(page)
    const told = (to: FakePage): unknown[] => to.events.filter(({ name }) => name === 'transactions').map(({ data }) => data)
    assert.deepEqual(told(page), [[]])
    source.transactions.arrived('x', { node: 'node-1', from: '', at: 1, value: '1' })
    source.transactions.arrived('x', { node: 'node-2', from: 'node-1', at: 2, value: '1' })
    await clock.advance(TRANSACTIONS_INTERVAL_MS - 1)
    assert.equal(told(page).length, 1)
    await clock.advance(1)
    assert.deepEqual(told(page)[1], source.transactions.all)
    await clock.advance(TRANSACTIONS_INTERVAL_MS)
    assert.equal(told(page).length, 2)
    const later = new FakePage()
    stream.add(later)
    assert.deepEqual(told(later), [source.transactions.all])
  })

  it('asks for one frame at a time, and goes on after one that fails', async () => {
    const page = new FakePage()
    stream.add(page)
    const pending = Promise.withResolvers<WebFrame>()
    let asked = 0
    source.nextFrame = async () => {
      asked++

      return pending.promise
    }
    await beat()
    await beat()
    assert.equal(asked, 1)
    source.nextFrame = async () => ({ at: 99, nodes: [] })
    pending.reject(new Error('no answer'))
    await turns(1)
    await beat()
    assert.equal((page.events.at(-1)!.data as WebFrame).at, 99)
  })

  it('ends all pages when it stops, also while a frame is asked for', async () => {
    const page = new FakePage()
    stream.add(page)
    const pending = Promise.withResolvers<WebFrame>()
    source.nextFrame = async () => pending.promise
    await beat()
    stream.stop()
    pending.resolve({ at: 5, nodes: [] })
    await turns(1)
    assert.equal(page.isDestroyed, true)
    assert.equal(source.listener, undefined)
    assert.equal(clock.pending, 0)
  })
})
