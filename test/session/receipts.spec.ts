import assert from 'node:assert/strict'
import { MAX_RECEIPTS, Receipts } from '../../src/session/receipts.ts'
import { systemChance } from '../../src/util/chance.ts'
import type { Priority } from '../../src/session/send/send-queue.ts'
import type { WireMessage } from '../../src/types/message.ts'

describe('session/receipts', () => {
  let sent: [Priority, WireMessage][]
  /** Pings that the rate still allows. */
  let left: number
  let receipts: Receipts
  let arrived: string[]

  beforeEach(() => {
    sent = []
    arrived = []
    left = 100
    const send = (priority: Priority, message: WireMessage): boolean => sent.push([priority, message]) > 0
    receipts = new Receipts({ budget: { tryTake: () => left-- > 0 }, send }, { chance: systemChance, bestHeight: () => 7 })
  })

  function ask (name: string): boolean { return receipts.ask('block', () => { arrived.push(name) }) }

  function nonceOf (at: number): bigint {
    const { type, nonce } = sent[at]![1] as { type: string, nonce: bigint }
    assert.equal(type, 'ping')

    return nonce
  }

  it('sends a ping behind the frame, and tells once that its pong has come, and no other', () => {
    assert.ok(ask('a') && ask('b'))
    const [a, b] = [nonceOf(0), nonceOf(1)]
    assert.deepEqual(sent[0], ['block', { type: 'ping', nonce: a, bestHeight: 7 }])
    assert.equal(receipts.onPong(a ^ b ^ 1n), false)
    assert.deepEqual(arrived, [])
    assert.equal(receipts.onPong(b), true)
    assert.equal(receipts.onPong(b), false)
    assert.deepEqual(arrived, ['b'])
  })

  it(`waits for ${MAX_RECEIPTS} at a time, and for no more`, () => {
    for (let i = 0; i < MAX_RECEIPTS; i++) {
      assert.ok(ask(`${i}`))
    }

    assert.equal(ask('one more'), false)
    assert.equal(sent.length, MAX_RECEIPTS)
    receipts.onPong(nonceOf(0))
    assert.ok(ask('again'))
  })

  it('sends no ping above the rate', () => {
    left = 1
    assert.equal(ask('a'), true)
    assert.equal(ask('b'), false)
    assert.equal(sent.length, 1)
  })
})
