import assert from 'node:assert/strict'
import { TypedEventEmitter } from 'main-event'
import { DEFAULTS } from '../src/config/resolve.ts'
import { ServiceNetwork } from '../src/network.ts'
import { sampleBlock } from './support/sample.ts'
import type { VibeCoinEvents } from '../src/service/reports/events.ts'
import type { VibeCoin } from '../src/service/api.ts'
import type { Block, Tip } from '../src/types/block.ts'
import type { BroadcastMessage } from '../src/types/message.ts'
import type { Peer } from '../src/types/peer.ts'
import type { SyncResult } from '../src/types/sync.ts'
import type { Libp2p } from '@libp2p/interface'

const block = sampleBlock()
const libp2p = {} as Libp2p

/** A service that notes what is called and with what. */
class ScriptedService extends TypedEventEmitter<VibeCoinEvents> {
  readonly peers = {} as VibeCoin['peers']
  readonly router = {} as VibeCoin['router']

  status (): never { throw new Error('not called') }

  async room (...args: unknown[]): Promise<void> {
    this.calls.push(['room', ...args])
  }

  async waitForPeers (...args: unknown[]): Promise<Peer[]> {
    this.calls.push(['waitForPeers', ...args])

    return [this.peer]
  }

  async whenSynced (...args: unknown[]): Promise<Tip> {
    this.calls.push(['whenSynced', ...args])

    return { height: 1, hash: block.hash }
  }

  readonly peer = { id: 'alice' } as Peer
  readonly calls: unknown[][] = []

  broadcast (message: BroadcastMessage): { queued: number, skipped: number } {
    this.calls.push(['broadcast', message])

    return { queued: 2, skipped: 1 }
  }

  async requestBlock (...args: unknown[]): Promise<Block | undefined> {
    this.calls.push(['requestBlock', ...args])

    return block
  }

  async * requestBlockRange (...args: unknown[]): AsyncGenerator<Block, void, undefined> {
    this.calls.push(['requestBlockRange', ...args])
    yield block
  }

  async sync (...args: unknown[]): Promise<SyncResult> {
    this.calls.push(['sync', ...args])

    return { from: 1, height: 2, reorganised: false }
  }

  async connect (...args: unknown[]): Promise<Peer> {
    this.calls.push(['connect', ...args])

    return this.peer
  }

  readonly bandwidth = DEFAULTS.bandwidth

  setBandwidth (...args: unknown[]): void {
    this.calls.push(['setBandwidth', ...args])
  }

  start (): never { throw new Error('libp2p starts it') }
  stop (): never { throw new Error('libp2p stops it') }
}

describe('network', () => {
  let service: ScriptedService
  let stops: number
  let stop: () => Promise<void>
  let network: ServiceNetwork

  beforeEach(() => {
    service = new ScriptedService()
    stops = 0
    stop = async () => { stops++ }
    network = new ServiceNetwork({ libp2p, service, stop: async () => { await stop() } })
  })

  it('is the service, with the libp2p node underneath', () => {
    assert.equal(network.libp2p, libp2p)
    assert.equal(network.peers, service.peers)
    assert.equal(network.router, service.router)
  })

  it('hands every call on, with its options, and gives back what comes of it', async () => {
    const message: BroadcastMessage = { type: 'newBlock', block }
    const options = { peer: 'alice' }

    assert.deepEqual(network.broadcast(message), { queued: 2, skipped: 1 })
    assert.equal(await network.requestBlock(3, options), block)
    assert.deepEqual((await network.requestBlockRange(3, 4, options).next()).value, block)
    assert.deepEqual(await network.sync(options), { from: 1, height: 2, reorganised: false })
    assert.equal(await network.connect('/ip4/10.0.0.1/tcp/1', options as never), service.peer)
    network.setBandwidth({ upload: 4096 })
    assert.equal(network.bandwidth, service.bandwidth)
    const abort = { signal: new AbortController().signal }
    await network.room(abort)
    assert.deepEqual(await network.waitForPeers(2, abort), [service.peer])
    assert.deepEqual(await network.whenSynced(abort), { height: 1, hash: block.hash })
    assert.deepEqual(service.calls, [
      ['broadcast', message], ['requestBlock', 3, options], ['requestBlockRange', 3, 4, options], ['sync', options], ['connect', '/ip4/10.0.0.1/tcp/1', options],
      ['setBandwidth', { upload: 4096 }], ['room', abort], ['waitForPeers', 2, abort], ['whenSynced', abort]
    ])
  })

  it('lets errors of the service through', async () => {
    const error = new Error('not running')
    service.broadcast = () => { throw error }
    service.requestBlock = async () => { throw error }
    service.connect = async () => { throw error }
    service.requestBlockRange = () => { throw error }

    assert.throws(() => network.broadcast({ type: 'newBlock', block }), error)
    assert.throws(() => network.requestBlockRange(1, 2), error)
    await assert.rejects(network.requestBlock(1), error)
    await assert.rejects(network.connect('/ip4/10.0.0.1/tcp/1'), error)
  })

  describe('events', () => {
    it('tells of the events of the service until a listener is removed', () => {
      const heard: unknown[] = []
      const listener = ({ detail }: CustomEvent<Peer>): void => { heard.push(detail) }
      network.addEventListener('peer:ready', listener)
      assert.equal(network.listenerCount('peer:ready'), 1)
      service.safeDispatchEvent('peer:ready', { detail: service.peer })
      network.removeEventListener('peer:ready', listener)
      service.safeDispatchEvent('peer:ready', { detail: service.peer })

      assert.deepEqual(heard, [service.peer])
      assert.equal(network.listenerCount('peer:ready'), 0)
    })

    it('passes the options of a listener on', () => {
      let count = 0
      network.addEventListener('block', () => { count++ }, { once: true })
      service.safeDispatchEvent('block', { detail: { block, peer: service.peer } })
      service.safeDispatchEvent('block', { detail: { block, peer: service.peer } })

      assert.equal(count, 1)
    })

    it('dispatches events as the service would', () => {
      const heard: string[] = []
      service.addEventListener('peer:ready', () => { heard.push('service') })
      network.addEventListener('peer:ready', () => { heard.push('network') })
      network.dispatchEvent(new CustomEvent('peer:ready', { detail: service.peer }))
      network.safeDispatchEvent('peer:ready', { detail: service.peer })

      assert.deepEqual(heard, ['service', 'network', 'service', 'network'])
    })
  })

  describe('stop', () => {
    it('is what ends a block that is `using` the network', async () => {
      {
        await using used = network
        assert.equal(used.libp2p, libp2p)
        assert.equal(stops, 0)
      }

      assert.equal(stops, 1)
    })

    it('stops once, however often it is called, at the same time or later', async () => {
      await Promise.all([network.stop(), network.stop()])
      await network.stop()

      assert.equal(stops, 1)
    })

    it('resolves each call when everything has ended, and not before', async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const stopped: number[] = []
      stop = async () => { await promise }
      const calls = [1, 2].map(async (call) => {
        await network.stop()
        stopped.push(call)
      })
      await Promise.resolve()
      assert.deepEqual(stopped, [])
      resolve()
      await Promise.all(calls)
      assert.deepEqual(stopped, [1, 2])
    })

    it('rejects each call where it failed', async () => {
      stop = async () => { throw new Error('disk full') }

      await assert.rejects(network.stop(), { message: 'disk full' })
      await assert.rejects(network.stop(), { message: 'disk full' })
    })
  })
})
