import assert from 'node:assert/strict'
import { FakeSession } from '../support/fake-session.ts'
import { digestOf } from '../../src/codec/digest.ts'
import { encodeFrame } from '../../src/codec/frame.ts'
import { encodeBlock, encodeTransaction, writeItem } from '../../src/codec/items/items.ts'
import { maxItemBytes } from '../../src/codec/limits.ts'
import { MAX_ANSWER_MS } from '../../src/gossip/fetch/answer-time.ts'
import { AWAY_MS } from '../../src/gossip/fetch/away.ts'
import { ANNOUNCE_BYTES } from '../../src/gossip/send/distribution.ts'
import { WANT_PROGRESS_BYTES, WANT_TIMEOUT_MS } from '../../src/gossip/fetch/want-requests.ts'
import { Gossip } from '../../src/gossip/gossip.ts'
import { SEEN_TTL_MS } from '../../src/gossip/seen-cache.ts'
import { WANT_DELAY_MS } from '../../src/gossip/fetch/fetcher.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { sampleBlock, sampleTransaction } from '../support/sample.ts'
import { systemChance } from '../../src/util/chance.ts'
import type { Queued } from '../support/fake-session.ts'
import type { RelayedType } from '../../src/gossip/types.ts'
import type { Priority } from '../../src/session/send/send-queue.ts'
import type { Block } from '../../src/types/block.ts'
import type { BroadcastMessage } from '../../src/types/message.ts'
import type { Outcome } from '../../src/types/handlers.ts'

const MAX_FRAME_BYTES = 64 * 1024
const NAMES = ['alice', 'bob', 'carol']
const block = sampleBlock()
const transaction = sampleTransaction()
const blockItem = plain(encodeBlock(block))
const transactionItem = plain(encodeTransaction(transaction))

/** Bytes as a frame has them: what encoders make is a Buffer. */
function plain (bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes)
}

/** A block large enough to be announced. */
function largeBlock (height: number, bytes = ANNOUNCE_BYTES): Block {
  return sampleBlock({ height, proof: new Uint8Array(bytes) })
}

