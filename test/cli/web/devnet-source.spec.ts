import assert from 'node:assert/strict'
import { DevnetSource } from '../../../src/cli/web/devnet-source.ts'
import type { DevnetNetwork } from '../../../src/cli/devnet/network.ts'
import type { ParentCommand } from '../../../src/cli/node/parent-command.ts'
import type { Report } from '../../../src/cli/output/report.ts'

const ID = 'ab'.repeat(32)

interface FakeNode { plan: { name: string }, phase: string, id: string, told: ParentCommand[], tell: (command: ParentCommand) => void }

const createNode = (name: string, phase = 'running'): FakeNode => {
  const told: ParentCommand[] = []

  return { plan: { name }, phase, id: `id of ${name}`, told, tell: (command) => { told.push(command) } }
}

describe('cli/web/devnet-source', () => {
  let nodes: FakeNode[]
  let source: DevnetSource

  beforeEach(() => {
    nodes = [createNode('node-1'), createNode('node-2'), createNode('node-3', 'killed')]
    source = new DevnetSource({ network: { nodes } as unknown as DevnetNetwork, networkName: 'test', dataDir: '/nowhere' })
  })

  const say = (event: string, node: string, fields: object): void => { source.onReport({ event, node, ...fields } as Report) }
  const followed = (node: string, from: string, at: number): void => { say('followed', node, { id: ID, from, at, value: '3' }) }

  it('has each node tell of the ways of transactions, and the others of one that a node tells of', () => {
    say('started', 'node-1', { addresses: [] })
    assert.deepEqual(nodes.map(({ told }) => told), [[{ command: 'watch' }], [], []])
    followed('node-1', '', 5)
    followed('node-2', 'node-1', 9)
    const follow = { command: 'follow', id: ID }
    assert.deepEqual(nodes.map(({ told }) => told), [[{ command: 'watch' }], [follow], []])
    say('settled', 'node-1', { id: ID, height: 4 })
    assert.deepEqual(source.transactions.all, [{
      id: ID, value: '3', isPayment: false, block: 4, arrivals: [{ node: 'node-1', from: null, at: 5 }, { node: 'node-2', from: 'node-1', at: 9 }]
    }])
  })

  it('has a node that starts later tell of those that are in no block yet', () => {
    followed('node-1', '', 5)
    say('started', 'node-2', { addresses: [] })
    assert.deepEqual(nodes[1]!.told.slice(1), [{ command: 'watch' }, { command: 'follow', id: ID }])
  })

  it('has a node pay: the one that is named, or one that runs', async () => {
    await source.act({ action: 'pay', node: 'node-2' })
    assert.deepEqual(nodes.map(({ told }) => told), [[], [{ command: 'pay' }], []])
    await source.act({ action: 'pay' })
    assert.equal(nodes.flatMap(({ told }) => told).length, 2)
    assert.deepEqual(nodes[2]!.told, [])
    await assert.rejects(source.act({ action: 'pay', node: 'node-3' }), /node-3 does not run, and cannot pay/)
    say('paid', 'node-2', { id: ID })
    followed('node-2', '', 5)
    assert.equal(source.transactions.all[0]?.isPayment, true)
    nodes.forEach((node) => { node.phase = 'killed' })
    await assert.rejects(source.act({ action: 'pay' }), /No node runs that could pay/)
  })

  it('shows what nodes report, and not each transaction', () => {
    const shown: string[] = []
    source.subscribe(({ event, text }) => { shown.push(`${event}: ${text}`) })
    followed('node-1', '', 5)
    say('transaction', 'node-1', { id: ID, from: '', waiting: 1 })
    say('settled', 'node-1', { id: ID, height: 4 })
    say('paid', 'node-1', { id: ID })
    assert.deepEqual(shown, ['paid: pays: transaction abababab..'])
  })
})
