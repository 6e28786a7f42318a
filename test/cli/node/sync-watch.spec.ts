import assert from 'node:assert/strict'
import { TypedEventEmitter } from 'main-event'
import { SyncWatch } from '../../../src/cli/node/sync-watch.ts'
import { SyncError } from '../../../src/index.ts'
import type { SyncWatchInit } from '../../../src/cli/node/sync-watch.ts'
import type { FaultKind, Peer, SyncEnd, SyncProgress, VibeCoinEvents } from '../../../src/index.ts'

const PROGRESS: SyncProgress = { from: 2, to: 12, height: 5, blocksPerSecond: 100, bytesPerSecond: 2000, peers: 2, eta: 70 }
const END: SyncEnd = { from: 2, height: 12, reorganised: false, error: undefined }

function peer (id: string, bestHeight: number): Peer {
  return { id, nodeId: `name of ${id}`, bestHeight } as Peer
}

class TestNetwork extends TypedEventEmitter<VibeCoinEvents> {
  list: Peer[] = []
  readonly banned: string[] = []
  readonly peers = {
    ban: (id: string): void => { this.banned.push(id) },
    [Symbol.iterator]: (): Iterator<Peer> => this.list[Symbol.iterator]()
  }

  fault (peer: Peer, kind: FaultKind, detail = ''): void {
    this.safeDispatchEvent('sync:fault', { detail: { peer, kind, height: 3, detail } })
  }

  progress (detail: SyncProgress = PROGRESS): void {
    this.safeDispatchEvent('sync:progress', { detail })
  }

  end (overrides: Partial<SyncEnd> = {}): void {
    this.safeDispatchEvent('sync:end', { detail: { ...END, ...overrides } })
  }
}

interface Scene { network: TestNetwork, reports: unknown[], watch: SyncWatch }

function create (height: number, peers: Peer[] = []): Scene {
  const network = new TestNetwork()
  const reports: unknown[] = []
  network.list = peers
  const watch = new SyncWatch({
    network: network as unknown as SyncWatchInit['network'],
    height: () => height,
    report: (event, fields) => { reports.push({ event, ...fields }) }
  })

  return { network, reports, watch }
}

describe('cli/node/sync-watch', () => {
  it('reports how far it is, how fast, and its end', () => {
    const { network, reports } = create(5)
    network.progress()
    network.end()
    network.end({ height: 13, reorganised: true })

    assert.deepEqual(reports, [
      { event: 'syncing', from: 2, at: 5, to: 12, blocksPerSecond: 100, bytesPerSecond: 2000, peers: 2, eta: 70 },
      { event: 'synced', from: 2, at: 12, to: 12, reorganised: false },
      { event: 'synced', from: 2, at: 13, to: 13, reorganised: true }
    ])
  })

  it('does not take a synchronisation for complete whose last peer has gone', () => {
    const { network, reports, watch } = create(5)
    network.progress({ ...PROGRESS, height: 11 })
    network.progress({ ...PROGRESS, height: 5, to: 5, peers: 0 })

    assert.deepEqual(reports.map((report) => (report as { at: number }).at), [11])
    assert.equal(watch.isBehind, true)
  })

  it('reports why it failed, fit to print', () => {
    const { network, reports } = create(5)
    network.end({ error: new SyncError('FORK', `evil\x1b[2J${'x'.repeat(300)}`) })
    assert.deepEqual(reports, [{ event: 'syncFailed', reason: `evil[2J${'x'.repeat(192)}…` }])
  })

  it('reports a peer that cannot be used, by name and kind, fit to print', () => {
    const { network, reports } = create(5)
    network.fault({ ...peer('id', 9), nodeId: 'evil\r\n\u202e' }, 'stalled', `took\x07 too long${'x'.repeat(200)}`)
    assert.deepEqual(reports, [
      { event: 'fault', peer: 'id', name: 'evil', kind: 'stalled', height: 3, detail: `took too long${'x'.repeat(106)}…` }
    ])
  })

  it('bans the peer that sent an invalid block, and none for anything else', () => {
    const { network } = create(5)
    const kinds: FaultKind[] = ['stalled', 'unavailable', 'unlinked', 'violation', 'invalid']
    kinds.forEach((kind) => { network.fault(peer(kind, 9), kind) })
    assert.deepEqual(network.banned, ['invalid'])
  })

  describe('is behind', () => {
    it('while a peer says to have more, and not where none does', () => {
      assert.equal(create(5).watch.isBehind, false)
      assert.equal(create(5, [peer('a', 4), peer('b', 5)]).watch.isBehind, false)
      assert.equal(create(5, [peer('a', 4), peer('b', 6)]).watch.isBehind, true)
    })

    it('while blocks are fetched, whatever peers say', () => {
      const { network, watch } = create(5)
      network.progress()
      assert.equal(watch.isBehind, true)
      network.end()
      assert.equal(watch.isBehind, false)
      network.progress()
      network.end({ error: new Error('why') })
      assert.equal(watch.isBehind, false)
    })

    for (const kind of ['stalled', 'unavailable', 'invalid', 'violation'] as const) {
      it(`no longer because of a peer that was found ${kind}, but because of others`, () => {
        const [liar, honest] = [peer('liar', 1_000_000), peer('honest', 6)]
        const { network, watch } = create(5, [liar])
        network.fault(liar, kind)
        assert.equal(watch.isBehind, false)
        network.list = [liar, honest]
        assert.equal(watch.isBehind, true)
      })
    }

    it('because of a peer on another branch, until it was tried in vain', () => {
      const other = peer('other', 9)
      const { network, watch } = create(5, [other])
      network.fault(other, 'unlinked')
      assert.equal(watch.isBehind, true)
      network.end({ error: new SyncError('FORK', 'too deep') })
      assert.equal(watch.isBehind, false)
    })

    it('because of a peer that was tried once it has a new session', () => {
      const { network, watch } = create(5, [peer('a', 9)])
      network.end({ error: new Error('why') })
      assert.equal(watch.isBehind, false)
      network.list = [peer('a', 9)]
      assert.equal(watch.isBehind, true)
    })
  })

  it('listens to nothing after a stop', () => {
    const { network, reports, watch } = create(5)
    watch.stop()
    network.progress()
    network.fault(peer('a', 9), 'invalid')
    network.end()
    assert.deepEqual([reports, network.banned], [[], []])
  })
})
