import assert from 'node:assert/strict'
import { isPending } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { sampleBlock, sampleChain, sampleHash } from '../support/sample.ts'
import { FakePeer } from '../support/fake-peer.ts'
import { encodeBlock } from '../../src/codec/items/items.ts'
import { Download } from '../../src/sync/download/download.ts'
import { WINDOW_BYTES, WINDOW_SLACK_BYTES } from '../../src/sync/download/window.ts'
import { RANGE_FRAME_BYTES } from '../../src/sync/serve/server.ts'
import type { Question } from '../support/fake-peer.ts'
import type { DownloadFault } from '../../src/sync/download/fault.ts'
import type { Block } from '../../src/types/block.ts'

type RangeQuestion = Extract<Question, { startHeight: number }>
type Behaviour = (peer: FakePeer, question: RangeQuestion) => void

const LENGTH = 3000
const HONEST = 4

/** How long it takes from an honest peer to us, in ms, and how much it can send, in bytes per ms. */
const LATENCY_MS = 50
const BYTES_PER_MS = 1000

/** How far the clock is moved at a time, in ms. */
const STEP_MS = 50

/** The largest block that an attacker sends. */
const HUGE_BYTES = 4_000_000

const chain = sampleChain(LENGTH, 'main', 2000)
const blockBytes = encodeBlock(chain[1]!).byteLength

function bogusBlock (height: number, proofBytes = 10, seed = String(height)): Block {
  return sampleBlock({ height, hash: sampleHash(`bogus ${seed}`), transactions: [], proof: new Uint8Array(proofBytes) })
}

/** A download from several honest peers and peers that want it to fail, on a clock of its own. */
class Attack {
  readonly clock = new FakeClock()
  readonly peers = new Map<string, FakePeer>()
  readonly faults: DownloadFault[] = []
  readonly blocks: Block[] = []
  /** The most bytes that were held at a time. */
  mostHeld = 0
  /** Called as time goes by, in ms since the beginning. */
  onStep: (now: number) => void = () => {}

  constructor (honest = HONEST) {
    for (let i = 0; i < honest; i++) {
      this.#addHonest(`honest ${i}`)
    }
  }

  /** Somebody who answers questions as they like. Asked before all others where `isFirst` is true. */
  add (id: string, behave: Behaviour, isFirst = false): FakePeer {
    const others = isFirst ? [...this.peers] : []
    others.forEach(([id]) => this.peers.delete(id))
    const peer = Object.assign(new FakePeer(id, this.peers, this.clock), { bestHeight: LENGTH - 1 })
    others.forEach(([id, other]) => this.peers.set(id, other))
    peer.onAsk = (question) => { this.after(LATENCY_MS, () => { behave(peer, question as RangeQuestion) }) }

    return peer
  }

  addMany (count: number, behave: Behaviour): void {
    for (let i = 0; i < count; i++) {
      this.add(`evil ${i}`, behave)
    }
  }

  after (ms: number, callback: () => void): void {
    this.clock.setTimeout(callback, ms)
  }

  /** Sends one block after the other, each after `every` ms, and an end after the last one or after `lastAfter` ms. */
  drip (every: number, lastAfter = Infinity): Behaviour {
    return (peer, question) => {
      let height = question.startHeight
      const since = this.clock.now()
      const next = (): void => {
        const isLast = height >= question.endHeight || this.clock.now() - since >= lastAfter

        if (peer.state === 'ready') {
          void peer.sendRange([chain[height++]!], isLast, question)
        }

        if (peer.state === 'ready' && !isLast) {
          this.after(every, next)
        }
      }

      this.after(every, next)
    }
  }

  /** Answers as an honest peer does, at its pace. */
  readonly serve: Behaviour = (peer, question) => {
    const perFrame = Math.max(1, Math.floor(RANGE_FRAME_BYTES / blockBytes))
    const next = (height: number): void => {
      const end = Math.min(height + perFrame - 1, question.endHeight)

      this.after((end - height + 1) * blockBytes / BYTES_PER_MS * Math.max(1, peer.underWay), () => {
        if (peer.state === 'ready') {
          void peer.sendRange(chain.slice(height, end + 1), end === question.endHeight, question)

          if (end < question.endHeight) {
            next(end + 1)
          }
        }
      })
    }

    next(question.startHeight)
  }

  /** Has it all downloaded. Returns how long that took, in ms. Fails where it takes longer than `limit`. */
  async run (limit: number, endHeight = LENGTH - 1): Promise<number> {
    const download = new Download({
      peers: () => Array.from(this.peers.values(), ({ session }) => session),
      clock: this.clock,
      onFault: (fault) => { this.faults.push(fault) }
    }, { startHeight: 1, endHeight, previous: chain[0]! })
    const start = this.clock.now()
    const taken = (async () => {
      for await (const { blocks } of download.batches()) {
        this.blocks.push(...blocks.map(({ block }) => block))
      }
    })()

    while (await isPending(taken)) {
      const now = this.clock.now() - start

      if (now > limit) {
        // no peer waits for it any more
        this.peers.forEach((peer) => { peer.disconnect() })
        void taken.catch(() => {})
        return Infinity
      }

      this.onStep(now)
      await this.clock.advance(STEP_MS)
      this.mostHeld = Math.max(this.mostHeld, download.bufferedBytes)
    }

    await taken

    return this.clock.now() - start
  }

  #addHonest (id: string): void {
    this.add(id, this.serve)
  }
}

