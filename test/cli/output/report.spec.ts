import assert from 'node:assert/strict'
import { ReportWriter } from '../../../src/cli/output/output.ts'
import { PassThrough } from 'node:stream'
import { WriteStream } from 'node:tty'
import { LOG_LEVELS, fromJsonLine, isPrinted, toJsonLine } from '../../../src/cli/output/report.ts'
import { toPlainLine } from '../../../src/cli/output/report-text.ts'
import type { LogLevel, Report } from '../../../src/cli/output/report.ts'

const TIME = new Date(2026, 10, 22, 12, 1, 3)
const ID = '12D3KooWBhMbLvQGgrByMsWnzvpWPpUmFYzLsTnHhDqkFvNxYxab'
const HASH = '1a2b3c4d5e6f'

const LINES: [Report, string][] = [
  [{ event: 'started', node: 'a', id: 'me', pid: 1, addresses: ['/ip4/1.2.3.4/tcp/5/p2p/me', '/ip6/::1/tcp/5/p2p/me'], network: 'net', height: 3, tip: HASH, dataDir: '/d' },
    'a started at block 3 of net as me, listening on /ip4/1.2.3.4/tcp/5, /ip6/::1/tcp/5, data in /d'],
  [{ event: 'started', node: '', id: 'me', pid: 1, addresses: [], network: 'net', height: 0, tip: HASH, dataDir: '/d' },
    'started at block 0 of net as me, not listening, data in /d'],
  [{ event: 'connected', node: 'a', peer: ID, name: 'b', direction: 'inbound', height: 7 }, 'a connected to b (..FvNxYxab), inbound, at block 7'],
  [{ event: 'disconnected', node: 'a', peer: ID, name: '', byRemote: true, reason: 'SHUTDOWN', detail: '' }, 'a lost ..FvNxYxab: it said SHUTDOWN'],
  [{ event: 'disconnected', node: 'a', peer: ID, name: 'b', byRemote: true, reason: '', detail: '' }, 'a lost b (..FvNxYxab): the connection broke'],
  [{ event: 'refused', node: 'a', peer: ID, byRemote: false, reason: 'TOO_MANY_CONNECTIONS', detail: 'full' },
    'a no session with ..FvNxYxab: we said TOO_MANY_CONNECTIONS (full)'],
  [{ event: 'dialFailed', node: 'a', target: '/ip4/1.2.3.4/tcp/5', error: 'refused', failures: 1, retryIn: 1500 },
    'a could not reach /ip4/1.2.3.4/tcp/5: refused; again in 1.5s'],
  [{ event: 'dialFailed', node: 'a', target: ID, error: 'refused', failures: 1, retryIn: 1500 }, 'a could not reach ..FvNxYxab: refused; again in 1.5s'],
  [{ event: 'made', node: 'a', height: 5, hash: HASH, transactions: 1 }, 'a made block 5 1a2b3c4d.., 1 transaction'],
  [{ event: 'block', node: 'node-2', height: 5, hash: HASH, transactions: 3, from: 'node-1' }, 'node-2 block 5 1a2b3c4d.. from node-1, 3 transactions'],
  [{ event: 'rejected', node: 'a', what: 'block', from: 'b', reason: 'why' }, 'a refused a block from b: why'],
  [{ event: 'status', node: 'a', inbound: 1, outbound: 2, height: 3, tip: HASH, rtt: 0.51, bytesIn: 1000, bytesOut: 2000, waiting: 0 },
    'a at block 3 1a2b3c4d.., 1 in, 2 out, ping 0.5ms, 1 kB received, 2 kB sent'],
  [{ event: 'syncing', node: 'a', from: 2, at: 7, to: 12, blocksPerSecond: 99.6, bytesPerSecond: 1_500_000, peers: 1, eta: 50 },
    'a catching up [############------------] 50 %, block 7 of 12, 50ms left, 100 blocks/s, 1.5 MB/s, 1 peer'],
  [{ event: 'synced', node: 'a', from: 2, at: 9, to: 9, reorganised: false }, 'a caught up [########################] 100 %, 7 blocks, now at 9'],
  [{ event: 'synced', node: 'a', from: 8, at: 9, to: 9, reorganised: true },
    'a caught up [########################] 100 %, 1 block, now at 9 of another branch'],
  [{ event: 'syncFailed', node: 'a', reason: 'why' }, 'a could not catch up, trying again: why'],
  [{ event: 'fault', node: 'a', peer: ID, name: 'b', kind: 'stalled', height: 7, detail: 'nothing for 10 s' },
    'a cannot use b (..FvNxYxab) from block 7 on: stalled (nothing for 10 s)'],
  [{ event: 'fault', node: 'a', peer: ID, name: '', kind: 'unlinked', height: 7, detail: '' }, 'a cannot use ..FvNxYxab from block 7 on: unlinked'],
  [{ event: 'reconnected', node: 'a', by: 'b', after: 1200 }, 'a reconnected: b has it back 1.2s after the restart'],
  [{ event: 'done', node: '', height: 3, hash: HASH, nodes: 4, seconds: 8.41 }, 'all 4 nodes hold block 3 1a2b3c4d.. after 8.4s'],
  [{ event: 'stopped', node: 'a' }, 'a stopped']
]

