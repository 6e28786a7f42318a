import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Follower } from '../../src/cli/follower.ts'
import { createRules } from '../../src/cli/rules.ts'
import type { BlockSource, FollowerInit, Progress } from '../../src/cli/follower.ts'
import type { Block } from '../../src/index.ts'

const RULES = createRules('follower-test')
const BLOCKS = makeChain(12)

function makeChain (length: number): Block[] {
  const blocks = [RULES.genesis]

  while (blocks.length < length) {
    const parent = blocks.at(-1)!
    blocks.push(RULES.makeBlock(parent, [], parent.timestamp + 1000))
  }

  return blocks
}

/** A chain in memory that keeps to the rules of ChainDb.append. */
class ListChain {
  readonly blocks: Block[] = [RULES.genesis]
  writing = 0

  get head (): Block {
    return this.blocks.at(-1)!
  }

  async append (block: Block): Promise<void> {
    assert.equal(++this.writing, 1, 'one block is written at a time')
    await Promise.resolve()
    assert.equal(block.height, this.head.height + 1)
    this.blocks.push(block)
    this.writing--
  }
}

interface Request { start: number, end: number, peer: string | undefined }
type Answer = (request: Request, signal: AbortSignal) => AsyncIterable<Block>

/** A network that answers each request for a range with the next of `answers`. */
class ScriptedNetwork implements BlockSource {
  peers: { id: string, bestHeight: number }[]
  readonly requests: Request[] = []
  readonly #answers: Answer[]

  constructor (heights: number[], answers: Answer[]) {
    this.peers = heights.map((bestHeight, i) => ({ id: `peer-${i + 1}`, bestHeight }))
    this.#answers = answers
  }

  requestBlockRange (start: number, end: number, { peer, signal }: { peer?: string, signal: AbortSignal }): AsyncIterable<Block> {
    const request = { start, end, peer }
    const answer = this.#answers.shift()
    this.requests.push(request)
    assert(answer != null, `a request that nobody expected: ${JSON.stringify(request)}`)

    return answer(request, signal)
  }
}

const honest: Answer = async function * ({ start, end }) {
  yield * BLOCKS.slice(start, end + 1)
}

function upTo (height: number): Answer {
  return async function * ({ start }) {
    yield * BLOCKS.slice(start, height + 1)
    throw new Error('the peer has gone')
  }
}

const bad: Answer = async function * ({ start }) {
  yield { ...BLOCKS[start]!, timestamp: 1 }
}

interface Scene {
  chain: ListChain
  follower: Follower
  network: ScriptedNetwork
  appended: number[]
  progress: (Progress | undefined)[]
  failures: string[]
  badPeers: string[]
  /** Checks as often as it takes to have one more catch-up, and waits for its end. */
  catchUp: () => Promise<void>
}

function createScene (heights: number[], answers: Answer[] = [], overrides: Partial<FollowerInit> = {}): Scene {
  const chain = new ListChain()
  const network = new ScriptedNetwork(heights, answers)
  const ends = new EventTarget()
  const scene: Omit<Scene, 'follower' | 'catchUp'> = { chain, network, appended: [], progress: [], failures: [], badPeers: [] }
  const follower = new Follower({
    chain,
    network,
    rules: RULES,
    onAppend: ({ height }) => { scene.appended.push(height) },
    onProgress: (progress) => {
      scene.progress.push(progress)

      if (progress == null) {
        ends.dispatchEvent(new Event('end'))
      }
    },
    onFailure: (reason) => { scene.failures.push(reason) },
    onBadPeer: (peer) => { scene.badPeers.push(peer) },
    ...overrides
  })
  const catchUp = async (): Promise<void> => {
    const end = once(ends, 'end')

    for (let checks = 0; !follower.catchingUp; checks++) {
      assert(checks < 100, 'a catch-up within a hundred checks')
      follower.check()
    }

    await end
    // the follower is done with it one turn later
    await new Promise((resolve) => { setImmediate(resolve) })
  }

  return { ...scene, follower, catchUp }
}

