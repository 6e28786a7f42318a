import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { addressOf, connect, nextOf, sessionOf, startNode, startRawPeer, stopNodes } from './nodes.ts'
import { killProcesses, NodeProcess } from './node-process.ts'
import { eventually, turns } from '../support/eventually.ts'
import { MemoryChain } from '../support/memory-chain.ts'
import { sampleBlock, sampleChain, sampleHash } from '../support/sample.ts'
import { STOP_TIMEOUT_MS } from '../../src/start-network.ts'
import type { Block, ChainSource, Network } from '../../src/index.ts'
import type { AddressInfo, Server, Socket } from 'node:net'

/** What a busy machine adds to STOP_TIMEOUT_MS, in ms. */
const PATIENCE_MS = 500

/** How long a process may live on when its node has stopped, in ms. */
const MAX_EXIT_MS = 500

/** A server that takes connections and never says a word. */
class BlackHole {
  readonly sockets: Socket[] = []
  readonly #server: Server

  private constructor () {
    this.#server = createServer((socket) => { this.sockets.push(socket.on('error', () => {})) })
  }

  static async start (): Promise<BlackHole> {
    const hole = new BlackHole()
    await new Promise<void>((resolve) => { hole.#server.listen(0, '127.0.0.1', resolve) })

    return hole
  }

  get address (): string {
    return `/ip4/127.0.0.1/tcp/${(this.#server.address() as AddressInfo).port}`
  }

  async stop (): Promise<void> {
    this.sockets.forEach((socket) => { socket.destroy() })
    await new Promise((resolve) => { this.#server.close(resolve) })
  }
}

/** Stops a node, which has to be in time. */
async function stopInTime (node: Network): Promise<void> {
  const begin = performance.now()
  await node.stop()
  const took = performance.now() - begin
  assert.ok(took <= STOP_TIMEOUT_MS + PATIENCE_MS, `stop() took ${took} ms`)
}

/** Servers and sockets of this process that are open. */
function openSockets (): number {
  return process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length
}

function bigBlock (height: number): Block {
  return sampleBlock({ height, hash: sampleHash(height), proof: new Uint8Array(1024 * 1024).fill(height) })
}

/** A chain that gives out `length` blocks and then never anything again. */
function endlessChain (length: number): ChainSource & { served: number } {
  const blocks = Array.from({ length }, (_, height) => sampleBlock({ height, hash: sampleHash(height), prevHash: sampleHash(height - 1) }))

  return {
    served: 0,
    tip: () => ({ height: 1000, hash: sampleHash('tip') }),
    get: () => undefined,
    async * range (startHeight) {
      for (const block of blocks.slice(startHeight)) {
        this.served++
        yield block
      }

      await new Promise<never>(() => {})
    }
  }
}

describe('integration/lifecycle', function () {
  this.timeout(30_000)

  let hole: BlackHole
  let openBefore: number

  beforeEach(async () => {
    openBefore = openSockets()
    hole = await BlackHole.start()
  })

  afterEach(async () => {
    await killProcesses()
    await stopNodes()
    await hole.stop()
    await eventually(() => openSockets() <= openBefore, 'no socket and no server')
  })

  describe('is done in time', () => {
    it('with no peer there', async () => {
      await stopInTime(await startNode())
      await stopInTime(await startNode({ listen: [] }))
    })

    it('while a seed is dialled that never answers', async () => {
      const node = await startNode({ seedPeers: [hole.address, `${hole.address}/p2p/${(await startRawPeer()).id}`] })
      await eventually(() => hole.sockets.length > 0, 'the dial')
      await stopInTime(node)
      assert.deepEqual(node.peers.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
    })

    it('while connect() waits for a peer that never answers', async () => {
      const node = await startNode()
      const connecting = assert.rejects(node.connect(hole.address))
      await eventually(() => hole.sockets.length > 0, 'the dial')
      await stopInTime(node)
      await connecting
    })

    it('while a peer that has connected says nothing at all', async () => {
      const node = await startNode()
      const [, port] = /\/tcp\/(\d+)/.exec(addressOf(node))!
      const socket = createConnection(Number(port), '127.0.0.1').on('error', () => {})
      const closed = new Promise((resolve) => { socket.once('close', resolve) })
      await new Promise((resolve) => { socket.once('connect', resolve) })
      await stopInTime(node)
      await closed
    })

    it('while handshakes wait for a silent peer, in and out', async () => {
      const node = await startNode()
      const raw = await startRawPeer()
      await raw.open(node)
      const other = await startRawPeer()
      const connecting = assert.rejects(node.connect(other.address), (err: Error) => {
        assert.equal(err.name, 'NotRunningError')
        assert.equal((err.cause as Error).name, 'DisconnectedError')

        return true
      })
      const session = await eventually(() => other.accepted[0], 'the stream')
      await session.next('handshake')
      assert.equal(node.peers.counts.pending, 2)
      await stopInTime(node)
      await connecting
      assert.deepEqual(node.peers.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
    })

    it('with a peer that reads nothing, and much that waits for it', async () => {
      const node = await startNode()
      const raw = await startRawPeer()
      const remote = await raw.connect(node)
      remote.stream.pause()

      for (let height = 0; height < 6; height++) {
        node.broadcast({ type: 'newBlock', block: bigBlock(height) })
      }

      await eventually(() => sessionOf(node, raw).bytesOut > 0, 'the first bytes')
      assert.ok(sessionOf(node, raw).bufferedBytes.out > 4 * 1024 * 1024)
      await stopInTime(node)
    })

    it('with a process that is frozen', async () => {
      const child = await NodeProcess.start()
      const node = await startNode()
      await node.connect(child.address)
      child.freeze()
      await stopInTime(node)
    })

    it('while a handler never comes to an end', async () => {
      const node = await startNode()
      const { there } = await connect(await startNode(), node)
      let calls = 0

      node.router.handle('newBlock', async () => {
        calls++

        return new Promise<never>(() => {})
      })
      const raw = await startRawPeer()
      const remote = await raw.connect(node)
      Array.from({ length: 10 }, (_, height) => { remote.send({ type: 'newBlock', block: bigBlock(height) }) })
      await eventually(() => calls >= 3, 'the handler')
      await stopInTime(node)
      await eventually(() => there.state === 'closed', 'the goodbye')
    })

    it('while it serves a range that never comes to an end', async () => {
      const chain = endlessChain(5)
      const server = await startNode({ chain })
      const node = await startNode()
      await connect(node, server)
      const range = assert.rejects(node.requestBlockRange(0, 99).next(), { name: 'RequestError', code: 'DISCONNECTED' })
      await eventually(() => chain.served === 5, 'the range')
      await stopInTime(server)
      await range
    })

    it('while it serves a range to a peer that reads nothing', async () => {
      const blocks = Array.from({ length: 8 }, (_, height) => bigBlock(height))
      const genesisHash = blocks[0]!.hash
      const server = await startNode({ genesisHash, chain: { tip: () => blocks[7]!, get: (height) => blocks[height] } })
      const raw = await startRawPeer()
      const remote = await raw.connect(server, { genesisHash })
      remote.stream.pause()
      remote.send({ type: 'requestBlockRange', startHeight: 0, endHeight: 7 }, 1n)
      await eventually(() => !sessionOf(server, raw).outbox.belowMark, 'a full outbox')
      await stopInTime(server)
    })

    it('while it fetches a range and a block, which fail', async () => {
      const chain = endlessChain(5)
      const server = await startNode({ chain })
      server.router.handle('requestBlock', async () => new Promise<never>(() => {}))
      const node = await startNode()
      await connect(node, server)
      const range = assert.rejects(node.requestBlockRange(0, 99).next(), { name: 'NotRunningError' })
      const block = assert.rejects(node.requestBlock(1, { signal: new AbortController().signal }), { name: 'NotRunningError' })
      await eventually(() => chain.served === 5, 'the range')
      await stopInTime(node)
      await range
      await block
    })

    it('while many sessions are being made', async () => {
      const hub = await startNode({ maxInbound: 20 })
      const clients = await Promise.all(Array.from({ length: 8 }, async () => startNode({ listen: [] })))
      const connecting = Promise.allSettled(clients.map(async (client) => client.connect(addressOf(hub))))
      await eventually(() => hub.peers.counts.inbound + hub.peers.counts.pending > 0, 'the first of them')
      await Promise.all([hub, ...clients].map(stopInTime))
      await connecting
      assert.ok([hub, ...clients].every(({ peers }) => peers.counts.inbound + peers.counts.outbound + peers.counts.pending === 0))
    })
  })

  it('ends what the application has begun, with a NotRunningError', async () => {
    const blocks = sampleChain(200)
    const chain = new MemoryChain(blocks)
    const write = Promise.withResolvers<void>()
    const isWriting = Promise.withResolvers<void>()
    const server = await startNode({ chain })
    const node = await startNode({
      genesisHash: blocks[0]!.hash,
      chain: Object.assign(new MemoryChain(blocks.slice(0, 1)), {
        append: async () => {
          isWriting.resolve()
          await write.promise
        }
      }),
      autoSync: false
    })
    await connect(node, server)
    const begun = node.requestBlockRange(0, 199)
    const taken = node.requestBlockRange(0, 199)
    const other = node.requestBlockRange(0, 199, { signal: new AbortController().signal })
    await taken.next()
    await other.next()
    const ends: (Error | undefined)[] = []
    node.addEventListener('sync:end', ({ detail: { error } }) => { ends.push(error) })
    const underWay = [node.sync(), node.connect(hole.address)]
    const settled = Promise.allSettled(underWay)
    await isWriting.promise
    await eventually(() => hole.sockets.length > 0, 'the dial')
    const stopped = node.stop()
    assert.deepEqual((await settled).map((result) => result.status === 'rejected' && (result.reason as Error).name), ['NotRunningError', 'NotRunningError'])
    write.resolve()
    await stopped

    for (const range of [begun, taken, other]) {
      await assert.rejects(range.next(), { name: 'NotRunningError' })
    }

    assert.deepEqual(ends.map((error) => error?.name), ['NotRunningError'])
    await assert.rejects(node.connect(hole.address), { name: 'NotRunningError' })
  })

  describe('calls the chain no more when it has resolved', () => {
    const blocks = sampleChain(600)

    /** A chain that counts its calls, and those under way. */
    function countCalls (chain: MemoryChain): { calls: number, underWay: number } {
      const count = { calls: 0, underWay: 0 }

      for (const method of ['tip', 'get', 'verify', 'append', 'reorganise'] as const) {
        const inner = chain[method].bind(chain) as (...args: unknown[]) => unknown

        Object.assign(chain, {
          [method]: (...args: unknown[]) => {
            count.calls++
            const result = inner(...args)

            if (result instanceof Promise) {
              const end = (): void => { count.underWay-- }
              count.underWay++
              result.then(end, end)
            }

            return result
          }
        })
      }

      return count
    }

    /** Stops a node in the middle of a synchronisation, and looks at its chain for a while. */
    async function stopInTheMiddle (chain: MemoryChain, isThere: () => boolean): Promise<void> {
      const count = countCalls(chain)
      const server = await startNode({ chain: new MemoryChain(blocks) })
      const node = await startNode({ chain })
      await connect(node, server)
      await eventually(isThere, 'the middle')
      await node.stop()
      assert.equal(count.underWay, 0)
      const { calls } = count
      await turns(200)
      assert.equal(count.calls, calls)
    }

    it('in the middle of a synchronisation whose blocks are verified one by one', async () => {
      const chain = new MemoryChain(blocks.slice(0, 1))
      let verified = 0
      chain.verify = async (block) => {
        // all of them take longer than a stop
        await setTimeout(25)
        verified++
        chain.check(block)
      }
      await stopInTheMiddle(chain, () => verified > 20)
      assert.ok(verified < 600)
    })

    it('and waits for blocks that are being written, also longer than for all the rest', async () => {
      const chain = new MemoryChain(blocks.slice(0, 1))
      let isBegun = false
      chain.append = async (given) => {
        isBegun = true
        await setTimeout(STOP_TIMEOUT_MS + 500)
        chain.push(given)
      }
      await stopInTheMiddle(chain, () => isBegun)
      assert.equal(chain.appended.length, 1)
    })
  })

  it('takes null in the place of options', async () => {
    const node = await startNode()
    await assert.rejects(node.requestBlock(1, null as never), { name: 'RequestError' })
    await assert.rejects(node.requestBlockRange(1, 2, null as never).next(), { name: 'RequestError' })
    await assert.rejects(node.sync(null as never), { name: 'SyncError' })
  })

  it('may be called again and again, and at the same time', async () => {
    const node = await startNode()
    await connect(await startNode(), node)
    await Promise.all([stopInTime(node), stopInTime(node), stopInTime(node)])
    await stopInTime(node)
  })

  it('tells every peer SHUTDOWN', async () => {
    const node = await startNode()
    const others = await Promise.all([startNode(), startNode(), startNode()])
    await connect(others[0], node)
    await connect(node, others[1])
    await connect(others[2], node)
    const closures = others.map(async (other) => nextOf(other, 'peer:closed', node))
    await stopInTime(node)

    for (const { reason, byRemote } of await Promise.all(closures)) {
      assert.deepEqual([reason, byRemote], ['SHUTDOWN', true])
    }

    await eventually(() => others.every((other) => other.libp2p.getConnections().length === 0), 'the end of the connections')
  })

  it('leaves a network that refuses everything', async () => {
    const node = await startNode()
    const other = await startNode()
    await connect(node, other)
    await stopInTime(node)

    const expected = { name: 'NotRunningError' }
    assert.throws(() => node.broadcast({ type: 'newBlock', block: sampleBlock() }), expected)
    await assert.rejects(node.requestBlock(1), expected)
    assert.throws(() => node.requestBlockRange(1, 2), expected)
    await assert.rejects(node.connect(addressOf(other)), expected)
    assert.deepEqual([[...node.peers], node.peers.counts], [[], { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 }])
  })

  it('leaves nothing that keeps the process alive', async () => {
    const hub = await startNode()
    const child = await NodeProcess.start({ seedPeers: [addressOf(hub), hole.address] })
    const other = await startNode({ chain: new MemoryChain(sampleChain(50)) })
    await other.connect(child.address)
    // nothing is taken from it any more
    child.beginRange(49)
    await eventually(() => child.reports.some(({ event }) => event === 'taken'), 'the first block of a range')
    // the other node may hear of the hub meanwhile, and dial it too
    await eventually(() => hub.peers.get(child.id) != null && hole.sockets.length > 0, 'its session, and its dial')

    const { code, msToExit, resources } = await child.stop()
    assert.equal(code, 0)
    assert.ok(msToExit <= MAX_EXIT_MS, `it lived on for ${msToExit} ms, with ${resources.join(', ')}`)
  })

  it('leaves nothing behind, however often', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'lifecycle-test-'))
    const partner = await startNode()

    const listeners = (): Record<string, number> => {
      return Object.fromEntries(process.eventNames().map((name) => [String(name), process.listenerCount(name)]))
    }

    const once = async (): Promise<void> => {
      const node = await startNode({ dataDir, seedPeers: [addressOf(partner)] })
      await eventually(() => [...node.peers].length === 1, 'the session')
      node.broadcast({ type: 'newBlock', block: sampleBlock() })
      await node.stop()
    }

    for (let i = 0; i < 3; i++) {
      await once()
    }

    await eventually(() => partner.libp2p.getConnections().length === 0, 'the end of the last connection')
    const before = { resources: process.getActiveResourcesInfo().length, listeners: listeners() }

    for (let i = 0; i < 30; i++) {
      await once()
    }

    await eventually(() => process.getActiveResourcesInfo().length <= before.resources, 'no more resources than before')
    await eventually(() => partner.libp2p.getConnections().length === 0, 'the end of the last connection')
    assert.deepEqual(listeners(), before.listeners)
    await rm(dataDir, { recursive: true })
  })
})
