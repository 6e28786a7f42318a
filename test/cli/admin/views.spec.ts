import assert from 'node:assert/strict'
import { renderBandwidth, renderBans, renderBlocks } from '../../../src/cli/admin/lists-view.ts'
import { renderDials } from '../../../src/cli/admin/dials-view.ts'
import { renderPairs } from '../../../src/cli/admin/pairs.ts'
import { renderPeer, renderPeers, shortAddress } from '../../../src/cli/admin/peers-view.ts'
import { renderStatus } from '../../../src/cli/admin/status-view.ts'
import { renderTop } from '../../../src/cli/admin/top-view.ts'
import { samplePeer, sampleReport } from '../../support/sample-status.ts'
import type { BlockTimeline, NetworkStatus } from '../../../src/index.ts'

const NOW = 1_800_000_000_000
const NASTY = '\x1b[31mred\u202e\nline'

function sampleTimeline (from: string): BlockTimeline {
  return {
    ...{ height: 12, hash: '1a2b3c4d5e6f', transactions: 3, bytes: 700, from, received: { at: NOW - 1600, peer: from } },
    ...{ judged: NOW - 1590, appended: NOW - 1520, relayed: { at: NOW - 1500, peers: 2 } }
  }
}

describe('cli/admin/views', () => {
  describe('peers', () => {
    const peers = [
      samplePeer({ id: '12D3KooWaaaaaaaa', nodeId: 'alpha', readyAt: NOW - 61_000 }),
      samplePeer({ id: '12D3KooWbbbbbbbb', nodeId: 'beta', direction: 'outbound', isReserved: true, requests: 2, waiting: { in: 0, out: 2000 } })
    ]

    it('are a table, outbound ones first, with what is unusual', () => {
      assert.deepEqual(renderPeers(peers, 200, NOW), [
        'DIR  NAME   PEER ID   ADDRESS           HEIGHT   RTT  LEAST    RECV  SENT  WAITS  BLOCKS  TXS  LAST  SCORE    AGE  NOTES',
        'out  beta   bbbbbbbb  203.0.113.7:8765      12  12ms  3.0ms  1.2 kB  99 B   2 kB       2    3    1s      -     5s  reserved, 2 requests unanswered',
        'in   alpha  aaaaaaaa  203.0.113.7:8765      12  12ms  3.0ms  1.2 kB  99 B      -       2    3    1s      -  1m 1s',
        '',
        '2 peers: 1 in, 1 out; 1 netgroup, at most 2 in one'
      ])
    })

    for (const columns of [40, 80, 120]) {
      it(`fit a terminal of ${columns} columns with nothing cut off`, () => {
        const lines = renderPeers(peers, columns, NOW)
        assert(lines.every((line) => line.length <= Math.max(columns, 60) && !line.includes('…')), lines.join('\n'))
        assert.match(lines[0]!, /^DIR +NAME +PEER ID/)
      })
    }

    it('are none', () => {
      assert.deepEqual(renderPeers([], 80, NOW), ['No peers: `dials` says whom the node dials, and why the last dial failed'])
    })

    it('print nothing of a peer that a terminal would obey', () => {
      const nasty = samplePeer({ nodeId: NASTY, address: NASTY, userAgent: NASTY })

      for (const text of [renderPeers([nasty], 200, NOW).join('\n'), renderPeer(nasty, 200, NOW).join('\n')]) {
        assert.equal(/[\x1b\u202e]/.test(text), false)
        assert.match(text, /\[31mredline/)
      }
    })

    it('show one with all that is known of it', () => {
      const { rates } = samplePeer()
      const text = renderPeer(samplePeer({
        score: { value: 12.4, offences: { rejectedBlock: 2 } }, rates: { ...rates, in: { ...rates.in, blocks: 0.5 }, slowedMs: 1500 }
      }), 100, NOW).join('\n')

      for (const part of ['score       12: 2 rejectedBlock', 'rates       50 % of blocks; slowed for 1.5s', 'received    2 newBlock (1.1 kB)', 'round trip  12ms last, 3.0ms least']) {
        assert(text.includes(part), text)
      }
    })

    it('have short addresses', () => {
      const cases: [string, string][] = [
        ['/ip4/203.0.113.7/tcp/8765', '203.0.113.7:8765'],
        ['/ip4/203.0.113.7/tcp/8765/p2p/12D3KooWx', '203.0.113.7:8765'],
        ['/ip6/2001:db8::1/tcp/8765', '[2001:db8::1]:8765'],
        ['/dns4/seed.example.org/tcp/443/tls/ws', 'seed.example.org:443/tls/ws'],
        ['/dnsaddr/seeds.example.org', '/dnsaddr/seeds.example.org']
      ]

      assert.deepEqual(cases.map(([address]) => shortAddress(address)), cases.map(([, text]) => text))
    })
  })

  describe('dials', () => {
    const target: NetworkStatus['dials']['targets'][number] = {
      target: '/ip4/203.0.113.7/tcp/8765', peerId: null, addresses: ['/ip4/203.0.113.7/tcp/8765'], source: 'seed', origin: 'seed', state: 'waiting', nextIn: 1500,
      failures: 2, lastError: 'The session with 12D3KooWx has ended: this node said WRONG_NETWORK (another genesis block, of a chain that is not ours)', lastSuccess: null
    }

    it('say why a target is not connected, in full', () => {
      assert.deepEqual(renderDials({ underWay: 0, known: 2, targets: [target, { ...target, target: '12D3KooWabcdefgh', state: 'due', nextIn: 0, failures: 0, lastError: null, lastSuccess: NOW - 5000 }] }, 140, NOW), [
        'TARGET                       SOURCE  STATE    NEXT  FAILED  REACHED  LAST ERROR',
        '203.0.113.7:8765             seed    waiting  1.5s      2x    never  this node said WRONG_NETWORK (another genes…',
        '203.0.113.7:8765 ..abcdefgh  seed    due       now       -       5s  -',
        '',
        '203.0.113.7:8765  this node said WRONG_NETWORK (another genesis block, of a chain that is not ours)',
        '',
        '2 peers known, 0 dials under way'
      ])
    })

    it('do not say of a peer that has come by itself that it was never reached', () => {
      const [, line] = renderDials({ underWay: 0, known: 1, targets: [{ ...target, state: 'connected', nextIn: null, failures: 0, lastError: null }] }, 140, NOW)
      assert.equal(line, '203.0.113.7:8765  seed    connected     -       -      now  -')
    })

    it('have room for what libp2p says of a socket, which repeats the address', () => {
      const lastError = 'connection error 203.0.113.7:8765: connect ECONNREFUSED 203.0.113.7:8765'
      const [, line, ...rest] = renderDials({ underWay: 0, known: 1, targets: [{ ...target, lastError }] }, 140, NOW)
      assert.equal(line, '203.0.113.7:8765  seed    waiting  1.5s      2x    never  connect ECONNREFUSED 203.0.113.7:8765')
      assert.deepEqual(rest, ['', '1 peer known, 0 dials under way'])
    })

    it('say what to do where the node knows no peer', () => {
      assert.match(renderDials({ underWay: 0, known: 0, targets: [] }, 80)[0]!, /give it a --seed/)
    })

    it('count those that are not shown', () => {
      assert.equal(renderDials({ underWay: 1, known: 100, targets: [target] }, 140, NOW).at(-1), '100 peers known, 1 dial under way; 99 more are not shown')
    })
  })

  describe('status', () => {
    const text = (changes: Partial<NetworkStatus>, columns = 120): string => renderStatus(sampleReport(changes), columns).join('\n')

    it('says where the chain is', () => {
      const { sync } = sampleReport().status
      assert.match(text({}), /^chain +block 12 1a2b3c4d\.\., in step with 1 peer$/m)
      assert.match(text({ sync: { ...sync, state: 'behind', behind: 8, best: 20 } }), /^chain +block 12 .*, 8 blocks behind, of 20$/m)
      assert.match(text({ sync: { ...sync, state: 'unknown' } }), /no peer to compare with$/m)
      assert.match(text({ tip: null }), /^chain +none$/m)
    })

    it('says what the gateway does where the node asks it, and nothing of it otherwise', () => {
      const gateway = { address: '192.168.1.1', protocol: 'PCP', externalAddress: '203.0.113.7', problem: null } as const
      assert.doesNotMatch(text({}), /gateway/)
      assert.match(text({ gateway }), /^gateway +192\.168\.1\.1 opens ports at 203\.0\.113\.7 \(PCP\)$/m)
      assert.match(text({ gateway: { ...gateway, externalAddress: null, problem: 'It has no port left' } }), /^gateway +It has no port left$/m)
      assert.match(text({ gateway: { ...gateway, externalAddress: null } }), /^gateway +not asked yet$/m)
    })

    it('says how many peers the node knows, and what waits in its pool', () => {
      const { known, memory } = sampleReport().status
      assert.match(text({}), /^known +0 peers reached, 0 only heard of$/m)
      assert.match(text({}), /^pool +empty$/m)
      const busy = text({
        known: { ...known, reached: 12, heardOf: 340, feelers: { tried: 9, reached: 4, nextIn: 5 } },
        memory: { ...memory, transactionPool: { items: 45, maxItems: 100, bytes: 12_000, maxBytes: 1e6 } }
      })
      assert.match(busy, /^known +12 peers reached, 340 only heard of, 4 of 9 test dials reached one$/m)
      assert.match(busy, /^pool +45 transactions, 12 kB$/m)
    })

    it('names sources that were asked and named no peer, four of them at most', () => {
      const { at } = sampleReport().status
      const source = { name: 'seeds.invalid', targets: 0, ready: 0, failing: 0, askedAt: at - 5000, found: 0 }
      const sources = (list: (typeof source | { askedAt: null })[], isSearching = false): string => text({
        sources: { isSearching, nextIn: isSearching ? null : 4000, list: list.map((one) => ({ ...source, ...one })) }
      }, 200)
      assert.match(sources([source]), /^sources +seeds\.invalid named no peer when asked 5s ago, asked again in 4s at the earliest$/m)
      assert.doesNotMatch(sources([{ askedAt: null }, { ...source, found: 1 }, { ...source, targets: 1 }]), /^sources/m)

      assert.doesNotMatch(sources([source], true), /^sources/m)

      for (const [count, shown] of [[4, 4], [5, 4]] as const) {
        assert.equal(sources(Array.from({ length: count }, () => source)).match(/named no peer/g)?.length, shown)
      }
    })

    it('says whose fault a synchronisation that stands still is', () => {
      const { sync, at } = sampleReport().status
      const stalled = text({
        sync: {
          ...sync, state: 'behind', behind: 8, best: 20, failures: 3, retryIn: 5000,
          lastEnd: {
            ...{ at: at - 2000, from: 12, height: 12, reorganised: false, error: 'nothing for 10 s' },
            faults: [
              { peer: 'a', nodeId: 'slow', kind: 'stalled', height: 14, at }, { peer: 'a', nodeId: 'slow', kind: 'stalled', height: 13, at },
              { peer: '12D3KooWbbbbbbbb', nodeId: '', kind: 'unavailable', height: 13, at }
            ]
          }
        },
        peers: [samplePeer({ nodeId: 'slow', bestHeight: 20, requests: 4 })]
      })

      assert.match(stalled, /^sync +failed 2s ago at block 12, 3 times in a row: nothing for 10 s, again in 5s$/m)
      assert.match(stalled, /^faults +slow stalled at block 14, \.\.bbbbbbbb unavailable at block 13$/m)
      assert.match(stalled, /^ahead +slow at 20 \(4 requests unanswered, 0 B unread\)$/m)
    })

    it('says since when the chain is not in step, when it last grew, and which peers are not believed', () => {
      const { sync, at } = sampleReport().status
      const behind = text({ sync: { ...sync, state: 'behind', behind: 8, best: 20, since: at - 90_000, grownAt: at - 60_000 } })
      assert.match(behind, /^chain .*, 8 blocks behind, of 20, for 1m 30s: it last grew 1m ago$/m)
      const doubted = [
        { peer: 'a', nodeId: 'mallory', claimed: 5000, believed: 0, retryIn: 20_000 },
        { peer: '12D3KooWbbbbbbbb', nodeId: '', claimed: 900, believed: 11, retryIn: 1000 }
      ]
      const unknown = text({ sync: { ...sync, state: 'unknown', since: at - 90_000, grownAt: null, doubted } }, 300)
      assert.match(unknown, /^chain .*, no peer that is believed to compare with, for 1m 30s: it has not grown since the start$/m)
      assert.match(unknown, /^doubted +mallory claims block 5000 and did not send it, asked again in 20s; \.\.bbbbbbbb claims block 900 .*, believed up to 11, asked again in 1s$/m)
    })

    it('says which calls the chain of the node does not answer', () => {
      const { sync } = sampleReport().status
      assert.doesNotMatch(text({}), /^hangs/m)
      const chainCalls = [{ method: 'append', ms: 63_000 }, { method: 'tip', ms: 10_000 }] as const
      assert.match(text({ sync: { ...sync, chainCalls: [...chainCalls] } }), /^hangs +the chain of this node: `append` has not answered for 1m 3s, `tip` has not answered for 10s$/m)
    })

    it('does not say of a synchronisation under way that it has failed, where the one before did', () => {
      const { sync, at } = sampleReport().status
      const lastEnd = { at: at - 2000, from: 12, height: 12, reorganised: false, error: 'nothing for 10 s', faults: [] }
      const progress = { from: 12, to: 20, height: 16, blocksPerSecond: 2, bytesPerSecond: 500, peers: 1, eta: 2000 }
      const lines = text({ sync: { ...sync, state: 'behind', behind: 4, best: 20, progress, failures: 1, lastEnd } })

      assert.match(lines, /^sync +\[#{12}-{12}\] 50 %, block 16 of 20, 2s left/m)
      assert.match(lines, /^before +failed 2s ago at block 12: nothing for 10 s$/m)
      assert.doesNotMatch(lines, /^sync +failed/m)
    })

    it('names the queues that are not empty', () => {
      const { queues } = sampleReport().status
      assert.match(text({}), /^queues +empty$/m)
      assert.match(text({ queues: { ...queues, outbox: { ...queues.outbox, bytes: 5000 }, requests: { ...queues.requests, items: 2 } } }), /^queues +5 kB to send; 2 requests out$/m)
      assert.match(text({ queues: { ...queues, requests: { ...queues.requests, items: 1 } } }), /^queues +1 request out$/m)

      for (const [items, line] of [[1, /^queues +1 own item for the next peers \(185 B\)$/m], [3, /^queues +3 own items for the next peers \(185 B\)$/m]] as const) {
        assert.match(text({ queues: { ...queues, pendingBroadcasts: { ...queues.pendingBroadcasts, items, bytes: 185 } } }), line)
      }
    })

    for (const columns of [80, 120]) {
      it(`fits a terminal of ${columns} columns`, () => {
        assert(renderStatus(sampleReport(), columns).every((line) => line.length <= columns))
      })
    }
  })

  describe('lists', () => {
    it('of bans say until when, by whom and why', () => {
      const ban = { subject: '203.0.113.7', kind: 'host', until: NOW + 60_000, duration: 60_000, reason: 'noisy', offences: 1, isManual: true } as const
      assert.deepEqual(renderBans([ban, { ...ban, until: 8.64e15, isManual: false }], 100, NOW), [
        'BANNED       ENDS IN  OFFENCES  BY        REASON',
        '203.0.113.7       1m         1  operator  noisy',
        '203.0.113.7    never         1  node      noisy'
      ])
      assert.deepEqual(renderBans([], 100, NOW), ['No bans'])
    })

    it('of traffic have both directions of each type', () => {
      const { bandwidth } = sampleReport().status
      assert.deepEqual(renderBandwidth({ ...bandwidth, limits: { ...bandwidth.limits, upload: 5_000_000 } }, 100), [
        'MESSAGE   RECEIVED   BYTES  SENT  BYTES',
        'newBlock         2  1.1 kB     0    0 B',
        'ping             0     0 B     3   30 B',
        'all                 1.2 kB         99 B',
        '',
        'Caps: upload 5 MB/s, download none, to one peer none, from one peer none'
      ])
    })

    it('of blocks name the peer, by its id where it is gone', () => {
      const block = sampleTimeline('12D3KooWabcdefgh')
      const fetched = { ...block, from: 'x', announced: { at: NOW - 1900, peer: 'y' } }
      const compact = { at: NOW - 1700, bytes: 90, prefilled: 1, asked: 0 }
      const blocks = [block, { ...fetched, compact }, { ...fetched, compact: { ...compact, asked: 7 } }]
      assert.deepEqual(renderBlocks(blocks, { names: new Map([['x', 'alpha']]), columns: 100, now: NOW }).slice(0, 4), [
        'BLOCK  HASH        TXS  FROM        CAME               TOOK   AGO',
        '   12  1a2b3c4d..    3  ..abcdefgh  whole              80ms  1.5s',
        '   12  1a2b3c4d..    3  alpha       compact           380ms  1.5s',
        '   12  1a2b3c4d..    3  alpha       compact, 7 asked  380ms  1.5s'
      ])
    })

    it('wrap what is too wide below its beginning', () => {
      assert.deepEqual(renderPairs([['a', 'one two three four five six'], ['bb', 'x']], 24), ['a   one two three four', '    five six', 'bb  x'])
    })
  })

  describe('top', () => {
    const blocks = [sampleTimeline('12D3KooWaaaaaaaa')]

    it('has rates since the last look', () => {
      const before = sampleReport({ at: NOW - 2000, peers: [samplePeer({ bytes: { in: 0, out: 0 } })] })
      const now = sampleReport({ at: NOW, peers: [samplePeer({ bytes: { in: 4000, out: 2000 } })] })
      const lines = renderTop({ now, before, blocks }, { columns: 120, rows: 30 })

      assert.match(lines.find((line) => line.startsWith('in ')) ?? '', / 2 kB +1 kB /)
      assert(lines.some((line) => /^12 1a2b3c4d\.\. from alpha, 3 transactions, took 80ms, 1\.5s ago$/.test(line)), lines.join('\n'))
    })

    it('has no rates at the first look', () => {
      const line = renderTop({ now: sampleReport(), before: undefined, blocks: [] }, { columns: 120, rows: 30 }).find((line) => line.startsWith('in '))
      assert.match(line ?? '', / - +- +- /)
    })

    it('counts a session that has begun anew from nothing', () => {
      const before = sampleReport({ at: NOW - 1000, peers: [samplePeer({ readyAt: 1, bytes: { in: 1_000_000, out: 0 } })] })
      const now = sampleReport({ at: NOW, peers: [samplePeer({ readyAt: 2, bytes: { in: 500, out: 0 } })] })
      assert.match(renderTop({ now, before, blocks: [] }, { columns: 120, rows: 30 }).find((line) => line.startsWith('in ')) ?? '', / 500 B +0 B /)
    })

    it('names the slowest peer', () => {
      const peers = [samplePeer(), samplePeer({ id: 'x', nodeId: 'slow', waiting: { in: 0, out: 50_000_000 } })]
      const lines = renderTop({ now: sampleReport({ peers }), before: undefined, blocks: [] }, { columns: 120, rows: 30 })
      assert(lines.includes('Slowest peer: slow, 12ms round trip, 50 MB to send'), lines.join('\n'))
    })

    it('fits any terminal, with 50 peers', () => {
      const peers = Array.from({ length: 50 }, (_, i) => samplePeer({ id: `12D3KooW${i}`, nodeId: `peer-${i}` }))

      for (const columns of [20, 80, 120]) {
        for (let rows = 1; rows < 70; rows++) {
          const lines = renderTop({ now: sampleReport({ peers }), before: undefined, blocks }, { columns, rows })
          assert(lines.length <= rows && lines.every((line) => line.length <= columns), `${columns} x ${rows}`)
        }
      }

      const lines = renderTop({ now: sampleReport({ peers }), before: undefined, blocks }, { columns: 80, rows: 23 })
      assert(lines.some((line) => /^… and \d+ peers that pass less$/.test(line)), lines.join('\n'))
    })
  })
})
