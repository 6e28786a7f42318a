import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { addressOf, GENESIS_HASH } from '../integration/nodes.ts'
import { MemoryChain } from '../support/memory-chain.ts'
import { startRecorded } from './node-events.ts'
import { peerBlockHash, peerChain } from './peer-process.ts'
import { LONG_MS, withPeer } from './peers.ts'
import type { PeerProcess } from './peer-process.ts'
import type { Block, Network } from '../../src/index.ts'

/** Of each language. */
const COUNT = 5

/** Bytes of the proofs of blocks: pushed, announced, and larger than what the relays of a node send at once. */
const SIZES = [500, 40_000, 1_500_000]

/** Every member dials the ones that are so many places further: no part of the ring is left alone when some end. */
const STEPS = [1, 2, 4]

/** A node or peer of the network. */
interface Member {
  readonly name: string
  readonly address: string
  dial: (address: string) => Promise<unknown>
  /** The height and the hash of its best block. */
  tip: () => Promise<string>
  /** Makes a block with a proof of so many bytes. */
  make: (size: number) => Promise<unknown>
  crash: () => Promise<void>
}

async function startNodeMember (name: string): Promise<Member> {
  const chain = Object.assign(new MemoryChain(peerChain(GENESIS_HASH, 0)), { verify: () => {} })
  const node = await startRecorded({ chain })

  return {
    name,
    address: addressOf(node),
    dial: async (address) => node.connect(address),
    tip: async () => Promise.resolve(`${chain.head.height} ${Buffer.from(chain.head.hash).toString('hex')}`),
    make: async (size) => { await broadcast(node, chain, size) },
    crash: async () => { await node.stop() }
  }
}

async function broadcast (node: Network, chain: MemoryChain, size: number): Promise<void> {
  const height = chain.head.height + 1
  const hash = peerBlockHash(chain.head.hash, height)
  const proof = new Uint8Array(size).fill(7)
  const prevHash = chain.head.hash
  const block: Block = { height, hash, prevHash, timestamp: height, stateRoot: new Uint8Array(32), transactions: [], proof }
  chain.push([{ block, bytes: new Uint8Array(0) }])
  await Promise.resolve(node.broadcast({ type: 'newBlock', block }))
}

function memberOf (name: string, peer: PeerProcess): Member {
  return {
    name,
    address: peer.address,
    dial: async (address) => peer.ask({ do: 'dial', address }),
    tip: async () => {
      const { height, hash } = await peer.ask({ do: 'tip' })

      return `${String(height)} ${String(hash)}`
    },
    make: async (size) => peer.ask({ do: 'broadcast', kind: 'block', size }),
    crash: async () => peer.kill()
  }
}

async function tipsOf (members: readonly Member[]): Promise<Map<string, string>> {
  return new Map(await Promise.all(members.map(async (member): Promise<[string, string]> => [member.name, await member.tip()])))
}

/** Waits until the tips are as `isDone` wants them. */
async function untilTips (members: readonly Member[], what: string, isDone: (tips: string[]) => boolean): Promise<void> {
  for (const until = performance.now() + LONG_MS; ;) {
    const tips = await tipsOf(members)

    if (isDone([...tips.values()])) {
      return
    }

    assert.ok(performance.now() < until, `Waited ${LONG_MS} ms in vain for ${what}: ${JSON.stringify([...tips])}`)
    // the tip of a node is there at once: without this, a loop that looks at nodes alone lets nothing happen to them
    await setImmediate()
  }
}

function heightOf (tip: string): number {
  return Number(tip.split(' ')[0])
}

async function connect (members: readonly Member[], joining: readonly Member[] = members): Promise<void> {
  for (const member of joining) {
    const at = members.indexOf(member)

    for (const step of STEPS) {
      await member.dial(members[(at + step) % members.length]!.address)
    }
  }
}

describe('interop: a mixed network', () => {
  const [rust, go] = [withPeer('rust'), withPeer('go')]

  /** Members of all languages, one after the other in the ring. */
  async function start (from: number, count: number): Promise<Member[]> {
    const members: Member[] = []

    for (let i = from; i < from + count; i++) {
      members.push(
        await startNodeMember(`node ${i}`),
        memberOf(`rust ${i}`, await rust.startPeer({ args: ['--follow'] })),
        memberOf(`go ${i}`, await go.startPeer({ args: ['--follow'] }))
      )
    }

    return members
  }

  /** Every member in turn makes a block on the last one, which has the height `from`, as soon as it has that. Returns the last height. */
  async function makeBlocks (makers: readonly Member[], from: number): Promise<number> {
    for (const [i, maker] of makers.entries()) {
      // one that makes a block on less than all others have would make a block of a height that there is already
      await untilTips([maker], `block ${from + i} at ${maker.name}`, ([tip]) => heightOf(tip!) === from + i)
      await maker.make(SIZES[(from + i) % SIZES.length]!)
    }

    return from + makers.length
  }

  it(`of ${COUNT} of each language, with makers in each, some that come late and some that crash, is in step at the end`, async () => {
    const first = await start(0, COUNT - 1)
    await connect(first)
    // every language makes a block of each size
    const early = await makeBlocks([...first.slice(0, 3), ...first.slice(4, 6), first[3]!, first[8]!, first[6]!, first[7]!], 0)
    await untilTips(first, 'the first blocks at all', (tips) => new Set(tips).size === 1)

    const late = await start(COUNT - 1, 1)
    await connect([...first, ...late], late)
    // those that came late have dialled others
    const [crashing, staying] = [first.slice(4, 7), [...first.slice(0, 4), ...first.slice(7), ...late]]
    const middle = await makeBlocks(late, early)
    await Promise.all(crashing.map(async (member) => member.crash()))
    const all = await makeBlocks([staying[0]!, staying[1]!, staying[2]!], middle)
    await untilTips(staying, `block ${all} at all`, (tips) => new Set(tips).size === 1 && heightOf(tips[0]!) === all)
  })
})
