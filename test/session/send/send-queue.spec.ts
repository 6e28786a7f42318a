import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { BULK, MAX_CANCEL_SEARCH, NEWS, PRIORITIES, SendQueue, URGENT } from '../../../src/session/send/send-queue.ts'
import type { Priority } from '../../../src/session/send/send-queue.ts'

/** What a frame is counted as beside its bytes. */
const OVERHEAD = 64

/** The same rules, in the plainest way: a list, sorted when something is taken. */
class Model {
  #frames: { priority: Priority, frame: Uint8Array }[] = []

  get bytes (): number {
    return this.#frames.reduce((sum, { frame }) => sum + frame.byteLength + OVERHEAD, 0)
  }

  push (priority: Priority, frame: Uint8Array): void {
    this.#frames.push({ priority, frame })
  }

  cancel (priority: Priority, frame: Uint8Array): boolean {
    const at = this.#frames.findIndex((queued) => queued.priority === priority && queued.frame === frame)

    return at >= 0 && this.#frames.splice(at, 1).length === 1
  }

  clear (): void {
    this.#frames = []
  }

  take (maxBytes: number): Uint8Array {
    this.#frames.sort((a, b) => PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority))
    const taken: Uint8Array[] = []
    let length = 0

    while (this.#frames.length > 0 && (taken.length === 0 || length + this.#frames[0]!.frame.byteLength <= maxBytes)) {
      const { frame } = this.#frames.shift()!
      taken.push(frame)
      length += frame.byteLength
    }

    return new Uint8Array(Buffer.concat(taken))
  }
}

function collectGarbage (): void {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  gc()
}