describe('cli/follower', () => {
  describe('a block that comes by', () => {
    it('is accepted where it is the next one', async () => {
      const { follower, chain, appended } = createScene([])
      assert.deepEqual(await follower.onBlock(BLOCKS[1]!), { verdict: 'accept' })
      assert.deepEqual(await follower.onBlock(BLOCKS[2]!), { verdict: 'accept' })
      assert.equal(chain.head.height, 2)
      assert.deepEqual(appended, [1, 2])
    })

    it('is ignored where there is one of its height', async () => {
      const { follower, appended } = createScene([])
      await follower.onBlock(BLOCKS[1]!)
      assert.deepEqual(await follower.onBlock(BLOCKS[1]!), { verdict: 'ignore' })
      assert.deepEqual(await follower.onBlock(BLOCKS[0]!), { verdict: 'ignore' })
      assert.deepEqual(appended, [1])
    })

    it('is appended once where it comes twice at the same time', async () => {
      const { follower, appended } = createScene([])
      const verdicts = await Promise.all([follower.onBlock(BLOCKS[1]!), follower.onBlock(BLOCKS[1]!)])
      assert.deepEqual(verdicts, [{ verdict: 'accept' }, { verdict: 'ignore' }])
      assert.deepEqual(appended, [1])
    })

    it('is rejected with the reason where it breaks the rules', async () => {
      const { follower, chain } = createScene([])
      const { verdict, reason } = await follower.onBlock({ ...BLOCKS[1]!, proof: new Uint8Array(64) })
      assert.equal(verdict, 'reject')
      assert.equal(reason, 'its proof is not by the maker of this network')
      assert.equal(chain.head.height, 0)
    })

    it('is ignored after a gap, which is then fetched', async () => {
      const { follower, chain, network, catchUp } = createScene([0], [honest])
      const verdict = follower.onBlock(BLOCKS[7]!)
      await catchUp()
      assert.deepEqual(await verdict, { verdict: 'ignore' })
      assert.deepEqual(network.requests, [{ start: 1, end: 7, peer: undefined }])
      assert.equal(chain.head.height, 7)
    })

    it('is rejected far above the tip too, without a request, where its seal is wrong', async () => {
      const { follower, network } = createScene([0])
      const { verdict } = await follower.onBlock({ ...BLOCKS[7]!, height: 1_000_000 })
      assert.equal(verdict, 'reject')
      follower.check()
      assert.equal(follower.catchingUp, false)
      assert.deepEqual(network.requests, [])
    })

    it('is left to the catch-up where 64 others wait to be verified', async () => {
      const { follower } = createScene([])
      const wrong = { ...BLOCKS[1]!, proof: new Uint8Array(64) }
      const verdicts = await Promise.all(Array.from({ length: 65 }, async () => follower.onBlock(wrong)))
      assert.deepEqual(verdicts.map(({ verdict }) => verdict), [...Array<string>(64).fill('reject'), 'ignore'])
      assert.deepEqual(await follower.onBlock(BLOCKS[1]!), { verdict: 'accept' })
    })
  })

  describe('a catch-up', () => {
    it('fetches up to the best height of any peer', async () => {
      const { chain, network, catchUp } = createScene([3, 11, 5], [honest])
      await catchUp()
      assert.deepEqual(network.requests, [{ start: 1, end: 11, peer: undefined }])
      assert.deepEqual(chain.blocks, BLOCKS)
    })

    it('does not start where no peer is ahead', async () => {
      const { follower, network } = createScene([0, 0])
      follower.check()
      assert.equal(follower.catchingUp, false)
      assert.deepEqual(network.requests, [])
    })

    it('is one at a time', async () => {
      const { follower, network, catchUp } = createScene([5], [honest])
      const caughtUp = catchUp()
      follower.check()
      follower.check()
      await caughtUp
      assert.equal(network.requests.length, 1)
    })

    it('tells how far it is: at the start, after each block and at the end', async () => {
      const { progress, catchUp } = createScene([3], [honest])
      await catchUp()
      assert.deepEqual(progress, [0, 1, 2, 3].map((at): Progress | undefined => ({ from: 0, at, to: 3 })).concat(undefined))
    })

    it('goes on to what has grown in the meantime', async () => {
      const { chain, network, catchUp } = createScene([4], [async function * (request, signal) {
        network.peers[0]!.bestHeight = 9
        yield * honest(request, signal)
      }, honest])
      await catchUp()
      assert.deepEqual(network.requests, [{ start: 1, end: 4, peer: undefined }, { start: 5, end: 9, peer: undefined }])
      assert.equal(chain.head.height, 9)
    })

    it('takes blocks that come by in the meantime, once', async () => {
      const { follower, appended, catchUp } = createScene([6], [async function * (request, signal) {
        for await (const block of honest(request, signal)) {
          await follower.onBlock(block)
          yield block
        }
      }])
      await catchUp()
      assert.deepEqual(appended, [1, 2, 3, 4, 5, 6])
    })

    it('never asks for more than 10,000 blocks in one go', async () => {
      const { network, catchUp } = createScene([Number.MAX_SAFE_INTEGER], [upTo(0)])
      await catchUp()
      assert.deepEqual(network.requests, [{ start: 1, end: 10_000, peer: undefined }])
    })

    it('keeps what it got from a peer that failed, and gets the rest at a later check', async () => {
      const { chain, failures, progress, catchUp } = createScene([11], [upTo(4), honest])
      await catchUp()
      assert.equal(chain.head.height, 4)
      assert.deepEqual(failures, ['the peer has gone'])
      assert.equal(progress.at(-1), undefined)
      await catchUp()
      assert.equal(chain.head.height, 11)
    })

    it('leaves out twice as many checks after each failure without a block, and 32 at most', async () => {
      const { follower, network, catchUp } = createScene([11], Array<Answer>(8).fill(upTo(0)))
      const skipped: number[] = []
      await catchUp()

      for (let failure = 1; failure < 8; failure++) {
        let skips = -1
        const end = network.requests.length + 1

        while (network.requests.length < end) {
          skips++
          follower.check()
        }

        skipped.push(skips)
        await new Promise((resolve) => { setImmediate(resolve) })
      }

      assert.deepEqual(skipped, [2, 4, 8, 16, 32, 32, 32])
    })

    it('is tried at once after a failure where a block with a valid seal comes by', async () => {
      const { follower, network, catchUp } = createScene([11], [upTo(0), honest])
      await catchUp()
      follower.check()
      assert.equal(network.requests.length, 1)
      await follower.onBlock(BLOCKS[11]!)
      assert.equal(network.requests.length, 2)
    })

    it('ends where nobody sends anything', async () => {
      const { failures, catchUp } = createScene([11], [async function * () {}])
      await catchUp()
      assert.deepEqual(failures, ['No peer sent block 1'])
    })

    it('asks one peer after the other once a block broke the rules, and tells who sends bad ones', async () => {
      const { chain, network, badPeers, failures, catchUp } = createScene([11, 11, 0, 11], [bad, bad, honest])
      await catchUp()
      assert.deepEqual(badPeers, [])
      assert.match(failures[0]!, /^Block 1 breaks the rules: it is not later/)
      await catchUp()
      assert.deepEqual(badPeers, ['peer-1'])
      await catchUp()
      assert.deepEqual(network.requests.map(({ peer }) => peer), [undefined, 'peer-1', 'peer-2'])
      assert.equal(chain.head.height, 11)
      assert.deepEqual(badPeers, ['peer-1'])
    })
  })

  describe('stop', () => {
    it('ends the request that is under way and appends nothing more', async () => {
      const started = Promise.withResolvers<AbortSignal>()
      const { follower, chain, failures, catchUp } = createScene([11], [async function * (_, signal) {
        yield BLOCKS[1]!
        started.resolve(signal)
        await once(signal, 'abort')
        yield BLOCKS[2]!
        throw new Error('aborted')
      }])
      const caughtUp = catchUp()
      await started.promise
      await follower.stop()
      await caughtUp
      assert.equal(chain.head.height, 1)
      assert.deepEqual(failures, [])
      assert.deepEqual(await follower.onBlock(BLOCKS[2]!), { verdict: 'ignore' })
    })

    it('leaves no catch-up to start', async () => {
      const { follower, network } = createScene([11])
      await follower.stop()
      follower.check()
      assert.equal(follower.catchingUp, false)
      assert.deepEqual(network.requests, [])
    })
  })
})
