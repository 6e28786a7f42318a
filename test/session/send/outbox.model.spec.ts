import assert from 'node:assert/strict'
import fc from 'fast-check'
import { JOIN_BYTES, Outbox } from '../../../src/session/send/outbox.ts'
import { PRIORITIES } from '../../../src/session/send/send-queue.ts'
import { asyncCommand } from '../../support/command.ts'
import { turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { frameOf, ScriptedStream } from '../../support/stream-pair.ts'
import type { AsyncCommand } from 'fast-check'
import type { Priority } from '../../../src/session/send/send-queue.ts'
import type { DisconnectMessage } from '../../../src/types/message.ts'

const SEND_TIMEOUT = 30_000
const FAREWELL: DisconnectMessage = { type: 'disconnect', reason: 'SHUTDOWN', detail: '' }

/** What a frame is counted as beside its bytes. */
const OVERHEAD = 64

/** Low ones are reached with few frames, and high ones by none, so that sends become large. */
const LIMITS = [{ softBytes: 2000, hardBytes: 10_000 }, { softBytes: 10_000_000, hardBytes: 100_000_000 }]

interface Waiting { priority: Priority, frame: Uint8Array }

/** A list of frames, a stream that takes everything or nothing, and when it last did not. */
class Model {
  readonly limits: typeof LIMITS[number]
  now: number
  frames: Waiting[] = []
  /** Everything that was ever pushed, to be taken back. */
  readonly pushed: Waiting[] = []
  readonly handed: Uint8Array[] = []
  state: 'open' | 'finishing' | 'closed' = 'open'
  takesAll = true
  /** Since when the stream has held something that it does not take. */
  stuckSince: number | undefined
  isTooSlow = false

  constructor (limits: typeof LIMITS[number], now: number) {
    this.limits = limits
    this.now = now
  }

  get bytes (): number {
    return this.frames.reduce((sum, { frame }) => sum + frame.byteLength + OVERHEAD, 0)
  }

  get belowMark (): boolean {
    return this.bytes < this.limits.softBytes
  }

  push (priority: Priority, frame: Uint8Array): boolean {
    if (this.state !== 'open' || this.isTooSlow || (priority === 'transaction' && !this.belowMark)) {
      return false
    }

    this.frames.push({ priority, frame })
    this.isTooSlow = this.bytes > this.limits.hardBytes

    // what is urgent does not wait for the end of the turn, unless something else does
    if (this.frames.every(({ priority }) => priority === 'control')) {
      this.flush()
    }

    return !this.isTooSlow
  }

  /** What happens once a turn: whatever fits goes as one, until the stream has enough. */
  flush (): void {
    while (this.frames.length > 0 && this.stuckSince == null && this.state !== 'closed') {
      this.handed.push(...this.#take())
      this.stuckSince = this.takesAll ? undefined : this.now
    }
  }

  advance (ms: number): void {
    this.flush()
    this.now += ms
    this.isTooSlow ||= this.state === 'open' && this.stuckSince != null && this.now - this.stuckSince >= SEND_TIMEOUT
  }

  #take (): Uint8Array[] {
    const sorted = PRIORITIES.flatMap((priority) => this.frames.filter((waiting) => waiting.priority === priority))
    let bytes = 0
    let count = 0

    for (const { frame } of sorted) {
      bytes += frame.byteLength

      if (count > 0 && bytes > JOIN_BYTES) {
        break
      }

      count++
    }

    this.frames = sorted.slice(count)

    return sorted.slice(0, count).map(({ frame }) => frame)
  }
}

class Real {
  readonly clock = new FakeClock()
  readonly stream = new ScriptedStream()
  readonly complaints: string[] = []
  readonly outbox: Outbox
  isFinished = false

  constructor (limits: typeof LIMITS[number]) {
    const { stream, clock } = this
    const onTooSlow = (detail: string): void => { this.complaints.push(detail) }
    this.outbox = new Outbox({ stream, clock, sendTimeout: SEND_TIMEOUT, onTooSlow, ...limits })
  }
}

type Step = AsyncCommand<Model, Real>

function compare (model: Model, { outbox, complaints }: Real): void {
  assert.equal(outbox.bytes, model.bytes)
  assert.equal(outbox.belowMark, model.belowMark)
  assert.equal(outbox.sentBytes, model.handed.reduce((sum, { byteLength }) => sum + byteLength, 0))
  assert.equal(complaints.length, model.isTooSlow ? 1 : 0)
}

function step (name: string, run: (model: Model, real: Real) => Promise<void> | void): Step {
  return asyncCommand({
    name,
    run: async (model, real) => {
      await run(model, real)
      compare(model, real)
    }
  })
}

const size = fc.constantFrom(2, 100, 1000, 4000, 100_000, 100_000)

const push = fc.tuple(fc.constantFrom(...PRIORITIES), size).map(([priority, bytes]) => {
  return step(`push(${priority}, ${bytes})`, (model, { outbox }) => {
    const frame = new Uint8Array(bytes).fill(model.pushed.length)
    model.pushed.push({ priority, frame })
    assert.equal(outbox.push(priority, frame), model.push(priority, frame))
  })
})

const cancel = fc.nat({ max: 60 }).map((nth) => step(`cancel(${nth})`, (model, { outbox }) => {
  const taken = model.pushed[nth]

  if (taken != null) {
    const before = model.frames.length
    model.frames = model.frames.filter(({ frame }) => frame !== taken.frame)
    assert.equal(outbox.cancel(taken.priority, taken.frame), model.frames.length < before)
  }
}))

const turn = fc.constant(step('turn', async (model) => {
  await turns(1)
  model.flush()
}))

const block = fc.constant(step('block', async (model, { stream }) => {
  await turns(1)
  model.flush()
  stream.room = 0
  model.takesAll = false
}))

const allow = fc.constant(step('allow', async (model, { stream }) => {
  stream.allow(Infinity)
  await turns(1)
  model.takesAll = true
  model.stuckSince = undefined
  model.flush()
}))

const advance = fc.constantFrom(1, SEND_TIMEOUT / 2, SEND_TIMEOUT - 1, SEND_TIMEOUT).map((ms) => {
  return step(`advance(${ms})`, async (model, { clock }) => {
    await clock.advance(ms)
    model.advance(ms)
  })
})

const finish = fc.boolean().map((keep) => step(`finish(${keep ? 'keep' : 'drop'})`, async (model, real) => {
  if (model.state === 'open') {
    model.frames = keep ? model.frames : []
    model.frames.push({ priority: keep ? 'response' : 'control', frame: frameOf(FAREWELL) })
    model.state = 'finishing'
  }

  void real.outbox.finish(FAREWELL, { keep }).then(() => { real.isFinished = true })
  model.flush()
  await turns(1)
  assert.equal(real.isFinished, model.frames.length === 0)
}))

const close = fc.constant(step('close', (model, { outbox }) => {
  outbox.close()
  model.state = 'closed'
  model.frames = []
}))

describe('session/send/outbox, beside a model', () => {
  it('holds, sends, drops and complains of the same at the same times, whatever the stream takes', async () => {
    const often = [push, push, push, push, cancel, turn, block, allow, advance]
    const commands = fc.commands([...often, ...often, finish, close], { maxCommands: 60, size: 'max' })

    await fc.assert(fc.asyncProperty(fc.constantFrom(...LIMITS), commands, async (limits, commands) => {
      const real = new Real(limits)
      const model = new Model(limits, real.clock.now())
      await fc.asyncModelRun(() => ({ model, real }), commands)

      real.stream.allow(Infinity)
      await turns(1)
      model.stuckSince = undefined
      model.takesAll = true
      model.flush()
      assert(Buffer.concat(model.handed).equals(real.stream.sent), 'other bytes were sent, or in another order')
      real.outbox.close()
      assert.equal(real.clock.pending, 0)
    }), { numRuns: 400 })
  })
})
