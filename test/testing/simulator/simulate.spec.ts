import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { busyScript } from './scripts.ts'
import { copyWithoutTypes } from './without-types.ts'
import { eventually } from '../../support/eventually.ts'
import { usedBytes } from '../../support/used-memory.ts'
import { simulate } from '../../../src/testing/index.ts'
import type { SimulateOptions, SimulationError } from '../../../src/testing/index.ts'

const run = promisify(execFile)

/** What other processes are run with. */
const FLAGS = [
  ['--jitless'],
  ['--no-opt', '--no-sparkplug', '--max-semi-space-size=1'],
  ['--no-concurrent-marking', '--no-parallel-scavenge', '--semi-space-growth-factor=4']
]

/** A message that is none. */
const GARBAGE = Uint8Array.of(255, 255, 255)

async function failure (options: SimulateOptions): Promise<SimulationError> {
  return simulate(options).then(() => assert.fail('it did not fail'), (err: unknown) => err as SimulationError)
}

describe('testing/simulator', function () {
  this.timeout(240_000)

  describe('the same seed', () => {
    const options: SimulateOptions = { nodes: 12, seed: 'same', links: { lossesPerHour: 60 }, script: busyScript }

    it('gives the same packets again, and another seed others', async () => {
      const [first, second] = [await simulate(options), await simulate(options)]

      assert.match(first.hash, /^[0-9a-f]{64}$/)
      assert.equal(second.hash, first.hash)
      assert.deepEqual(second, first)
      assert.notEqual((await simulate({ ...options, seed: 'other' })).hash, first.hash)
    })

    it('gives the same packets in other processes: without a compiler, without machine code, and with other collections of memory', async () => {
      const { hash } = await simulate(options)
      const directory = await mkdtemp(join(tmpdir(), 'vibecoin-simulator-'))

      try {
        await copyWithoutTypes(directory)
        const child = join(directory, 'test/testing/simulator/child.js')
        const hashes = await Promise.all(FLAGS.map(async (flags) => (await run(process.execPath, [...flags, child, 'same'])).stdout))

        assert.deepEqual(hashes, FLAGS.map(() => hash))
      } finally {
        await rm(directory, { recursive: true })
      }
    })
  })

  describe('a network', () => {
    it('brings blocks and transactions to every node, at the time that links and processors take', async () => {
      const links = { latency: 100, upload: Infinity, download: Infinity }
      const cost = { perMessage: 0, perByte: 0, perVerifiedByte: 0 }
      const { items, nodes } = await simulate({
        nodes: 3,
        topology: 'line',
        links,
        cost,
        script: async (simulation) => {
          await simulation.untilConnected(1)
          await simulation.untilHeard(simulation.pay(simulation.nodes[0]!))
          await simulation.untilHeard(simulation.mine(simulation.nodes[0]!))
        }
      })

      // a chain waits for a timer before it verifies its first block
      assert.deepEqual(items.map(({ heardAt, at }) => [...heardAt].map((heard) => Math.round(heard - at))), [[0, 100, 200], [0, 101, 202]])

      assert.deepEqual(nodes.map(({ height }) => height), [1, 1, 1])
      assert.deepEqual(nodes.map(({ messages }) => [messages['newBlock'] ?? 0, messages['newTransaction'] ?? 0]), [[0, 0], [1, 1], [1, 1]])
    })

    it('takes as long for large blocks as the slowest link says', async () => {
      const { items: [block] } = await simulate({
        nodes: 2,
        topology: 'line',
        links: { latency: 1, upload: 100_000, download: Infinity },
        cost: { perMessage: 0, perByte: 0, perVerifiedByte: 0 },
        script: async (simulation) => {
          await simulation.untilConnected(1)
          await simulation.untilHeard(simulation.mine(simulation.nodes[0]!, { bytes: 500_000 }))
        }
      })
      const [delay] = block!.delays()

      assert(delay! > 5000 && delay! < 5200, `${delay} ms for 500 KB at 100 KB/s`)
    })

    it('keeps a processor busy with the verification of a block', async () => {
      const { items: [block] } = await simulate({
        nodes: 2,
        topology: 'line',
        links: { latency: 1 },
        cost: { perVerifiedByte: 0.01 },
        script: async (simulation) => {
          await simulation.untilConnected(1)
          await simulation.untilHeard(simulation.mine(simulation.nodes[0]!, { bytes: 200_000 }))
        }
      })

      // two thirds of the bytes are data of transactions
      assert(block!.delays()[0]! > 1300, `${block!.delays()[0]} ms`)
    })

    it('lets one node take longer than the others', async () => {
      const { items: [block] } = await simulate({
        nodes: 3,
        topology: 'star',
        links: { latency: 1 },
        node: (index) => index === 2 ? { cost: { perVerifiedByte: 0.01 } } : {},
        script: async (simulation) => {
          await simulation.untilConnected(1)
          await simulation.untilHeard(simulation.mine(simulation.nodes[0]!, { bytes: 200_000 }))
        }
      })
      const [fast, slow] = [block!.heardAt[1]! - block!.at, block!.heardAt[2]! - block!.at]

      assert(fast < 500 && slow > 1300, `${fast} and ${slow} ms`)
    })

    it('lets a node drop old blocks, so that others ask it for none of them', async () => {
      const answers = await Promise.all([2, 3].map(async (keep) => {
        const { nodes } = await simulate({
          nodes: 2,
          topology: 'line',
          node: (index) => index === 1 ? { keep } : { isStarted: false },
          script: async (simulation) => {
            const [late, pruned] = simulation.nodes
            Array.from({ length: 3 }, () => { simulation.mine(pruned!) })
            // by then the node keeps no broadcast for peers that come
            await simulation.sleep(31_000)
            await late!.start()
            await simulation.sleep(30_000)
          }
        })

        return nodes[0]!.height
      }))

      // two of three blocks: the first is gone
      assert.deepEqual(answers, [0, 3])
    })

    for (const [ties, tips] of [['smaller-hash', 1], ['first-seen', 2]] as const) {
      it(`has ${tips} of two blocks at one height stay where ties go to the ${ties}, and one chain with the next block`, async () => {
        await simulate({
          nodes: 2,
          topology: 'line',
          node: () => ({ ties }),
          script: async (simulation) => {
            const { nodes: [one, other] } = simulation
            await simulation.untilConnected(1)
            simulation.mine(one!)
            simulation.mine(other!)
            await simulation.sleep(60_000)
            assert.equal(new Set(simulation.nodes.map(({ chain }) => Buffer.from(chain.tip().hash).toString('hex'))).size, tips)
            simulation.mine(other!)
            await simulation.untilInStep()
          }
        })
      })
    }

    it('lets nodes find each other where they know a seed alone', async () => {
      const { nodes } = await simulate({
        nodes: 30,
        topology: { seeds: 1 },
        script: async (simulation) => { await simulation.sleep(60_000) }
      })

      assert(nodes.every(({ peers: { inbound, outbound } }) => inbound + outbound >= 8 && outbound <= 11))
    })

    it('lets a node behind a NAT dial others, and no other dial it', async () => {
      const { nodes } = await simulate({
        nodes: 3,
        topology: [[0, 1], [2, 0]],
        node: (index) => index === 0 ? { nat: 'closed' } : {},
        script: async (simulation) => { await simulation.sleep(20_000) }
      })

      assert.deepEqual(nodes.map(({ peers }) => peers), [
        { inbound: 0, outbound: 1 }, { inbound: 1, outbound: 0 }, { inbound: 0, outbound: 0 }
      ])
    })

    it('lets a node dial those alone that its options allow, and be dialled by all', async () => {
      const { nodes } = await simulate({
        nodes: 12,
        topology: { seeds: 2 },
        node: (index) => index < 4 ? {} : { mayDial: (to) => to < 4 },
        script: async (simulation) => {
          await simulation.sleep(60_000)
          const ids = simulation.nodes.map(({ id }) => id)

          for (const { network } of simulation.nodes.slice(4)) {
            const dialled = [...network.peers].filter(({ direction }) => direction === 'outbound').map(({ id }) => ids.indexOf(id))
            assert(dialled.length > 0 && dialled.every((index) => index < 4), dialled.join())
          }
        }
      })

      assert(nodes.slice(0, 4).some(({ peers: { outbound } }) => outbound > 3))
    })

    it('comes back together after a partition, with the longer chain everywhere', async () => {
      const { nodes } = await simulate({
        nodes: 10,
        script: async (simulation) => {
          await simulation.untilConnected(3)
          simulation.partition([0, 1, 2, 3])
          simulation.mine(simulation.nodes[0]!)

          for (let block = 0; block < 3; block++) {
            simulation.mine(simulation.nodes[7]!)
            await simulation.sleep(5000)
          }

          assert.equal(simulation.isInStep, false)
          simulation.heal()
          await simulation.untilInStep()
        }
      })

      assert.deepEqual([...new Set(nodes.map(({ height }) => height))], [3])
    })

    it('notices a crashed node at once, and one whose machine is gone when its pong is late', async () => {
      const lost: number[] = []

      for (const isSilent of [false, true]) {
        await simulate({
          nodes: 2,
          topology: 'line',
          script: async (simulation) => {
            await simulation.untilConnected(1)
            const since = simulation.now
            simulation.nodes[1]!.kill({ isSilent })
            await simulation.until(() => [...simulation.nodes[0]!.network.peers].length === 0, 'the loss', { within: 90_000 })
            lost.push(simulation.now - since)
          }
        })
      }

      assert(lost[0]! < 500, `${lost[0]} ms`)
      assert(lost[1]! > 30_000, `${lost[1]} ms`)
    })

    it('starts a node again with the chain that it had', async () => {
      await simulate({
        nodes: 3,
        topology: 'ring',
        script: async (simulation) => {
          const [first, , last] = simulation.nodes
          await simulation.untilConnected(2)
          await simulation.untilHeard(simulation.mine(first!))
          last!.kill()
          assert.throws(() => last!.network, { name: 'NotRunningError' })
          simulation.mine(first!)
          await last!.start()
          assert.equal(last!.chain.height, 1)
          await simulation.untilInStep()
          assert.equal(last!.chain.height, 2)
        }
      })
    })

    it('bans a peer that sends what is no message', async () => {
      const { nodes } = await simulate({
        nodes: 2,
        // an address that the operator has named is never banned
        topology: [[1, 0]],
        node: (index) => index === 1 ? { tamper: (message) => message.byteLength > 1000 ? [GARBAGE] : [message] } : {},
        script: async (simulation) => {
          await simulation.untilConnected(1)
          simulation.mine(simulation.nodes[1]!, { bytes: 10_000 })
          await simulation.sleep(5000)
        }
      })

      assert.deepEqual(nodes.map(({ bans }) => bans.length > 0), [true, false])
    })

    it('counts the bytes of a large block in full where it stands for more than it has', async () => {
      const received = await Promise.all([1, 16].map(async (scale) => {
        const { nodes } = await simulate({
          nodes: 2,
          scale,
          topology: 'line',
          script: async (simulation) => {
            await simulation.untilConnected(1)
            await simulation.untilHeard(simulation.mine(simulation.nodes[0]!, { bytes: 1_000_000 }))
          }
        })

        return nodes[1]!.received
      }))

      assert(received.every((bytes) => bytes > 950_000 && bytes < 1_150_000), String(received))
    })
  })

  describe('the end of a simulation', () => {
    it('leaves nothing of its nodes in memory, whether they were killed or ran to the end', async () => {
      const kept: WeakRef<object>[] = []
      await simulate({
        nodes: 6,
        topology: { seeds: 1 },
        script: async (simulation) => {
          // in the middle of dials and searches
          await simulation.sleep(600)
          kept.push(...simulation.nodes.map(({ network }) => new WeakRef(network)))
          simulation.nodes[5]!.kill()
          simulation.nodes[4]!.kill({ isSilent: true })
          await simulation.sleep(5000)
        }
      })

      await eventually(() => {
        usedBytes()

        return kept.every((node) => node.deref() == null)
      }, 'nothing to be left')
    })
  })

  describe('a simulation that goes wrong', () => {
    it('says when and with which seed, where its script throws', async () => {
      const cause = new Error('no')
      const error = await failure({
        nodes: 1,
        seed: 42,
        script: async (simulation) => {
          await simulation.sleep(1500)
          throw cause
        }
      })

      assert.equal(error.name, 'SimulationError')
      assert.equal(error.message, 'The simulation failed: Error: no (seed 42, at 1.500 s)')
      assert.deepEqual([error.seed, error.at, error.cause], ['42', 1500, cause])
    })

    it('says what was waited for in vain, and for how long', async () => {
      const { message, at } = await failure({
        nodes: 1, script: async (simulation) => { await simulation.untilConnected(1, { within: 2000 }) }
      })

      assert.equal(message, 'Waited 2000 ms in vain for 1 peers at each node (seed 1, at 2.000 s)')
      assert.equal(at, 2000)
    })

    it('finds a script that waits for the disk', async () => {
      const { message } = await failure({ nodes: 1, script: async () => { await readFile('/dev/zero', { signal: AbortSignal.timeout(2000) }) } })

      assert.match(message, /^A handler or the script waits for something that is not simulated/)
    })

    it('finds a handler that waits for a timer of the machine, and none that waits for its own clock', async () => {
      const wait = (sleep: (ms: number) => Promise<void>): SimulateOptions => ({
        nodes: 2,
        topology: 'line',
        node: () => ({ handlers: { newTransaction: async () => { await sleep(50) } } }),
        script: async (simulation) => {
          await simulation.untilConnected(1)
          simulation.pay(simulation.nodes[0]!)
          await simulation.sleep(1000)
        }
      })
      const { message } = await failure(wait(async (ms) => new Promise((resolve) => { setTimeout(resolve, ms) })))
      assert.match(message, /\(Timeout\): use the clock of the node/)

      let node: { work: (ms: number) => Promise<void> } | undefined
      const good = wait(async (ms) => node?.work(ms))
      const { items } = await simulate({
        ...good,
        script: async (simulation) => {
          node = simulation.nodes[1]
          await good.script?.(simulation)
        }
      })
      assert.equal(items[0]!.count, 2)
    })

    it('finds a time that stands still', async () => {
      const { message } = await failure({
        nodes: 1,
        script: async (simulation) => {
          const again = (): void => { void simulation.sleep(0).then(again) }
          again()
          await simulation.sleep(1000)
        }
      })

      assert.match(message, /^Time stands still/)
    })

    it('finds a script that nothing can wake', async () => {
      const { message } = await failure({ nodes: 1, node: () => ({ isStarted: false }), script: async () => new Promise(() => {}) })

      assert.match(message, /^Nothing is left to happen, and the script is not done/)
    })

    it('ends with its signal', async () => {
      const stopping = new AbortController()
      const simulated = simulate({
        nodes: 2,
        signal: stopping.signal,
        script: async (simulation) => {
          await simulation.sleep(1000)
          stopping.abort(new Error('enough'))
          await simulation.sleep(Infinity)
        }
      })

      await assert.rejects(simulated, { message: 'enough' })
    })

    for (const [name, options, message] of [
      ['no nodes', { nodes: 0 }, 'Expected `nodes` to be an integer from 1 to 10000, got 0'],
      ['too many nodes', { nodes: 10_001 }, 'Expected `nodes` to be an integer from 1 to 10000, got 10001'],
      ['a scale below 1', { nodes: 1, scale: 0.5 }, 'Expected `scale` to be a number from 1 to 1024, got 0.5'],
      ['a link without speed', { nodes: 1, links: { upload: 0 } }, 'Expected `links.upload` to be above 0 bytes a second, got 0'],
      ['a cost below 0', { nodes: 1, cost: { perByte: -1 } }, 'Expected `cost.perByte` to be ms from 0 on, got -1'],
      ['a cost below 0 of a node', { nodes: 1, node: () => ({ cost: { perByte: -1 } }) }, 'Expected `cost.perByte` to be ms from 0 on, got -1'],
      ['a chain without blocks', { nodes: 1, node: () => ({ keep: 0 }) }, 'Expected `keep` to be an integer from 1 on, got 0'],
      ['an unknown rule for ties', { nodes: 1, node: () => ({ ties: 'last' as never }) }, 'Expected `ties` to be "smaller-hash" or "first-seen", got last'],
      ['a name of a node that is none', { nodes: 1, node: () => ({ keeps: 1 }) }, 'Unknown option `keeps`, did you mean `keep`?'],
      ['a name that is none', { nodes: 1, sed: 7 }, 'Unknown option `sed`, did you mean `seed`?'],
      ['an edge to no node', { nodes: 2, topology: [[0, 2]] }, 'Expected `topology` to have pairs of two of 2 nodes, got [0, 2]']
    ] as const) {
      it(`refuses ${name}`, async () => {
        await assert.rejects(simulate(options as SimulateOptions), { name: 'ConfigError', message })
      })
    }
  })
})
