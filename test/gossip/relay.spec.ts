import assert from 'node:assert/strict'
import { readEnvelope } from '../../src/codec/envelope.ts'
import { encodeFrame } from '../../src/codec/frame.ts'
import { encodeBlock, encodeTransaction, readItem, writeItem } from '../../src/codec/items.ts'
import { SEEN_TTL_MS } from '../../src/gossip/seen-cache.ts'
import { Relay } from '../../src/gossip/relay.ts'
import { FakeClock } from '../fake-clock.ts'
import { sampleBlock, sampleTransaction } from '../sample.ts'
import type { RelayedType } from '../../src/gossip/relay.ts'
import type { Session } from '../../src/peer/handler.ts'
import type { BroadcastResult, SessionManager } from '../../src/peer/manager.ts'
import type { Priority } from '../../src/peer/send-queue.ts'
import type { BroadcastMessage } from '../../src/types/message.ts'
import type { Verdict } from '../../src/types/verdict.ts'

const MAX_FRAME_BYTES = 64 * 1024
const block = sampleBlock()
const transaction = sampleTransaction()
const blockItem = plain(encodeBlock(block))
const transactionItem = plain(encodeTransaction(transaction))

/** Bytes as a frame has them: what encoders make is a Buffer. */
function plain (bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes)
}

/** The ready peers, and what was queued for each. */
class Peers {
  readonly queued = new Map<string, { priority: Priority, frame: Uint8Array }[]>()
  /** Those for whom too much waits already. */
  readonly full = new Set<string>()

  constructor (...ids: string[]) {
    ids.forEach((id) => this.queued.set(id, []))
  }

  broadcastFrame (priority: Priority, makeFrame: () => Uint8Array, holders: readonly string[] = []): BroadcastResult {
    const result = { queued: 0, skipped: 0 }

    for (const [id, frames] of this.queued) {
      if (this.full.has(id) || holders.includes(id)) {
        result.skipped++
      } else {
        result.queued++
        frames.push({ priority, frame: makeFrame() })
      }
    }

    return result
  }

  /** Who got how many frames. */
  get counts (): Record<string, number> {
    return Object.fromEntries([...this.queued].map(([id, frames]) => [id, frames.length]))
  }
}

/** The item in a frame, and what the frame says it is. */
function openFrame (frame: Uint8Array): { type: unknown, item: Uint8Array | undefined } {
  // the length in front of it takes two bytes: all of these are between 128 and 16,383 bytes long
  const { type, body, requestId } = readEnvelope(plain(frame.subarray(2)))
  assert.equal(requestId, undefined)

  return { type, item: readItem(body) }
}