/** Says nothing, and comes back under a new name after so many ms, again and again. */
function comeBack (attack: Attack, count: number, every: number): void {
  let names = 0
  let silent: FakePeer[] = []
  const { onStep } = attack

  attack.onStep = (now) => {
    onStep(now)

    if (now % every === 0) {
      silent.forEach((peer) => { peer.disconnect() })
      silent = Array.from({ length: count }, () => attack.add(`evil ${++names}`, () => {}, true))
    }
  }
}

describe('hostile/download', function () {
  this.timeout(60_000)

  /** How long it takes without an attack, in ms. */
  let alone: number

  before(async () => {
    alone = await new Attack().run(60_000)
  })

  it('takes as long as the peers need where no peer attacks', () => {
    const least = LENGTH * blockBytes / BYTES_PER_MS / HONEST
    assert.ok(alone >= least && alone < 4 * least, `${alone} ms, where ${least} are the least`)
  })

  /** Each with how much longer it may take, in ms, and who does what. What one costs is a few stalls, however long the chain is. */
  const attacks: [string, number, (attack: Attack) => void][] = [
    ['one makes up a block for each request but the first, then sends a block every 9 s', 2000, (attack) => {
      let asked = 0
      attack.add('evil', (peer, question) => {
        if (++asked > 1 && asked < 40) {
          void peer.sendRange([bogusBlock(question.startHeight)], true, question)
        } else {
          attack.drip(9000)(peer, question)
        }
      })
    }],
    ['seven make up a block for each request', 1000, (attack) => {
      attack.addMany(7, (peer, question) => { void peer.sendRange([bogusBlock(question.startHeight)], true, question) })
    }],
    ['one makes up a block for each request and goes away, and another one sends a block every 9 s', 2000, (attack) => {
      let asked = 0
      attack.add('evil 1', (peer, question) => {
        void peer.sendRange([bogusBlock(question.startHeight)], false, question)

        if (++asked === 4) {
          peer.disconnect()
        }
      })
      attack.add('evil 2', attack.drip(9000))
    }],
    ['seven send a block every 0.9 s', 7000, (attack) => { attack.addMany(7, attack.drip(900)) }],
    ['seven send a block every 80 ms, which is sooner than another one can answer', 1500, (attack) => { attack.addMany(7, attack.drip(80)) }],
    ['two that are asked first send a block every 9 s', 4000, (attack) => {
      attack.add('evil 1', attack.drip(9000), true)
      attack.add('evil 2', attack.drip(9000), true)
    }],
    ['two serve well for a second, and send a block every 9 s from then on', 2500, (attack) => {
      let isOver = false
      attack.after(1000, () => { isOver = true })

      for (const name of ['evil 1', 'evil 2']) {
        attack.add(name, (peer, question) => { (isOver ? attack.drip(9000) : attack.serve)(peer, question) }, true)
      }
    }],
    ['seven send a block every 0.9 s and end after 4.5 s', 4500, (attack) => { attack.addMany(7, attack.drip(900, 4500)) }],
    ['seven send one block for each request', 1000, (attack) => { attack.addMany(7, attack.drip(50, 0)) }],
    ['seven say nothing', 6500, (attack) => { attack.addMany(7, () => {}) }],
    ['four say nothing and come back under new names every 2 s', 4000, (attack) => { comeBack(attack, 4, 2000) }],
    ['one says nothing and comes back under a new name every half second', 1000, (attack) => { comeBack(attack, 1, 500) }],
    ['one sends ten blocks of 4 MB that it has made up, each linked to the one before', 1500, (attack) => {
      let asked = 0
      attack.add('evil', (peer, question) => {
        if (asked++ > 0) {
          return
        }

        let previous: Block | undefined
        const next = (height: number): void => {
          const block = { ...bogusBlock(height, HUGE_BYTES), prevHash: previous?.hash ?? sampleHash('none') }
          previous = block

          if (peer.state === 'ready' && height <= question.endHeight && height < question.startHeight + 10) {
            void peer.sendRange([block], false, question)
            attack.after(100, () => { next(height + 1) })
          }
        }

        next(question.startHeight)
      })
    }]
  ]

  for (const [what, delay, prepare] of attacks) {
    it(`gets everything in good time, and blames no honest peer, when ${what}`, async () => {
      const attack = new Attack()
      prepare(attack)
      const ms = await attack.run(alone + delay)
      assert.ok(ms < Infinity, `it takes more than ${alone + delay} ms, with ${attack.blocks.length} blocks by then`)
      assert.deepEqual(attack.blocks, chain.slice(1))
      assert.deepEqual(attack.faults.filter(({ peer }) => peer.id.startsWith('honest')), [])
    })
  }

  it('holds no more than its window while many send one block of 4 MB each, and no peer the first', async () => {
    const attack = new Attack(0)
    const MANY = 32

    for (let i = 0; i < MANY; i++) {
      const peer = attack.add(`evil ${i}`, (peer, question) => {
        if (question.startHeight !== 1) {
          void peer.sendRange([bogusBlock(question.startHeight, HUGE_BYTES, 'huge')], false, question)
        }
      })
      peer.bestHeight = 1_000_000_000
    }

    await attack.run(9000, 1_000_000_000)
    assert.ok(attack.mostHeld > WINDOW_BYTES / 2, `${attack.mostHeld} bytes were held`)
    assert.ok(attack.mostHeld <= WINDOW_BYTES + WINDOW_SLACK_BYTES + HUGE_BYTES + 1000, `${attack.mostHeld} bytes were held`)
    assert.deepEqual(attack.blocks, [])
  })
})
