import assert from 'node:assert/strict'
import { freeMemory } from '../../../src/memory/free-memory.ts'
import { decodeBlock, encodeBlock } from '../../../src/codec/items/items.ts'
import { Span } from '../../../src/sync/download/span.ts'
import { received } from '../../support/memory-chain.ts'
import { sampleChain } from '../../support/sample.ts'
import type { Session } from '../../../src/session/session.ts'
import type { SpanRequest } from '../../../src/sync/download/span-request.ts'
import type { Batch } from '../../../src/sync/download/span.ts'
import type { ReceivedBlock } from '../../../src/types/chain.ts'

const chain = sampleChain(20)
const fork = sampleChain(20, 'fork')
const alice = { id: 'alice' } as Session
const bob = { id: 'bob' } as Session
const ANY = { maxBlocks: 1000, maxBytes: 1_000_000 }
const UNLINKED = { name: 'RequestError', code: 'UNLINKED' }

const heightsOf = ({ blocks }: Batch): number[] => blocks.map(({ block }) => block.height)

/** A block of this chain that counts as so many bytes. */
function sized (height: number, bytes: number): ReceivedBlock {
  return { block: chain[height]!, bytes: new Uint8Array(bytes) }
}

describe('sync/download/span', () => {
  let span: Span

  beforeEach(() => {
    span = new Span(3, 9)
  })

  function push (heights: number[], peer = alice): boolean[] {
    return heights.map((height) => span.push(received(chain[height]!), peer))
  }

  it('takes its blocks one after the other, from the peer that has the next one first', () => {
    assert.deepEqual([span.next, span.waiting, span.bytes, span.first], [3, 0, 0, undefined])
    assert.deepEqual(push([4, 2, 3]), [false, false, true])
    assert.deepEqual(push([3, 4], bob), [false, true])
    assert.deepEqual([span.next, span.waiting, span.first], [5, 2, { block: chain[3], peer: alice }])
    assert.equal(span.bytes, encodeBlock(chain[3]!).byteLength + encodeBlock(chain[4]!).byteLength)
    assert.deepEqual([span.isComplete, span.isOpen], [false, true])
    push([5, 6, 7, 8, 9])
    assert.deepEqual([span.isComplete, span.isOpen, span.waiting], [true, false, 7])
    assert.deepEqual(push([10]), [true], 'whoever asks for it knows where it ends')
  })

  it('is not open while a peer is asked', () => {
    span.requests.add({} as SpanRequest)
    assert.equal(span.isOpen, false)
    span.requests.clear()
    assert.equal(span.isOpen, true)
  })

  it('takes no block that does not follow the one before, also where that was taken and its memory is gone', () => {
    const large = sampleChain(6, 'large', 50_000)
    const bytes = encodeBlock(large[3]!)
    const memory = new Uint8Array(bytes.byteLength)
    memory.set(bytes)
    push([])
    span.push({ block: decodeBlock(memory), bytes: memory }, alice)
    assert.throws(() => span.push(received(fork[4]!), bob), UNLINKED)
    assert.deepEqual([span.next, span.waiting], [4, 1])
    span.take(ANY)
    freeMemory(memory)
    assert.equal(memory.byteLength, 0)
    assert.throws(() => span.push(received(fork[4]!), bob), UNLINKED)
    assert.equal(span.push(received(large[4]!), bob), true)
  })

  describe('take', () => {
    it('gives what one peer has sent in a row', () => {
      push([3, 4])
      push([5], bob)
      push([6])
      const batches = [span.take(ANY), span.take(ANY), span.take(ANY)]
      assert.deepEqual(batches.map((batch) => [batch.peer.id, heightsOf(batch)]), [['alice', [3, 4]], ['bob', [5]], ['alice', [6]]])
      assert.deepEqual([span.waiting, span.bytes, span.next], [0, 0, 7])
    })

    it('gives so many blocks and bytes, or one that is larger', () => {
      for (const [height, bytes] of [[3, 10], [4, 10], [5, 11], [6, 1], [7, 1], [8, 1]] as const) {
        span.push(sized(height, bytes), alice)
      }

      assert.deepEqual(heightsOf(span.take({ maxBlocks: 3, maxBytes: 20 })), [3, 4])
      assert.equal(span.bytes, 14)
      assert.deepEqual(heightsOf(span.take({ maxBlocks: 3, maxBytes: 10 })), [5])
      assert.deepEqual(heightsOf(span.take({ maxBlocks: 2, maxBytes: 10 })), [6, 7])
      assert.deepEqual(heightsOf(span.take({ maxBlocks: 2, maxBytes: 10 })), [8])
    })
  })

  describe('dropFrom', () => {
    it('drops what waits from the first block of a peer on: it is asked for again', () => {
      push([3])
      push([4], bob)
      push([5])
      assert.equal(span.dropFrom(bob), true)
      assert.deepEqual([span.next, span.waiting, span.bytes], [4, 1, encodeBlock(chain[3]!).byteLength])
      assert.throws(() => span.push(received(fork[4]!), alice), UNLINKED)
      assert.deepEqual(push([4]), [true])
    })

    it('has what comes next looked at by the taker where nothing is left', () => {
      push([3, 4])
      span.dropFrom(alice)
      assert.equal(span.push(received(fork[3]!), bob), true)
    })

    it('does nothing where a peer has sent nothing that waits', () => {
      push([3])
      assert.equal(span.dropFrom(bob), false)
      span.take(ANY)
      assert.equal(span.dropFrom(alice), false)
      assert.equal(span.next, 4)
    })
  })

  it('leaves what is above a height to another span', () => {
    push([3])
    const rest = span.splitAfter(5)
    assert.deepEqual([span.startHeight, span.endHeight, rest.startHeight, rest.endHeight], [3, 5, 6, 9])
    push([4, 5])
    assert.deepEqual([span.isComplete, rest.isComplete, rest.next], [true, false, 6])
  })
})
