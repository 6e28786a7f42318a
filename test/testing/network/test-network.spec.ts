import assert from 'node:assert/strict'
import { eventually } from '../../support/eventually.ts'
import { createTestNetwork, MemoryChain, sampleChain, sampleTransactions } from '../../../src/testing/index.ts'
import type { ChainSource } from '../../../src/index.ts'
import type { NodesOf, TestNetwork, TestNetworkInit, TestNode } from '../../../src/testing/index.ts'

describe('testing/network', function () {
  this.timeout(60_000)
  const started: TestNetwork<never>[] = []

  afterEach(async () => {
    await Promise.all(started.splice(0).map(async (network) => { await network.dispose() }))
  })

  async function start<Chain extends ChainSource = MemoryChain, const Count extends number = 3> (
    init: TestNetworkInit<Chain, Count> = {}
  ): Promise<TestNetwork<Chain, NodesOf<TestNode<Chain>, Count>>> {
    const network = await createTestNetwork({ seed: 7, ...init })
    started.push(network as unknown as TestNetwork<never>)

    return network
  }

  /** The numbers of the peers of each node. */
  function peersOf ({ nodes }: TestNetwork<never> | TestNetwork): number[][] {
    return nodes.map(({ network }) => [...network.peers].map(({ id }) => nodes.findIndex((node) => node.id === id)).sort((a, b) => a - b))
  }

  it('starts ten nodes in each shape, with a session at each edge and no other', async () => {
    assert.deepEqual(peersOf(await start({ nodes: 10, topology: 'line' })).slice(0, 3), [[1], [0, 2], [1, 3]])
    assert.deepEqual(peersOf(await start({ nodes: 10, topology: 'ring' })).slice(0, 3), [[1, 9], [0, 2], [1, 3]])
    assert.deepEqual(peersOf(await start({ nodes: 10, topology: 'star' })).slice(0, 3), [[1, 2, 3, 4, 5, 6, 7, 8, 9], [0], [0]])
    assert.deepEqual(peersOf(await start({ nodes: 4, topology: 'full' })), [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]])
    assert.deepEqual(peersOf(await start({ nodes: 3, topology: [[0, 2]] })), [[2], [], [0]])
  })

  it('has the same random shape and identities for the same seed', async () => {
    const [one, same, other] = [
      await start({ nodes: 8, topology: 'random' }), await start({ nodes: 8, topology: 'random' }), await start({ nodes: 8, topology: 'random', seed: 8 })
    ]
    assert.deepEqual([one.edges.length, one.edges, one.nodes.map(({ id }) => id)], [15, same.edges, same.nodes.map(({ id }) => id)])
    assert.notDeepEqual(one.edges, other.edges)
  })

  it('refuses what is no network', async () => {
    for (const init of [{ nodes: 0 }, { nodes: 1.5 }, { nodes: 1001 }, { topology: [[0, 3]] as const }, { topology: [[1, 1]] as const }, {
      topology: [[0, 1], [1, 0]] as const
    }]) {
      await assert.rejects(createTestNetwork(init), { name: 'ConfigError' })
    }
  })

  const mistakes: [what: string, init: object, message: RegExp][] = [
    ['an unknown option', { node: 3 }, /^Unknown option `node`, did you mean `nodes`\?$/],
    ['an unknown shape', { topology: 'mesh' }, /^Expected `topology` to be one of "line", .*"random", or edges such as \[\[1, 0\], \[2, 0\]\], got "mesh"$/],
    ['edges that are none', { topology: [0, 1] }, /^Expected `topology` to be .* got an array$/],
    ['no block', { chain: [] }, /^Expected `chain` to begin with block 0, got no block$/],
    ['another block', { chain: sampleChain(3).slice(1) }, /^Expected `chain` to begin with block 0, got another one$/],
    ['one chain for all', { chain: new MemoryChain() }, /^Expected `chain` to be an array of blocks, or a function .* got an object$/],
    ['a text for a number', { nodes: '3' }, /^Expected `nodes` to be an integer from 1 to 1000, got "3"$/],
    ['no time', { within: 0 }, /^Expected `within` to be a number of milliseconds above 0, got 0$/]
  ]

  for (const [what, init, message] of mistakes) {
    it(`says what is wrong with ${what}`, async () => {
      await assert.rejects(createTestNetwork(init as TestNetworkInit), { name: 'ConfigError', message })
    })
  }

  it('says what is wrong with an option of a call', async () => {
    const network = await start({ nodes: 2 })
    await assert.rejects(network.untilInStep({ timeout: 5 } as never), { name: 'ConfigError', message: 'Unknown option `timeout`' })
    await assert.rejects(network.add({ dials: [0] } as never), { name: 'ConfigError', message: 'Unknown option `dials`' })
    await assert.rejects(network.rawPeer({ hosts: '127.0.0.9' } as never), { name: 'ConfigError', message: 'Unknown option `hosts`, did you mean `host`?' })
    assert.throws(() => new MemoryChain(sampleChain(1), { max: 3 } as never), { name: 'ConfigError', message: /^Unknown option `max`/ })
    assert.throws(() => { network.partition([[0], [0, 1]]) }, {
      name: 'ConfigError', message: 'Expected each node in one group, and once, got node 0 in group 0 and in group 1'
    })
    assert.throws(() => { network.partition([[0], [2]]) }, { name: 'ConfigError', message: 'Expected a node from 0 to 1 in group 1, got 2' })
    assert.throws(() => { network.partition([0, 1] as never) }, { name: 'ConfigError', message: /such as \[\[0, 1\], \[2\]\], got an array$/ })
    assert.throws(() => { network.partition([[0]], { kind: 'wall' } as never) }, { name: 'ConfigError', message: /^Expected `kind` to be one of "cut", / })
    assert.throws(() => { network.partition([[0]], { sort: 'cut' } as never) }, { name: 'ConfigError', message: 'Unknown option `sort`' })
    await network.untilConnected()
  })

  it('says that no node runs, and that it was disposed of', async () => {
    const network = await start({ nodes: 2 })
    await Promise.all([network.stop(0), network.stop(1)])
    await assert.rejects(network.untilInStep({ within: 50 }), { name: 'WaitTimeoutError', came: ['a node that runs'] })
    await network.dispose()
    const calls: (() => Promise<unknown>)[] = [
      async () => network.untilInStep(), async () => network.untilQuiet(),
      async () => network.add(), async () => network.rawPeer(), async () => network.restart(0)
    ]

    for (const call of calls) {
      await assert.rejects(call(), { name: 'NotRunningError', message: /^The test network was disposed of/ })
    }

    await network.dispose()
  })

  it('carries blocks and transactions to all, whoever makes them', async () => {
    const network = await start({ nodes: 5, chain: sampleChain(3) })
    const block = network.nodes[4].mine()
    await network.untilHeard(block)
    await network.untilInStep()
    assert.deepEqual(network.nodes.map(({ chain }) => chain.head), Array(5).fill(block))
    const [transaction] = sampleTransactions(1)
    network.nodes[2].network.broadcast({ type: 'newTransaction', transaction: transaction! })
    await network.untilHeard(transaction!)
  })

  it('gives each node its own options and chain', async () => {
    const chains = [new MemoryChain(sampleChain(9)), new MemoryChain(sampleChain(1))]
    const network = await start({
      nodes: 2, chain: (index) => chains[index]!, options: (index) => ({ userAgent: `agent ${index}` })
    })
    await network.untilInStep()
    assert.deepEqual([network.nodes[1].chain, chains[1]!.head.height], [chains[1], 8])
    assert.equal(network.nodes[0].network.peers.get(network.nodes[1].id)!.userAgent, 'agent 1')
  })

  for (const kind of ['cut', 'hole'] as const) {
    it(`is partitioned (${kind}) and healed, and decides between the branches`, async () => {
      const network = await start({ nodes: 4, topology: 'ring', options: { pingInterval: 500, pingTimeout: 1000 } })
      network.partition([[0, 1]], { kind })
      await network.until('sessions within the sides alone', () => {
        return peersOf(network).every((peers, i) => peers.length === 1 && peers[0] === (i ^ 1))
      })
      const left = network.nodes[0].mine()
      network.nodes[2].mine()
      const right = network.nodes[2].mine()
      await network.until('two branches', async () => {
        const [, heardLeft, , heardRight] = await Promise.all(network.nodes.map(async (node, i) => node.hasHeard(i < 2 ? left : right)))

        return heardLeft === true && heardRight === true && network.nodes[3].chain.head.height === 2
      })
      assert.deepEqual(network.nodes.map(({ chain }) => chain.head.height), [1, 1, 2, 2])
      await network.untilConnected()
      network.heal()
      await network.untilConnected()
      await network.untilInStep({ within: 20_000 })
      assert.deepEqual(network.nodes.map(({ chain }) => chain.head), Array(4).fill(right))
    })
  }

  it('kills a node without a word, and restarts it as the same', async () => {
    const network = await start({ nodes: 3 })
    const { id, network: before } = network.nodes[1]
    const reasons: unknown[] = []
    network.nodes[0].network.addEventListener('peer:closed', ({ detail }) => { reasons.push(detail.reason) })
    await network.kill(1)
    await eventually(() => reasons.length > 0, 'the end of a session')
    assert.deepEqual(reasons, [undefined])
    assert.throws(() => network.nodes[1].network, { name: 'NotRunningError' })
    const block = network.nodes[0].mine()
    await network.restart(1)
    await network.untilConnected()
    await network.untilInStep()
    await network.untilHeard(block)
    assert.notEqual(network.nodes[1].network, before)
    assert.equal(network.nodes[1].network.libp2p.peerId.toString(), id)
    await network.stop(1)
    await eventually(() => reasons.length > 1, 'a goodbye')
    assert.deepEqual(reasons, [undefined, 'SHUTDOWN'])
  })

  it('slows edges down, and takes that back', async () => {
    const network = await start({ nodes: 3 })
    const back = network.delay(150, [0, 1])
    const ask = async (index: number): Promise<number> => {
      const since = performance.now()
      await network.nodes[index]!.network.requestBlock(0)

      return performance.now() - since
    }
    assert.ok(await ask(0) >= 300)
    back()
    const other = network.delay(1000, [0, 1])
    const quick = await ask(2)
    other()
    assert.ok(quick < 2000, `${quick} ms over an edge that is as before`)
    assert.ok(await ask(0) < 2000)
  })

  it('takes edges later', async () => {
    const network = await start({ nodes: 3, topology: [] })
    await network.connect(2, 0)
    await network.connect(2, 0)
    assert.deepEqual(peersOf(network), [[2], [], [0]])
    await assert.rejects(network.connect(0, 2), { name: 'ConfigError' })
  })

  it('cuts sessions without an edge too, and does not let them come back until it is healed', async () => {
    const network = await start({ nodes: 2, topology: [] })
    const [a, b] = network.nodes
    await a.network.connect(b.address)
    network.partition([[0]])
    await network.until('no session', () => [...a.network.peers].length === 0)
    await assert.rejects(a.network.connect(b.address))
    network.heal()
    await a.network.connect(b.address)
  })

  it('takes nodes later, with a chain and options of their own', async () => {
    const network = await start({ nodes: 2, chain: sampleChain(2), options: { nodeId: 'early' } })
    const late = await network.add({ to: [1], chain: new MemoryChain(sampleChain(5)), options: { userAgent: 'late' } })
    assert.deepEqual([late.index, network.nodes.length, network.edges], [2, 3, [[1, 0], [2, 1]]])
    const { userAgent, nodeId } = await network.nodes[1].peer(late)
    assert.deepEqual([userAgent, nodeId], ['late', 'early'])
    await network.untilInStep()
    assert.equal(network.nodes[0].chain.head.height, 4)
    const alone = await network.add()
    assert.deepEqual([alone.chain.head.height, [...alone.network.peers]], [1, []])
    const silent = await network.add({ to: [0], options: { listen: [] } })
    await silent.peer(network.nodes[0])
    assert.deepEqual(silent.addresses, [])
    assert.throws(() => silent.address, { name: 'ConfigError' })
    await assert.rejects(network.add({ to: [7] }), { name: 'ConfigError' })
    assert.equal(network.nodes.length, 5)
  })

  it('keeps nodes that come later, and edges, apart from those on the other side of a partition', async () => {
    const network = await start({ nodes: 2 })
    network.partition([[0]])
    const late = await network.add({ to: [0, 1] })
    assert.deepEqual(peersOf(network), [[], [2], [1]])
    network.heal()
    await late.peer(network.nodes[0])
  })

  it('takes nodes later while other edges have no session', async () => {
    const network = await start({ nodes: 2 })
    network.nodes[1].network.peers.ban(network.nodes[0].id)
    await network.until('the end of the session', () => [...network.nodes[0].network.peers].length === 0)
    await network.add({ to: [1] })
    assert.deepEqual(peersOf(network), [[], [2], [1]])
  })

  it('waits for events of a node, through its restarts', async () => {
    const network = await start({ nodes: 2 })
    const [a, b] = network.nodes
    const ready: string[] = []
    const stop = a.on('peer:ready', ({ id }) => { ready.push(id) })
    const again = a.once('peer:ready')
    const block = b.once('block', ({ block: { height } }) => height === 2)
    await network.restart(0)
    assert.equal((await again).id, b.id)
    a.mine()
    const second = a.mine()
    assert.deepEqual((await block).block, second)
    stop()
    await network.restart(0)
    await a.peer(b)
    assert.deepEqual(ready, [b.id])
    await assert.rejects(a.once('block', () => true, { within: 50 }), { name: 'WaitTimeoutError', message: /^Waited 50 ms in vain for the event block/ })
    await assert.rejects(a.peer({ id: 'another' }, { within: 50 }), { name: 'WaitTimeoutError', message: /0 +running.*a session with another$/m })
  })

  it('is quiet when nothing is on its way any more', async () => {
    const network = await start({ nodes: 2, options: { pingInterval: 60_000 } })
    const [a, b] = network.nodes
    await network.untilQuiet()
    const back = network.delay(300)
    a.mine(undefined, { bytes: 1000 })
    await assert.rejects(network.untilQuiet({ within: 100 }), { name: 'WaitTimeoutError', message: /1 +running.* \d+ bytes of 0$/m })
    await network.untilQuiet()
    assert.equal(b.network.peers.get(a.id)!.bytesIn, a.network.peers.get(b.id)!.bytesOut)
    // what has been read may still be on its way to the chain
    await network.until('the block', () => b.chain.head.height === 1)
    back()
  })

  it('takes as many pings as a test has, and keeps to its other rates', async () => {
    const network = await start({ nodes: 2, options: { pingInterval: 10, rateLimits: { transactions: { perSecond: 7, burst: 8 } } } })
    const [a, b] = network.nodes
    const peer = await a.peer(b)
    await network.until('many pings', () => (peer.toJSON().messages.in.ping?.messages ?? 0) > 20)
    assert.equal(peer.toJSON().rates.slowedMs, 0)
    a.send(sampleTransactions(1)[0]!)
    assert.ok(peer.toJSON().rates.out.transactions > 0.1)
  })

  it('has a hole in one direction, for what the node sends that has dialled', async () => {
    const network = await start({ nodes: 2, options: { pingInterval: 60_000 } })
    const [dialled, dialler] = network.nodes
    network.partition([[0]], { kind: 'half-hole' })
    const [there, back] = sampleTransactions(2)
    dialler.send(there!)
    dialled.send(back!)
    await network.until('what comes back', async () => dialler.hasHeard(back!))
    assert.equal(await dialled.hasHeard(there!), false)
    network.heal()
    await network.untilHeard(there!)
  })

  it('has a peer that says anything', async () => {
    const network = await start({ nodes: 2 })
    const peer = await network.rawPeer()
    const session = await peer.connect(network.nodes[0].network)
    session.sendBytes(Uint8Array.of(0))
    assert.equal((await session.closed()).reason, 'PROTOCOL_VIOLATION')
  })

  it('says who lacks what when it has waited in vain', async () => {
    const network = await start({ nodes: 3, chain: sampleChain(2), within: 8000 })
    await network.kill(1)
    const block = network.nodes[0].mine()
    await assert.rejects(network.untilInStep({ within: 200 }), (err: Error & { came: string[] }) => {
      assert.equal(err.name, 'WaitTimeoutError')
      assert.deepEqual(err.came, ['node 2 lacks 1 blocks'])
      const lines = err.message.split('\n')
      assert.equal(lines[0], 'Waited 200 ms in vain for all nodes in step')
      assert.match(lines[2]!, /^node {2}state +tip +peers +lacks$/)
      assert.match(lines[3]!, /^0 +running +2 [0-9a-f]{8} +none$/)
      assert.match(lines[4]!, /^1 +stopped +1 [0-9a-f]{8} +none$/)
      assert.match(lines[5]!, /^2 +running +1 [0-9a-f]{8} +none +1 blocks$/)

      return true
    })
    await assert.rejects(network.untilHeard(block, { within: 100 }), { name: 'WaitTimeoutError', message: /2 +running.*block 2 \([0-9a-f]{8}\)$/m })
    network.nodes[2].chain.break({ kind: 'hangs', on: ['get'] })
    await assert.rejects(network.untilHeard(block, { within: 100 }), { name: 'WaitTimeoutError' })
  })

  it('leaves nothing when it is disposed of, also with `await using`', async () => {
    const before = process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length

    {
      await using network = await createTestNetwork({ nodes: 4, topology: 'ring' })
      assert.equal(network.nodes.length, 4)
    }

    await eventually(() => process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length <= before, 'no socket')
  })
})