describe('session/send/send-queue', () => {
  let queue: SendQueue

  beforeEach(() => {
    queue = new SendQueue()
  })

  it('counts a frame as its bytes and 64 more', () => {
    assert.equal(queue.bytes, 0)
    queue.push('block', new Uint8Array(100))
    queue.push('control', new Uint8Array(1))
    assert.equal(queue.bytes, 101 + 2 * OVERHEAD)
    queue.take(1000)
    assert.equal(queue.bytes, 0)
  })

  it('gives control before blocks before transactions before responses', () => {
    queue.push('response', Uint8Array.of(4))
    queue.push('transaction', Uint8Array.of(3))
    queue.push('block', Uint8Array.of(2))
    queue.push('control', Uint8Array.of(1))

    assert.deepEqual(queue.take(100), Uint8Array.of(1, 2, 3, 4))
    assert.deepEqual(PRIORITIES, ['control', 'block', 'transaction', 'response'])
  })

  it('keeps the order within a priority', () => {
    queue.push('block', Uint8Array.of(1))
    queue.push('control', Uint8Array.of(0))
    queue.push('block', Uint8Array.of(2))
    queue.push('block', Uint8Array.of(3))

    assert.deepEqual(queue.take(2), Uint8Array.of(0, 1))
    assert.deepEqual(queue.take(2), Uint8Array.of(2, 3))
  })

  it('joins frames that just fit, and not one byte more', () => {
    queue.push('block', new Uint8Array(60).fill(1))
    queue.push('block', new Uint8Array(40).fill(2))
    assert.equal(queue.take(100).byteLength, 100)
    queue.push('block', new Uint8Array(60).fill(1))
    queue.push('block', new Uint8Array(41).fill(2))
    assert.deepEqual(queue.take(100), new Uint8Array(60).fill(1))
    assert.deepEqual(queue.take(100), new Uint8Array(41).fill(2))
  })

  it('gives a frame that is larger on its own, and as it is', () => {
    const frame = new Uint8Array(200)
    queue.push('block', frame)
    queue.push('block', Uint8Array.of(1))

    assert.equal(queue.take(100), frame)
    assert.deepEqual(queue.take(100), Uint8Array.of(1))
  })

  it('lets no smaller frame of a lower priority pass one that does not fit', () => {
    queue.push('control', new Uint8Array(50))
    queue.push('block', new Uint8Array(90))
    queue.push('transaction', new Uint8Array(10))

    assert.deepEqual([queue.take(100), queue.take(100)].map(({ byteLength }) => byteLength), [50, 100])
  })

  it('drops a frame of which a part was given away, and counts it no more', () => {
    const queue = new SendQueue()
    const part = new Uint8Array(100)
    queue.push('block', new Uint8ArrayList(Uint8Array.of(1, 2), part))
    queue.push('block', Uint8Array.of(3))
    structuredClone(part, { transfer: [part.buffer] })
    assert.deepEqual([queue.take(1000), queue.bytes], [Uint8Array.of(3), 0])
    const other = new Uint8Array(100)
    queue.push('block', new Uint8ArrayList(Uint8Array.of(1, 2), other))
    structuredClone(other, { transfer: [other.buffer] })
    assert.deepEqual([queue.take(1000).byteLength, queue.bytes], [0, 0])
  })

  it('gives a frame with an empty part, as one has that ends with a large block', () => {
    const queue = new SendQueue()
    queue.push('response', new Uint8ArrayList(Uint8Array.of(1, 2), new Uint8Array()))
    assert.deepEqual(queue.take(1000).subarray(), Uint8Array.of(1, 2))
  })

  it('gives nothing when it is empty', () => {
    assert.equal(queue.take(100).byteLength, 0)
    assert.equal(queue.bytes, 0)
  })

  it('is empty once it is cleared', () => {
    PRIORITIES.forEach((priority) => { queue.push(priority, new Uint8Array(10)) })
    queue.clear()

    assert.equal(queue.bytes, 0)
    assert.equal(queue.take(100).byteLength, 0)
  })

  describe('of some priorities', () => {
    let queue: SendQueue

    beforeEach(() => {
      queue = new SendQueue()
      PRIORITIES.forEach((priority, i) => { queue.push(priority, Uint8Array.of(i)) })
    })

    it('gives only these, the highest first', () => {
      assert.deepEqual(queue.take(100, NEWS), Uint8Array.of(1, 2))
      assert.deepEqual(queue.take(100, BULK), Uint8Array.of(3))
      assert.deepEqual(queue.take(100, BULK), new Uint8Array(0))
      assert.deepEqual(queue.take(100, URGENT), Uint8Array.of(0))
      assert.equal(queue.bytes, 0)
    })

    it('says whether there are any', () => {
      assert.equal(queue.has(BULK), true)
      queue.take(100, BULK)
      assert.deepEqual([URGENT, NEWS, BULK, PRIORITIES].map((some) => queue.has(some)), [true, true, false, true])
      queue.clear()
      assert.equal(queue.has(PRIORITIES), false)
    })

    it('counts what is control apart', () => {
      const frame = new Uint8Array(10)
      queue.push('control', frame)
      assert.equal(queue.urgentBytes, 11 + 2 * OVERHEAD)
      queue.cancel('control', frame)
      assert.equal(queue.urgentBytes, 1 + OVERHEAD)
      queue.take(100, NEWS)
      assert.equal(queue.urgentBytes, 1 + OVERHEAD)
      queue.take(100)
      assert.equal(queue.urgentBytes, 0)
      queue.push('control', frame)
      queue.clear()
      assert.equal(queue.urgentBytes, 0)
    })

    it('are all of them, each in one group', () => {
      assert.deepEqual([...URGENT, ...NEWS, ...BULK], [...PRIORITIES])
    })
  })

  describe('cancel', () => {
    const frames = Array.from({ length: 3 }, (_, index) => Uint8Array.of(index))

    it('takes back a frame, the very same, of its priority', () => {
      frames.forEach((frame) => { queue.push('block', frame) })

      assert.equal(queue.cancel('block', Uint8Array.of(1)), false)
      assert.equal(queue.cancel('transaction', frames[1]!), false)
      assert.equal(queue.cancel('block', frames[1]!), true)
      assert.equal(queue.cancel('block', frames[1]!), false)
      assert.equal(queue.bytes, 2 + 2 * OVERHEAD)
      assert.deepEqual(queue.take(100), Uint8Array.of(0, 2))
    })

    it('takes back none that was taken', () => {
      frames.forEach((frame) => { queue.push('block', frame) })
      queue.take(1)

      assert.equal(queue.cancel('block', frames[0]!), false)
      assert.equal(queue.cancel('block', frames[2]!), true)
      assert.equal(queue.cancel('block', frames[1]!), true)
      assert.equal(queue.bytes, 0)
      queue.push('block', frames[0]!)
      assert.deepEqual(queue.take(100), Uint8Array.of(0))
    })

    it(`looks among the latest ${MAX_CANCEL_SEARCH}, and not at one more`, () => {
      const [first, second] = frames as [Uint8Array, Uint8Array]
      queue.push('block', first)
      queue.push('block', second)

      for (let i = 1; i < MAX_CANCEL_SEARCH; i++) {
        queue.push('block', Uint8Array.of(9))
      }

      assert.equal(queue.cancel('block', first), false)
      assert.equal(queue.cancel('block', second), true)
      // there is one less behind it now
      assert.equal(queue.cancel('block', first), true)
    })
  })

  it('lets go of a frame that was taken, while others still wait', async () => {
    const refs = Array.from({ length: 10 }, () => {
      const frame = new Uint8Array(1000)
      queue.push('response', frame)

      return new WeakRef(frame)
    })

    for (let i = 0; i < 9; i++) {
      queue.take(1)
    }

    // a WeakRef holds what it was made of until the end of the turn
    await setImmediate()
    collectGarbage()

    assert.deepEqual(refs.map((ref) => ref.deref() == null), [true, true, true, true, true, true, true, true, true, false])
    assert.equal(queue.take(1).byteLength, 1000)
  })

  it('gives what a plain sorted list would give', () => {
    const push = fc.record({ do: fc.constant('push' as const), priority: fc.constantFrom(...PRIORITIES), bytes: fc.integer({ min: 1, max: 40 }) })
    const take = fc.record({ do: fc.constant('take' as const), maxBytes: fc.integer({ min: 1, max: 100 }) })
    const cancel = fc.record({ do: fc.constant('cancel' as const), priority: fc.constantFrom(...PRIORITIES), which: fc.nat(50) })
    const clear = fc.record({ do: fc.constant('clear' as const) })

    const step = fc.oneof(
      { weight: 10, arbitrary: push }, { weight: 4, arbitrary: take }, { weight: 4, arbitrary: cancel }, { weight: 1, arbitrary: clear }
    )

    fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const real = new SendQueue()
      const model = new Model()
      const pushed: Uint8Array[] = []

      for (const step of steps) {
        if (step.do === 'push') {
          const frame = new Uint8Array(step.bytes).fill(pushed.length)
          pushed.push(frame)
          real.push(step.priority, frame)
          model.push(step.priority, frame)
        } else if (step.do === 'take') {
          assert.deepEqual(real.take(step.maxBytes), model.take(step.maxBytes))
        } else if (step.do === 'cancel') {
          const frame = pushed.at(-1 - step.which) ?? new Uint8Array(1)
          assert.equal(real.cancel(step.priority, frame), model.cancel(step.priority, frame))
        } else {
          real.clear()
          model.clear()
        }

        assert.equal(real.bytes, model.bytes)
      }
    }))
  })

  it('keeps the order of many thousand frames', () => {
    let next = 0

    for (let i = 0; i < 20_000; i++) {
      queue.push('transaction', new Uint8Array(Uint32Array.of(i).buffer))

      if (i % 3 === 0) {
        assert.equal(new DataView(queue.take(4).slice().buffer).getUint32(0, true), next++)
      }
    }

    for (; next < 20_000; next++) {
      assert.equal(new DataView(queue.take(4).slice().buffer).getUint32(0, true), next)
    }

    assert.equal(queue.bytes, 0)
  })
})