describe('gossip/gossip', () => {
  let clock: FakeClock
  let sessions: Map<string, FakeSession>
  let judged: { message: BroadcastMessage, item: Uint8Array, from: string }[]
  let outcomes: { type: string, from: string, outcome: Outcome }[]
  let repeated: [type: string, bytes: number][]
  let refused: { type: string, from: string, rule: string | undefined }[]
  let judge: (message: BroadcastMessage) => Outcome | Promise<Outcome>
  let gossip: Gossip

  beforeEach(() => {
    clock = new FakeClock()
    sessions = new Map()
    judged = []
    outcomes = []
    repeated = []
    refused = []
    judge = () => 'accept'
    gossip = new Gossip({
      clock,
      chance: systemChance,
      maxFrameBytes: MAX_FRAME_BYTES,
      maxPeers: 40,
      importer: {
        judge: ({ message, item, from }) => {
          judged.push({ message, item: plain(item), from: from.id })

          return judge(message)
        }
      },
      onOutcome: (message, from, outcome) => { outcomes.push({ type: message.type, from: from.id, outcome }) },
      onRepeated: (...args) => { repeated.push(args) },
      onRefused: (type, from, { rule }) => { refused.push({ type, from: from.id, rule }) }
    })
    NAMES.forEach((id) => { ready(id) })
  })

  afterEach(() => {
    gossip.stop()
    assert.equal(clock.pending, 0)
  })

  function ready (id: string, direction: 'inbound' | 'outbound' = 'inbound'): FakeSession {
    const session = new FakeSession(id, direction)
    sessions.set(id, session)
    gossip.onReady(session.session)

    return session
  }

  function sessionOf (id: string): FakeSession {
    return sessions.get(id)!
  }

  function close (id: string): void {
    const { session } = sessionOf(id)
    sessions.delete(id)
    gossip.onClosed(session)
  }

  function receive (from: string, item: Uint8Array, type: RelayedType = 'newBlock'): Promise<void> | undefined {
    return gossip.onMessage(type, plain(writeItem(item)), sessionOf(from).session)
  }

  function have (from: string, ...items: Uint8Array[]): void {
    gossip.onHave(items.map(digestOf), sessionOf(from).session)
  }

  function want (from: string, ...items: Uint8Array[]): void {
    gossip.onWant(items.map(digestOf), sessionOf(from).session)
  }

  /** How many messages wait for each peer. */
  function counts (): Record<string, number> {
    return Object.fromEntries([...sessions].map(([id, { queue }]) => [id, queue.length]))
  }

  function queueOf (id: string): Queued[] {
    return sessionOf(id).queue
  }

  const items: [type: RelayedType, item: Uint8Array, priority: Priority, message: BroadcastMessage][] = [
    ['newBlock', blockItem, 'block', { type: 'newBlock', block }],
    ['newTransaction', transactionItem, 'transaction', { type: 'newTransaction', transaction }]
  ]

  for (const [type, item, priority, message] of items) {
    describe(`of a ${type}`, () => {
      it('asks the application once, however often and from which peer it comes', async () => {
        for (const from of ['alice', 'bob', 'alice', 'carol']) {
          assert.equal(receive(from, item, type), undefined)
        }

        assert.deepEqual(judged, [{ message, item, from: 'alice' }])
        assert.deepEqual(outcomes, [{ type, from: 'alice', outcome: 'accept' }])
      })

      it('sends an accepted one to all peers but its sender, as the very bytes that came', () => {
        void receive('alice', item, type)

        assert.deepEqual(counts(), { alice: 0, bob: 1, carol: 1 })

        for (const id of ['bob', 'carol']) {
          const [sent] = queueOf(id)
          assert.deepEqual([sent?.priority, sent?.type, sent?.item], [priority, type, item])
        }
      })

      it('sends one that came with fields it does not know on with these', () => {
        // field 99, a varint: part of the item's identity, whatever it means
        const extended = Uint8Array.of(...item, 0x98, 0x06, 0x01)
        void receive('alice', extended, type)

        assert.deepEqual(queueOf('bob')[0]?.item, extended)
      })

      it('tells of each that came again, with its bytes', () => {
        void receive('alice', item, type)
        assert.deepEqual(repeated, [])
        void receive('bob', item, type)
        void receive('alice', item, type)
        assert.deepEqual(repeated, [[type, item.byteLength], [type, item.byteLength]])
      })

      it('sends one that came again to no peer', () => {
        void receive('alice', item, type)
        void receive('bob', item, type)

        assert.deepEqual(counts(), { alice: 0, bob: 1, carol: 1 })
      })

      it('does not send it to peers that have shown to have it while it was judged', async () => {
        const { promise, resolve } = Promise.withResolvers<Outcome>()
        judge = async () => promise
        const done = receive('alice', item, type)
        assert.equal(receive('carol', item, type), undefined)
        assert.equal(judged.length, 1)
        assert.deepEqual(counts(), { alice: 0, bob: 0, carol: 0 })
        resolve('accept')
        await done

        assert.deepEqual(counts(), { alice: 0, bob: 1, carol: 0 })
      })

      it('throws for a body without one, and for one with two', () => {
        assert.throws(() => gossip.onMessage(type, new Uint8Array(), sessionOf('alice').session), { name: 'DecodeError' })
        assert.throws(() => gossip.onMessage(type, Buffer.concat([writeItem(item), writeItem(item)]), sessionOf('alice').session), {
          name: 'DecodeError'
        })
        assert.deepEqual(judged, [])
      })

      it('refuses one that breaks a rule, each time that it comes, and sends it to no peer', () => {
        const garbage = Uint8Array.of(0x0a, 0x05, 0x01)

        for (const from of ['alice', 'bob', 'alice']) {
          assert.equal(receive(from, garbage, type), undefined)
        }

        assert.deepEqual(refused.map(({ type, from }) => [type, from]), [[type, 'alice'], [type, 'bob'], [type, 'alice']])
        assert.deepEqual([judged, outcomes], [[], []])
        assert.deepEqual(counts(), { alice: 0, bob: 0, carol: 0 })
      })

      it('takes one in spite of a broken copy of it that came before', () => {
        const broken = item.slice(0, -1)
        void receive('alice', broken, type)
        assert.deepEqual(refused, [{ type, from: 'alice', rule: 'end' }])
        void receive('bob', item, type)

        assert.deepEqual(judged, [{ message, item, from: 'bob' }])
        assert.deepEqual(counts(), { alice: 1, bob: 0, carol: 1 })
      })

      it('takes one in spite of its having come under the other name', () => {
        const other = type === 'newBlock' ? 'newTransaction' : 'newBlock'
        void receive('alice', item, other)
        assert.deepEqual(refused.map(({ type, from }) => [type, from]), [[other, 'alice']])
        void receive('bob', item, type)

        assert.deepEqual(judged, [{ message, item, from: 'bob' }])
      })
    })
  }

  it('decodes nothing that it has seen: a copy under the other name is dropped where the first would be refused', () => {
    void receive('alice', blockItem, 'newBlock')
    // a block is no transaction: decoding it as one would throw
    assert.equal(receive('bob', blockItem, 'newTransaction'), undefined)

    assert.equal(judged.length, 1)
    const fresh = encodeBlock(sampleBlock({ height: 1 }))
    void receive('bob', fresh, 'newTransaction')
    assert.deepEqual(refused, [{ type: 'newTransaction', from: 'bob', rule: 'known-type' }])
  })

  it('refuses an item over what frames carry, and takes one at it', () => {
    const least = encodeBlock(sampleBlock({ proof: new Uint8Array(60_000) })).byteLength - 60_000
    const sized = (bytes: number): Uint8Array => encodeBlock(sampleBlock({ proof: new Uint8Array(bytes - least) }))
    void receive('alice', sized(maxItemBytes(MAX_FRAME_BYTES) + 1), 'newBlock')
    assert.deepEqual([refused, judged], [[{ type: 'newBlock', from: 'alice', rule: 'item-size' }], []])
    void receive('alice', sized(maxItemBytes(MAX_FRAME_BYTES)), 'newBlock')
    assert.deepEqual([refused.length, judged.length], [1, 1])
  })

  it('decodes nothing that is being judged', async () => {
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    judge = async () => promise
    const done = receive('alice', blockItem, 'newBlock')
    assert.equal(receive('bob', blockItem, 'newTransaction'), undefined)
    resolve('accept')
    await done

    assert.deepEqual(counts(), { alice: 0, bob: 0, carol: 1 })
  })

  it('takes a changed copy for another item, whatever becomes of the first', () => {
    judge = () => 'reject'
    // the same height, hash and parent, but another proof
    void receive('alice', encodeBlock(sampleBlock({ proof: Uint8Array.of(6, 6, 6) })))
    judge = () => 'accept'
    void receive('bob', blockItem)

    assert.deepEqual(outcomes.map(({ from, outcome }) => [from, outcome]), [['alice', 'reject'], ['bob', 'accept']])
    assert.deepEqual(counts(), { alice: 1, bob: 0, carol: 1 })
  })

  describe('verdicts', () => {
    for (const isAsync of [false, true]) {
      const when = isAsync ? 'said later' : 'said at once'
      const answer = (outcome: Outcome): void => { judge = isAsync ? async (): Promise<Outcome> => outcome : () => outcome }

      it(`relays nothing that is to be ignored, ${when}, and asks again when it comes again`, async () => {
        answer('ignore')
        await receive('alice', blockItem)
        await receive('alice', blockItem)
        assert.deepEqual(counts(), { alice: 0, bob: 0, carol: 0 })
        answer('accept')
        await receive('bob', blockItem)

        assert.deepEqual(outcomes.map(({ outcome }) => outcome), ['ignore', 'ignore', 'accept'])
        assert.deepEqual(counts(), { alice: 1, bob: 0, carol: 1 })
      })

      for (const outcome of ['reject', 'known', 'held'] as const) {
        it(`relays nothing that is ${outcome}, ${when}, and does not ask again`, async () => {
          answer(outcome)
          await receive('alice', blockItem)
          answer('accept')
          await receive('bob', blockItem)

          assert.deepEqual(outcomes, [{ type: 'newBlock', from: 'alice', outcome }])
          assert.deepEqual(counts(), { alice: 0, bob: 0, carol: 0 })
        })
      }
    }

    it('tells of an outcome before it relays', () => {
      const frames: number[] = []
      const telling = new Gossip({
        clock,
        chance: systemChance,
        maxFrameBytes: MAX_FRAME_BYTES,
        maxPeers: 40,
        importer: { judge: () => 'accept' },
        onOutcome: () => { frames.push(queueOf('bob').length) },
        onRefused: () => {}
      })
      sessions.forEach(({ session }) => { telling.onReady(session) })
      void telling.onMessage('newBlock', writeItem(blockItem), sessionOf('alice').session)

      assert.deepEqual(frames, [0])
      assert.equal(counts()['bob'], 1)
    })

    it('returns nothing to wait for where the verdict is there at once', () => {
      assert.equal(receive('alice', blockItem), undefined)
    })

    it('returns what to wait for where the application takes its time', async () => {
      const { promise, resolve } = Promise.withResolvers<Outcome>()
      judge = async () => promise
      let isDone = false
      const done = receive('alice', blockItem)?.then(() => { isDone = true })
      assert.equal(isDone, false)
      assert.deepEqual(outcomes, [])
      resolve('accept')
      await done

      assert.equal(outcomes.length, 1)
    })

    it('judges several items side by side, in whatever order the verdicts come', async () => {
      const slow = Promise.withResolvers<Outcome>()
      judge = async () => slow.promise
      const first = receive('alice', blockItem)
      judge = () => 'accept'
      void receive('bob', transactionItem, 'newTransaction')
      assert.deepEqual(counts(), { alice: 1, bob: 0, carol: 1 })
      slow.resolve('accept')
      await first

      assert.deepEqual(counts(), { alice: 1, bob: 1, carol: 2 })
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

  describe('of what is held', () => {
    const message: BroadcastMessage = { type: 'newBlock', block }

    beforeEach(() => {
      judge = () => 'held'
      void receive('alice', blockItem)
      void receive('carol', blockItem)
    })

    it('judges it once more when it is resumed, and sends an accepted one to peers that do not have it', async () => {
      judge = async (): Promise<Outcome> => 'accept'
      await gossip.release({ message, item: blockItem, from: sessionOf('alice').session })

      assert.deepEqual(judged, Array<unknown>(2).fill({ message, item: blockItem, from: 'alice' }))
      assert.deepEqual(outcomes.map(({ outcome }) => outcome), ['held', 'accept'])
      assert.deepEqual(counts(), { alice: 0, bob: 1, carol: 0 })
    })

    it('acts on it, also when the peer that sent it has gone', () => {
      const { session } = sessionOf('alice')
      close('alice')
      judge = () => 'accept'
      assert.equal(gossip.release({ message, item: blockItem, from: session }), undefined)

      assert.deepEqual(counts(), { bob: 1, carol: 0 })
    })

    it('goes on holding it, or lets it go, as it is judged then', () => {
      void gossip.release({ message, item: blockItem, from: sessionOf('alice').session })
      void receive('bob', blockItem)
      assert.equal(judged.length, 2)
      judge = () => 'ignore'
      void gossip.release({ message, item: blockItem, from: sessionOf('alice').session })
      void receive('bob', blockItem)
      assert.equal(judged.length, 4)
    })

    it('looks at it again once it is forgotten', () => {
      gossip.forget(blockItem)
      gossip.forget(transactionItem)
      judge = () => 'accept'
      void receive('bob', blockItem)

      assert.deepEqual(judged.map(({ from }) => from), ['alice', 'bob'])
      assert.deepEqual(counts(), { alice: 1, bob: 0, carol: 1 })
    })
  })

  describe('broadcast', () => {
    for (const [type, item, priority, message] of items) {
      it(`sends a ${type} to all peers, and says for how many it waits and how many do not get it`, () => {
        sessionOf('bob').isFull = true

        assert.deepEqual(gossip.broadcast(message), { queued: 2, skipped: 1 })
        assert.deepEqual(counts(), { alice: 1, bob: 0, carol: 1 })
        const [sent] = queueOf('alice')
        assert.deepEqual([sent?.priority, sent?.type, sent?.item], [priority, type, item])
        assert.deepEqual(sent?.frame, encodeFrame(sent!.frame.subarray(2)))
      })

      it(`does not ask about a ${type} that comes back`, () => {
        gossip.broadcast(message)
        void receive('alice', item, type)

        assert.deepEqual(judged, [])
        assert.deepEqual(counts(), { alice: 1, bob: 1, carol: 1 })
      })

      it(`sends a ${type} to those only who do not have it`, () => {
        judge = async () => new Promise(() => {})
        void receive('alice', item, type)
        have('bob', item)

        assert.deepEqual(gossip.broadcast(message), { queued: 1, skipped: 2 })
        assert.deepEqual(gossip.broadcast(message), { queued: 0, skipped: 3 })
        assert.deepEqual(counts(), { alice: 0, bob: 0, carol: 1 })
      })
    }

    it('sends again to peers that did not get it, and to peers that have gone and come back', () => {
      sessionOf('bob').isFull = true
      gossip.broadcast({ type: 'newBlock', block })
      sessionOf('bob').isFull = false
      close('carol')
      ready('carol')

      assert.deepEqual(sessionOf('carol').types, ['have'], 'it is kept, for bob did not get it')
      assert.deepEqual(gossip.broadcast({ type: 'newBlock', block }), { queued: 2, skipped: 1 })
      assert.deepEqual(counts(), { alice: 1, bob: 1, carol: 2 })
    })

    it('throws for what does not fit the wire, remembers nothing of it and sends nothing', () => {
      const wrong = sampleBlock({ hash: new Uint8Array(31) })

      assert.throws(() => gossip.broadcast({ type: 'newBlock', block: wrong }), { name: 'EncodeError' })
      assert.deepEqual(counts(), { alice: 0, bob: 0, carol: 0 })
    })

    it('throws for an item over what frames carry, and sends one at it', () => {
      const rest = encodeBlock(sampleBlock({ proof: new Uint8Array(60_000) })).byteLength - 60_000
      const sized = (bytes: number): Block => sampleBlock({ proof: new Uint8Array(bytes - rest) })
      const most = maxItemBytes(MAX_FRAME_BYTES)

      assert.throws(() => gossip.broadcast({ type: 'newBlock', block: sized(most + 1) }), { name: 'EncodeError' })
      assert.deepEqual(counts(), { alice: 0, bob: 0, carol: 0 })
      assert.equal(gossip.broadcast({ type: 'newBlock', block: sized(most) }).queued, 3)
    })

    it('counts no peer where there is none, and sends it to peers that come', () => {
      NAMES.forEach(close)
      assert.deepEqual(gossip.broadcast({ type: 'newBlock', block }), { queued: 0, skipped: 0 })

      assert.deepEqual(ready('dave').types, ['newBlock'])
      assert.deepEqual(ready('erin').types, ['newBlock'])
    })

    it('sends nothing to peers that come of what another peer was there for', () => {
      gossip.broadcast({ type: 'newBlock', block })

      assert.deepEqual(ready('dave').types, [])
    })
  })

  describe('announce', () => {
    const message: BroadcastMessage = { type: 'newBlock', block }

    it('sends an item to peers that want it and do not have it', () => {
      have('alice', blockItem)
      const result = gossip.announce(message, blockItem, ({ id }) => id !== 'bob')

      assert.deepEqual(result, { queued: 1, skipped: 2 })
      assert.deepEqual(counts(), { alice: 0, bob: 0, carol: 1 })
      assert.deepEqual(queueOf('carol')[0]?.item, blockItem)
    })

    it('remembers it, and no longer asks for it', async () => {
      have('alice', blockItem)
      gossip.announce(message, blockItem, () => false)
      await clock.advance(WANT_DELAY_MS)
      void receive('bob', blockItem)

      assert.deepEqual(judged, [])
      assert.deepEqual(counts(), { alice: 0, bob: 0, carol: 0 })
    })

    it('keeps nothing pending where no peer is there', () => {
      NAMES.forEach(close)
      assert.deepEqual(gossip.announce(message, blockItem, () => true), { queued: 0, skipped: 0 })
      assert.deepEqual(ready('dave').types, [])
    })

    it('throws for what does not fit into a frame', () => {
      const large = sampleBlock({ proof: new Uint8Array(MAX_FRAME_BYTES) })
      assert.throws(() => gossip.announce({ type: 'newBlock', block: large }, encodeBlock(large), () => true), { name: 'EncodeError' })
    })
  })

  describe('of large items', () => {
    const large = largeBlock(7)
    const item = plain(encodeBlock(large))

    it('sends one that came by itself on to one peer, and announces it to the others', () => {
      ready('dave')
      void receive('alice', item)
      const types = ['bob', 'carol', 'dave'].flatMap((id) => sessionOf(id).types)

      assert.deepEqual(types.toSorted(), ['have', 'have', 'newBlock'])
      assert.deepEqual(queueOf('alice'), [])
    })

    it('announces one that had to be asked for to all peers that do not have it', async () => {
      have('alice', item)
      await clock.advance(WANT_DELAY_MS)
      const { type, priority, digests } = queueOf('alice')[0]!
      assert.deepEqual([type, priority, digests], ['want', 'control', [Buffer.from(digestOf(item)).toString('hex')]])
      void receive('alice', item)

      assert.deepEqual([sessionOf('bob').types, sessionOf('carol').types], [['have'], ['have']])
      assert.equal(queueOf('alice').length, 1)
      await clock.advance(2 * WANT_TIMEOUT_MS)
      assert.deepEqual(counts(), { alice: 1, bob: 1, carol: 1 })
    })

    it('asks no peer for what comes by itself meanwhile, and sends it to none that has announced it', async () => {
      have('alice', item)
      void receive('bob', item)
      await clock.advance(2 * WANT_TIMEOUT_MS)

      assert.deepEqual(sessionOf('alice').types, [])
      assert.deepEqual(sessionOf('carol').types, ['newBlock'])
      assert.equal(judged.length, 1)
    })

    it('asks the next announcer when one does not send it, or goes', async () => {
      ['alice', 'bob', 'carol'].forEach((id) => { have(id, item) })
      await clock.advance(WANT_DELAY_MS)
      assert.deepEqual(counts(), { alice: 1, bob: 0, carol: 0 })
      close('alice')
      assert.deepEqual(sessionOf('bob').types.concat(sessionOf('carol').types), ['want', 'want'])
    })

    it('asks no other peer while one that was asked is sending something', async () => {
      ['alice', 'bob'].forEach((id) => { have(id, item) })
      await clock.advance(WANT_DELAY_MS)
      sessionOf('alice').bytesIn += WANT_PROGRESS_BYTES
      await clock.advance(MAX_ANSWER_MS)
      assert.deepEqual(counts(), { alice: 1, bob: 0, carol: 0 })
      await clock.advance(MAX_ANSWER_MS)
      assert.deepEqual(counts(), { alice: 1, bob: 1, carol: 0 })
    })

    it('asks for nothing that is being judged, was rejected or is held', async () => {
      for (const outcome of ['reject', 'held', 'known', new Promise<Outcome>(() => {})] as const) {
        const other = encodeBlock(largeBlock(judged.length))
        judge = () => outcome
        void receive('alice', other)
        have('bob', other)
        have('carol', other)
        want('bob', other)
      }

      await clock.advance(2 * WANT_TIMEOUT_MS)
      assert.deepEqual(counts(), { alice: 0, bob: 0, carol: 0 })
    })

    it('asks again for what was ignored when it is announced again', async () => {
      judge = () => 'ignore'
      void receive('alice', item)
      have('bob', item)
      await clock.advance(WANT_DELAY_MS)

      assert.deepEqual(sessionOf('bob').types, ['want'])
    })

    it('goes on asking for what came under another name, which it cannot be', async () => {
      have('alice', item)
      have('bob', item)
      void receive('alice', item, 'newTransaction')
      assert.equal(refused.length, 1)
      close('alice')
      await clock.advance(WANT_DELAY_MS)

      assert.deepEqual(sessionOf('bob').types, ['want'])
    })

    it('sends nothing to peers that come to have it while it is judged', async () => {
      const { promise, resolve } = Promise.withResolvers<Outcome>()
      judge = async () => promise
      const done = receive('alice', item)
      have('bob', item)
      void receive('carol', item)
      resolve('accept')
      await done

      assert.deepEqual(counts(), { alice: 0, bob: 0, carol: 0 })
    })

    it('takes back what waits for a peer that sends it', () => {
      void receive('alice', item)
      const pushed = NAMES.find((id) => sessionOf(id).types.includes('newBlock'))!
      void receive(pushed, item)
      void receive(pushed, item)

      assert.deepEqual(queueOf(pushed), [])
      assert.equal(sessionOf(pushed).cancelled.length, 1)
    })

    it('hears no peer whose session was replaced by one that has ended', async () => {
      const { session } = sessionOf('alice')
      close('alice')
      gossip.onHave([digestOf(item)], session)
      gossip.onWant([digestOf(item)], session)
      await clock.advance(2 * WANT_TIMEOUT_MS)

      assert.deepEqual(counts(), { bob: 0, carol: 0 })
    })

    it('asks through the session that is there then', async () => {
      have('alice', item)
      const first = sessionOf('alice')
      const second = ready('alice')
      gossip.onClosed(first.session)
      await clock.advance(WANT_DELAY_MS)

      assert.deepEqual([first.types, second.types], [[], ['want']])
    })
  })

  describe('of large items, when another session takes the place of one, or a peer comes back', () => {
    const item = plain(encodeBlock(largeBlock(7)))

    /** Another session takes the place of the first, before that ends or after. */
    const ways: Record<string, (id: string) => FakeSession> = {
      'takes over': (id) => {
        const { session } = sessionOf(id)
        const next = ready(id)
        gossip.onClosed(session)

        return next
      },
      'comes later': (id) => {
        close(id)

        return ready(id, 'outbound')
      }
    }

    for (const [way, succeed] of Object.entries(ways)) {
      it(`asks for what was announced in the session before, where one ${way}`, async () => {
        have('alice', item)
        const next = succeed('alice')
        await clock.advance(WANT_DELAY_MS)
        assert.deepEqual(next.types, ['want'])
      })

      it(`asks once more for what was asked for and has not come, where one ${way}`, async () => {
        have('alice', item)
        await clock.advance(WANT_DELAY_MS)
        const next = succeed('alice')
        await clock.advance(MAX_ANSWER_MS)
        assert.deepEqual(next.types, ['want'])
      })

      it(`announces again what was sent and announced, where one ${way}, and sends what is asked for`, () => {
        gossip.broadcast({ type: 'newBlock', block: largeBlock(7) })
        gossip.broadcast({ type: 'newBlock', block })
        const next = succeed('alice')
        assert.deepEqual([next.types, next.queue[0]?.digests], [['have'], [Buffer.from(digestOf(item)).toString('hex')]])
        want('alice', item)
        want('alice', item)
        assert.deepEqual(next.types, ['have', 'newBlock'])
      })
    }

    it('does not announce what the peer has shown to have, where one takes over', () => {
      gossip.broadcast({ type: 'newBlock', block: largeBlock(7) })
      have('alice', item)
      assert.deepEqual(ways['takes over']!('alice').types, [])
    })

    it('announces the blocks that were accepted while the peer was away, small ones too', () => {
      close('alice')
      gossip.broadcast({ type: 'newBlock', block: largeBlock(7) })
      gossip.broadcast({ type: 'newBlock', block })
      gossip.broadcast({ type: 'newTransaction', transaction })
      const back = ready('alice')
      assert.deepEqual([back.types, back.queue[0]?.digests?.length], [['have'], 2])
      want('alice', blockItem)
      assert.deepEqual([back.types, back.queue[1]?.item], [['have', 'newBlock'], blockItem])
    })

    it('keeps a large block that came of the only other peer while one was away', async () => {
      close('alice')
      close('bob')
      await receive('carol', item)
      assert.deepEqual(ready('alice').types, ['have'])
    })

    it('sends the small transactions that came while one was between two sessions, and no others, once', async () => {
      const others = [1n, 2n, 3n].map((nonce) => sampleTransaction({ nonce }))
      gossip.broadcast({ type: 'newTransaction', transaction })
      gossip.onClosed(sessionOf('alice').session, { isFollowed: true })
      gossip.broadcast({ type: 'newTransaction', transaction: others[0]! })
      await receive('bob', plain(encodeTransaction(others[1]!)), 'newTransaction')
      const back = ready('alice')
      assert.deepEqual(back.queue.map(({ item }) => item), others.slice(0, 2).map((transaction) => plain(encodeTransaction(transaction))))
      // no peer is between two sessions any more
      gossip.onClosed(sessionOf('carol').session)
      gossip.broadcast({ type: 'newTransaction', transaction: others[2]! })
      gossip.onClosed(back.session)
      assert.deepEqual(ready('carol').queue.map(({ item }) => item), others.slice(0, 2).map((transaction) => plain(encodeTransaction(transaction))))
    })

    it(`knows it for ${AWAY_MS} ms, and not longer`, async () => {
      gossip.broadcast({ type: 'newBlock', block: largeBlock(7) })
      close('alice')
      close('bob')
      await clock.advance(AWAY_MS - 1)
      assert.deepEqual(ready('alice').types, ['have'])
      await clock.advance(1)
      assert.deepEqual(ready('bob').types, [])
    })
  })

  describe('when it is stopped', () => {
    it('leaves no timer, sends nothing that was kept, and goes on working', async () => {
      const item = encodeBlock(largeBlock(1))
      have('alice', item)
      gossip.broadcast({ type: 'newBlock', block: largeBlock(2) })
      NAMES.forEach(close)
      gossip.broadcast({ type: 'newBlock', block })
      gossip.stop()
      assert.equal(clock.pending, 0)

      assert.deepEqual(ready('alice').types, [])
      want('alice', encodeBlock(largeBlock(2)))
      assert.deepEqual(sessionOf('alice').types, [])
      have('alice', item)
      await clock.advance(WANT_DELAY_MS)
      assert.deepEqual(sessionOf('alice').types, ['want'])
    })
  })
})