describe('gossip/relay', () => {
  let clock: FakeClock
  let peers: Peers
  let judged: { message: BroadcastMessage, from: string }[]
  let verdicts: { type: string, from: string, verdict: Verdict }[]
  let judge: () => Verdict | Promise<Verdict>
  let relay: Relay

  beforeEach(() => {
    clock = new FakeClock()
    peers = new Peers('alice', 'bob', 'carol')
    judged = []
    verdicts = []
    judge = () => 'accept'
    relay = new Relay({
      peers: peers as unknown as SessionManager,
      clock,
      maxFrameBytes: MAX_FRAME_BYTES,
      judge: (message, from) => {
        judged.push({ message, from: from.id })

        return judge()
      },
      onVerdict: (message, from, verdict) => { verdicts.push({ type: message.type, from: from.id, verdict }) }
    })
  })

  function receive (from: string, item: Uint8Array, type: RelayedType = 'newBlock'): Promise<void> | undefined {
    return relay.onMessage(type, plain(writeItem(item)), { id: from } as Session)
  }

  const items: [type: RelayedType, item: Uint8Array, priority: Priority, message: BroadcastMessage][] = [
    ['newBlock', blockItem, 'block', { type: 'newBlock', block }],
    ['newTransaction', transactionItem, 'transaction', { type: 'newTransaction', transaction }]
  ]

  for (const [type, item, priority, message] of items) {
    describe(`of a ${type}`, () => {
      it('asks the application once, however often and from whomever it comes', async () => {
        for (const from of ['alice', 'bob', 'alice', 'carol']) {
          assert.equal(receive(from, item, type), undefined)
        }

        assert.deepEqual(judged, [{ message, from: 'alice' }])
        assert.deepEqual(verdicts, [{ type, from: 'alice', verdict: 'accept' }])
      })

      it('sends an accepted one to everybody but who sent it, as the very bytes that came', () => {
        void receive('alice', item, type)

        assert.deepEqual(peers.counts, { alice: 0, bob: 1, carol: 1 })

        for (const id of ['bob', 'carol']) {
          const [sent] = peers.queued.get(id)!
          assert.equal(sent?.priority, priority)
          assert.deepEqual(openFrame(sent.frame), { type, item })
        }
      })

      it('sends one that came with fields it does not know on with these', () => {
        // field 99, a varint: part of the item's identity, whatever it means
        const extended = Uint8Array.of(...item, 0x98, 0x06, 0x01)
        void receive('alice', extended, type)

        assert.deepEqual(openFrame(peers.queued.get('bob')![0]!.frame).item, extended)
      })

      it('sends one that came again to nobody', () => {
        void receive('alice', item, type)
        void receive('bob', item, type)

        assert.deepEqual(peers.counts, { alice: 0, bob: 1, carol: 1 })
      })

      it('does not send it to those who have shown to have it while it was judged', async () => {
        const { promise, resolve } = Promise.withResolvers<Verdict>()
        judge = async () => promise
        const done = receive('alice', item, type)
        assert.equal(receive('carol', item, type), undefined)
        assert.equal(judged.length, 1)
        assert.deepEqual(peers.counts, { alice: 0, bob: 0, carol: 0 })
        resolve('accept')
        await done

        assert.deepEqual(peers.counts, { alice: 0, bob: 1, carol: 0 })
      })

      it('throws for a body without one, and for one with two', () => {
        assert.throws(() => relay.onMessage(type, new Uint8Array(), { id: 'alice' } as Session), { name: 'DecodeError' })
        assert.throws(() => relay.onMessage(type, Buffer.concat([writeItem(item), writeItem(item)]), { id: 'alice' } as Session), {
          name: 'DecodeError'
        })
        assert.deepEqual(judged, [])
      })

      it('throws for one that cannot be decoded, each time that it comes', () => {
        const garbage = Uint8Array.of(0x0a, 0x05, 0x01)

        for (const from of ['alice', 'bob', 'alice']) {
          assert.throws(() => receive(from, garbage, type), { name: 'DecodeError' })
        }

        assert.deepEqual(judged, [])
        assert.deepEqual(peers.counts, { alice: 0, bob: 0, carol: 0 })
      })

      it('takes one in spite of a broken copy of it that came before', () => {
        const broken = item.slice(0, -1)
        assert.throws(() => receive('alice', broken, type), { name: 'DecodeError' })
        void receive('bob', item, type)

        assert.deepEqual(judged, [{ message, from: 'bob' }])
        assert.deepEqual(peers.counts, { alice: 1, bob: 0, carol: 1 })
      })
    })
  }

  it('decodes nothing that it has met: a copy under the other name is dropped where the first would be refused', () => {
    void receive('alice', blockItem, 'newBlock')
    // a block is no transaction: decoding it as one would throw
    assert.equal(receive('bob', blockItem, 'newTransaction'), undefined)

    assert.equal(judged.length, 1)
    const fresh = encodeBlock(sampleBlock({ height: 1 }))
    assert.throws(() => receive('bob', fresh, 'newTransaction'), { name: 'DecodeError' })
  })

  it('decodes nothing that is being judged', async () => {
    const { promise, resolve } = Promise.withResolvers<Verdict>()
    judge = async () => promise
    const done = receive('alice', blockItem, 'newBlock')
    assert.equal(receive('bob', blockItem, 'newTransaction'), undefined)
    resolve('accept')
    await done

    assert.deepEqual(peers.counts, { alice: 0, bob: 0, carol: 1 })
  })

  it('takes a changed copy for another item, whatever becomes of the first', () => {
    judge = () => 'reject'
    // the same height, hash and parent, but another proof
    void receive('alice', encodeBlock(sampleBlock({ proof: Uint8Array.of(6, 6, 6) })))
    judge = () => 'accept'
    void receive('bob', blockItem)

    assert.deepEqual(verdicts.map(({ from, verdict }) => [from, verdict]), [['alice', 'reject'], ['bob', 'accept']])
    assert.deepEqual(peers.counts, { alice: 1, bob: 0, carol: 1 })
  })

  describe('verdicts', () => {
    for (const isAsync of [false, true]) {
      const when = isAsync ? 'said later' : 'said at once'
      const answer = (verdict: Verdict): void => { judge = isAsync ? async () => verdict : () => verdict }

      it(`relays nothing that is to be ignored, ${when}, and asks again when it comes again`, async () => {
        answer('ignore')
        await receive('alice', blockItem)
        await receive('alice', blockItem)
        assert.deepEqual(peers.counts, { alice: 0, bob: 0, carol: 0 })
        answer('accept')
        await receive('bob', blockItem)

        assert.deepEqual(verdicts.map(({ verdict }) => verdict), ['ignore', 'ignore', 'accept'])
        assert.deepEqual(peers.counts, { alice: 1, bob: 0, carol: 1 })
      })

      it(`relays nothing that is rejected, ${when}, and does not ask again`, async () => {
        answer('reject')
        await receive('alice', blockItem)
        answer('accept')
        await receive('bob', blockItem)

        assert.deepEqual(verdicts, [{ type: 'newBlock', from: 'alice', verdict: 'reject' }])
        assert.deepEqual(peers.counts, { alice: 0, bob: 0, carol: 0 })
      })
    }

    it('tells of a verdict before it relays', () => {
      const frames: number[] = []
      const telling = new Relay({
        peers: peers as unknown as SessionManager,
        clock,
        maxFrameBytes: MAX_FRAME_BYTES,
        judge: () => 'accept',
        onVerdict: () => { frames.push(peers.queued.get('bob')!.length) }
      })
      void telling.onMessage('newBlock', writeItem(blockItem), { id: 'alice' } as Session)

      assert.deepEqual(frames, [0])
      assert.equal(peers.counts['bob'], 1)
    })

    it('returns nothing to wait for where the verdict is there at once', () => {
      assert.equal(receive('alice', blockItem), undefined)
    })

    it('returns what to wait for where the application takes its time', async () => {
      const { promise, resolve } = Promise.withResolvers<Verdict>()
      judge = async () => promise
      let isDone = false
      const done = receive('alice', blockItem)?.then(() => { isDone = true })
      assert.equal(isDone, false)
      assert.deepEqual(verdicts, [])
      resolve('accept')
      await done

      assert.equal(verdicts.length, 1)
    })

    it('judges several items side by side, in whatever order the verdicts come', async () => {
      const slow = Promise.withResolvers<Verdict>()
      judge = async () => slow.promise
      const first = receive('alice', blockItem)
      judge = () => 'accept'
      void receive('bob', transactionItem, 'newTransaction')
      assert.deepEqual(peers.counts, { alice: 1, bob: 0, carol: 1 })
      slow.resolve('accept')
      await first

      assert.deepEqual(peers.counts, { alice: 1, bob: 1, carol: 2 })
    })
  })

  it(`asks again for what comes again after ${SEEN_TTL_MS} ms, and not before`, async () => {
    void receive('alice', blockItem)
    await clock.advance(SEEN_TTL_MS - 1)
    void receive('alice', blockItem)
    assert.equal(judged.length, 1)
    await clock.advance(1)
    void receive('alice', blockItem)
    assert.equal(judged.length, 2)
  })

  describe('broadcast', () => {
    for (const [type, item, priority, message] of items) {
      it(`sends a ${type} to everybody, and says for how many it waits and how many do not get it`, () => {
        peers.full.add('bob')

        assert.deepEqual(relay.broadcast(message), { queued: 2, skipped: 1 })
        assert.deepEqual(peers.counts, { alice: 1, bob: 0, carol: 1 })
        const [sent] = peers.queued.get('alice')!
        assert.equal(sent?.priority, priority)
        assert.deepEqual(openFrame(sent.frame), { type, item })
        assert.deepEqual(sent.frame, encodeFrame(sent.frame.subarray(2)))
      })

      it(`does not ask about a ${type} that comes back`, () => {
        relay.broadcast(message)
        void receive('alice', item, type)

        assert.deepEqual(judged, [])
        assert.deepEqual(peers.counts, { alice: 1, bob: 1, carol: 1 })
      })
    }

    it('counts nobody where there is nobody', () => {
      peers.queued.clear()

      assert.deepEqual(relay.broadcast({ type: 'newBlock', block }), { queued: 0, skipped: 0 })
    })

    it('sends again what is broadcast again', () => {
      relay.broadcast({ type: 'newBlock', block })
      relay.broadcast({ type: 'newBlock', block })

      assert.deepEqual(peers.counts, { alice: 2, bob: 2, carol: 2 })
    })

    it('sends to everybody, also what somebody has sent and is still being judged', () => {
      judge = async () => new Promise(() => {})
      void receive('alice', blockItem)

      assert.deepEqual(relay.broadcast({ type: 'newBlock', block }), { queued: 3, skipped: 0 })
    })

    it('throws for what does not fit the wire, remembers nothing of it and sends nothing', () => {
      const wrong = sampleBlock({ hash: new Uint8Array(31) })

      assert.throws(() => relay.broadcast({ type: 'newBlock', block: wrong }), { name: 'EncodeError' })
      assert.deepEqual(peers.counts, { alice: 0, bob: 0, carol: 0 })
    })

    it('throws for what does not fit into a frame, and goes on taking it from others', () => {
      const large = sampleBlock({ proof: new Uint8Array(MAX_FRAME_BYTES) })

      assert.throws(() => relay.broadcast({ type: 'newBlock', block: large }), { name: 'EncodeError' })
      assert.deepEqual(peers.counts, { alice: 0, bob: 0, carol: 0 })
      judge = () => 'ignore'
      void receive('alice', encodeBlock(large))
      assert.equal(judged.length, 1)
    })
  })
})