class TestSink {
  writableLength = 0
  readonly lines: string[] = []

  write (text: string): void {
    this.lines.push(text)
  }
}

describe('cli/output/report', () => {
  describe('as a plain line', () => {
    for (const [report, text] of LINES) {
      it(`reads \`12:01:03 ${text}\``, () => {
        assert.equal(toPlainLine(report, TIME), `12:01:03 ${text}`)
      })
    }
  })

  describe('as a line of JSON', () => {
    it('has the time, the node and all fields, and comes back from it', () => {
      for (const [report] of LINES) {
        const line = toJsonLine(report, TIME)
        assert.deepEqual(JSON.parse(line), { time: TIME.toISOString(), ...report })
        assert.equal(line.includes('\n'), false)
        assert.deepEqual(fromJsonLine(line), { time: TIME.toISOString(), ...report })
      }
    })

    it('is no report where it is anything else', () => {
      for (const line of ['', 'text', '{', 'null', '1', '"made"', '[]', '{}', '{"event":"unknown"}', '{"event":"toString"}', '{"event":1}']) {
        assert.equal(fromJsonLine(line), undefined, line)
      }
    })
  })

  it('is printed from its level on', () => {
    const levels = (report: Report): LogLevel[] => LOG_LEVELS.filter((level) => isPrinted(report, level))
    assert.deepEqual(levels({ event: 'failed', node: '', reason: '' }), ['error', 'warn', 'info', 'debug'])
    assert.deepEqual(levels({ event: 'rejected', node: '', what: 'block', from: '', reason: '' }), ['warn', 'info', 'debug'])
    assert.deepEqual(levels({ event: 'done', node: '', height: 1, hash: '', nodes: 2, seconds: 1 }), ['error', 'warn', 'info', 'debug'])
    assert.deepEqual(levels({ event: 'stopped', node: '' }), ['info', 'debug'])
    assert.deepEqual(levels({ event: 'log', node: '', line: '' }), ['debug'])
    const refused = { event: 'refused', node: '', peer: ID, byRemote: true, detail: 'a test dial' } as const
    assert.deepEqual(levels({ ...refused, reason: 'DUPLICATE_CONNECTION' }), ['debug'])
    assert.deepEqual(levels({ ...refused, reason: 'TOO_MANY_CONNECTIONS' }), ['warn', 'info', 'debug'])
  })

  describe('writer', () => {
    it('writes one line a report, in the form asked for', () => {
      const sink = new TestSink()
      new ReportWriter(sink, { level: 'info', json: true }).write({ event: 'stopped', node: 'a' })
      new ReportWriter(sink, { level: 'info', json: false }).write({ event: 'stopped', node: 'a' })
      assert.match(sink.lines[0]!, /^\{"time":"[^"]+","event":"stopped","node":"a"\}\n$/)
      assert.match(sink.lines[1]!, /^\d\d:\d\d:\d\d a stopped\n$/)
    })

    it('has colours where the terminal has them', () => {
      const sink = new TestSink()
      // as Node.js asks a terminal: whether it is one, and how many colours it has
      const getColorDepth = (): number => WriteStream.prototype.getColorDepth.call(process.stdout)
      const terminal = Object.assign(new PassThrough(), { isTTY: true, getColorDepth }) as never
      const env = process.env

      for (const colours of [{ FORCE_COLOR: '1' }, { NO_COLOR: '1' }]) {
        process.env = colours
        new ReportWriter(sink, { level: 'warn', json: false, terminal }).write({ event: 'syncFailed', node: 'a', reason: 'why' })
      }

      process.env = env
      assert.match(sink.lines[0]!, /^\x1b\[2m\d\d:\d\d:\d\d\x1b\[22m a \x1b\[33mcould not catch up, trying again: why\x1b\[39m\n$/)
      assert.match(sink.lines[1]!, /^\d\d:\d\d:\d\d a could not catch up, trying again: why\n$/)
    })

    it('leaves out what the level does not let through', () => {
      const sink = new TestSink()
      new ReportWriter(sink, { level: 'error', json: false }).write({ event: 'stopped', node: 'a' })
      assert.deepEqual(sink.lines, [])
    })

    it('drops reports while 4 MiB wait for the reader', () => {
      const sink = new TestSink()
      const writer = new ReportWriter(sink, { level: 'info', json: false })
      sink.writableLength = 4 * 1024 * 1024
      writer.write({ event: 'stopped', node: 'a' })
      assert.equal(sink.lines.length, 0)
      sink.writableLength--
      writer.write({ event: 'stopped', node: 'a' })
      assert.equal(sink.lines.length, 1)
    })
  })
})
