import assert from 'node:assert/strict'
import { TypedEventEmitter } from 'main-event'
import { watchNetwork } from '../../../src/cli/node/reports.ts'
import { sampleBlock } from '../../support/sample.ts'
import type { Network, Peer, VibeCoinEvents } from '../../../src/index.ts'

const NASTY = 'evil\x1b[2J\r\n\u202e'

function peer (overrides: Partial<Peer> = {}): Peer {
  return { id: 'id', nodeId: 'name', direction: 'inbound', bestHeight: 3, bytesIn: 10, bytesOut: 20, ...overrides } as Peer
}

class TestNetwork extends TypedEventEmitter<VibeCoinEvents> {
  peers: Peer[] = []
}

interface Scene {
  network: TestNetwork
  reports: unknown[]
  traffic: ReturnType<typeof watchNetwork>
}

function create (peers: Peer[] = []): Scene {
  const network = new TestNetwork()
  const reports: unknown[] = []
  network.peers = peers
  const traffic = watchNetwork(network as unknown as Network, (event, fields) => { reports.push({ event, ...fields }) })

  return { network, reports, traffic }
}

describe('cli/node/reports', () => {
  it('reports a peer that comes, and those that are there already', () => {
    const { network, reports } = create([peer({ id: 'early' })])
    network.safeDispatchEvent('peer:ready', { detail: peer({ id: 'late', direction: 'outbound' }) })

    assert.deepEqual(reports, [
      { event: 'connected', peer: 'early', name: 'name', direction: 'inbound', height: 3 },
      { event: 'connected', peer: 'late', name: 'name', direction: 'outbound', height: 3 }
    ])
  })

  it('reports how a session ended', () => {
    const { network, reports } = create()
    network.safeDispatchEvent('peer:closed', { detail: { peer: peer(), reason: 'SHUTDOWN', byRemote: true, detail: 'bye' } })
    network.safeDispatchEvent('peer:refused', { detail: { peer: peer(), reason: undefined, byRemote: true, detail: '' } })

    assert.deepEqual(reports, [
      { event: 'disconnected', peer: 'id', name: 'name', byRemote: true, reason: 'SHUTDOWN', detail: 'bye' },
      { event: 'refused', peer: 'id', byRemote: true, reason: '', detail: '' }
    ])
  })

  it('reports a block that was accepted', () => {
    const { network, reports } = create()
    const block = sampleBlock({ height: 7, hash: new Uint8Array(32).fill(0xab) })
    network.safeDispatchEvent('block', { detail: { block, peer: peer({ nodeId: `b${NASTY}` }) } })
    assert.deepEqual(reports, [{ event: 'block', height: 7, hash: 'ab'.repeat(32), transactions: 1, from: 'bevil[2J' }])
  })

  it('makes fit to print what a peer chose, and cuts it', () => {
    const { network, reports } = create()
    const detail = NASTY + 'x'.repeat(300)
    network.safeDispatchEvent('peer:ready', { detail: peer({ nodeId: NASTY }) })
    network.safeDispatchEvent('peer:closed', { detail: { peer: peer({ nodeId: NASTY }), reason: 'BANNED', byRemote: true, detail } })
    network.safeDispatchEvent('peer:refused', { detail: { peer: peer(), reason: 'BANNED', byRemote: true, detail } })
    network.safeDispatchEvent('dial:failed', { detail: { target: NASTY, error: new Error(detail), failures: 1, retryIn: 5 } })

    assert.equal(reports.length, 4)
    assert(reports.every((report) => Object.values(report as Record<string, unknown>).every((value) => !/\p{C}/u.test(String(value)))))
    assert.deepEqual(reports.at(-1), {
      event: 'dialFailed', target: 'evil[2J', error: `evil[2J${'x'.repeat(112)}…`, failures: 1, retryIn: 5
    })
  })

  it('says why a dial has failed, without the peer and the address that stand beside it', () => {
    const { network, reports } = create()

    for (const message of ['The session with 12D3KooWx has ended: the peer said BANNED', 'connection error 1.2.3.4:5: connect ECONNREFUSED 1.2.3.4:5']) {
      network.safeDispatchEvent('dial:failed', { detail: { target: 'x', error: new Error(message), failures: 1, retryIn: 5 } })
    }

    assert.deepEqual(reports.map((report) => (report as { error: string }).error), ['the peer said BANNED', 'connect ECONNREFUSED 1.2.3.4:5'])
  })

  it('counts the bytes of sessions that go on and of those that have ended', () => {
    const { network, traffic } = create([peer()])
    assert.deepEqual(traffic(), { bytesIn: 10, bytesOut: 20 })
    network.peers = [peer({ bytesIn: 1, bytesOut: 2 })]
    network.safeDispatchEvent('peer:closed', { detail: { peer: peer(), reason: undefined, byRemote: true, detail: '' } })
    assert.deepEqual(traffic(), { bytesIn: 11, bytesOut: 22 })
  })
})
