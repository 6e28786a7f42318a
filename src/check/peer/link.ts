import { describeArrival, describeEnd } from './describe.ts'
import { CheckFailure } from '../failure.ts'
import { decodeMessage } from '../../codec/message.ts'
import { errorMessage, ProtocolViolationError } from '../../errors.ts'
import { Arrivals } from '../../testing/raw-peer/arrivals.ts'
import { RawWriter } from '../../testing/raw-peer/raw-writer.ts'
import { Changes } from '../../testing/wait/changes.ts'
import { FEATURES } from '../../types/features.ts'
import type { Arrival, LinkEnd } from './arrival.ts'
import type { Sightings } from './sightings.ts'
import type { MessageType, WireMessage } from '../../types/message.ts'
import type { RawFrame } from '../../testing/raw-peer/arrivals.ts'
import type { RawClosureKind } from '../../testing/wait/closure.ts'
import type { Connection, Stream } from '@libp2p/interface'

/** Messages of a target that are kept, for a failure to tell of. */
const MAX_KEPT = 10_000

/** Options of {@link Link}. */
export interface LinkInit {
  stream: Stream
  connection: Connection
  /** How long the target may take to react, in ms. */
  patience: number
  signal: AbortSignal
  /** Called with what a frame of the target breaks. */
  onFault: (fault: string) => void
  /** Where the items that come are noted. */
  sightings?: Sightings | undefined
}

/** One stream with the target, in the hands of a check. It keeps all that comes. By itself it answers pings, and has no block. */
export class Link extends RawWriter {
  /** Everything that has come, the oldest first. */
  readonly arrivals: Arrival[] = []
  /** Whether anything of the target is answered. */
  answersPings = true
  /** Whether requests for blocks are answered with none, where pings are answered too: a target may ask no other peer while it waits. */
  answersRequests = true
  /** Answers to what has come inside of {@link quietly}. */
  readonly #owed: (() => void)[] = []
  #isQuiet = false
  readonly #init: LinkInit
  readonly #changes = new Changes()
  readonly #stream: Arrivals
  readonly #openedAt = performance.now()
  /** How many arrivals `next` has passed. */
  #read = 0
  #end: LinkEnd | undefined
  #nonce = BigInt(Math.floor(performance.now() * 1000)) << 20n

  constructor (init: LinkInit) {
    super({ ...init, within: init.patience })
    this.#init = init
    this.#stream = new Arrivals({
      stream: init.stream,
      intercept: (frame) => {
        this.#onFrame(frame)

        return true
      },
      onChange: () => { this.#onChange() }
    })
    init.signal.addEventListener('abort', () => { this.#changes.notify() }, { once: true })
  }

  /** How the target has ended its side, if it has. */
  get closure (): LinkEnd | undefined { return this.#end }

  /** How long the target may take to react, in ms. */
  get patience (): number { return this.#init.patience }

  /** What has come, in words. */
  get seen (): string {
    const all = [...this.arrivals.map(describeArrival), ...this.#end == null ? [] : [describeEnd(this.#end)]]

    return all.length === 0 ? 'nothing' : `${all.length > 12 ? '..., ' : ''}${all.slice(-12).join(', ')}`
  }

  /** Milliseconds since the stream was opened. */
  get age (): number { return performance.now() - this.#openedAt }

  /** Nothing happens where the stream has ended: the check sees that in what comes. */
  override sendBytes (bytes: Uint8Array): boolean {
    return this.stream.writeStatus === 'writable' && super.sendBytes(bytes)
  }

  /** The next message of one of these types that has not been passed yet. Those before it are passed. Fails when it does not come. */
  async next<Type extends MessageType> (...types: Type[]): Promise<Arrival & { message: Extract<WireMessage, { type: Type }> }> {
    const found = await this.tryNext(types)

    return found ?? this.fail(types.map((type) => type.replace(/^./, (first) => first.toUpperCase())).join(' or '))
  }

  /** {@link next}, and `undefined` where it does not come in `ms`. */
  async tryNext<Type extends MessageType> (
    types: readonly Type[], ms: number = this.patience
  ): Promise<Arrival & { message: Extract<WireMessage, { type: Type }> } | undefined> {
    return this.find((message): message is Extract<WireMessage, { type: Type }> => {
      return (types as readonly string[]).includes(message.type)
    }, ms)
  }

  /** The next message that `accept` takes; `undefined` where it does not come in `ms`, or the stream ends. Those before it are passed. */
  async find<M extends WireMessage> (
    accept: (message: WireMessage, arrival: Arrival) => message is M, ms: number = this.patience
  ): Promise<Arrival & { message: M } | undefined> {
    const found = await this.#wait(() => {
      while (this.#read < this.arrivals.length) {
        const arrival = this.arrivals[this.#read++]!

        if (arrival.message != null && accept(arrival.message, arrival)) {
          return arrival as Arrival & { message: M }
        }
      }

      return this.#end == null ? undefined : null
    }, ms)

    return found ?? undefined
  }

  /** Whether `probe` comes to hold in `ms`: it is looked at after each frame and at the end. */
  async until (probe: () => boolean, ms: number = this.patience): Promise<boolean> {
    return await this.#wait(() => probe() || undefined, ms) ?? false
  }

  /** Sends nothing by itself while `work` is under way, such as a Pong in the middle of a frame. */
  async quietly (work: () => Promise<void>): Promise<void> {
    this.#isQuiet = true
    await work()
    this.#isQuiet = false
    this.#owed.splice(0).forEach((answer) => { answer() })
  }

  /** Sends a Ping and waits for its Pong: everything that was sent before has been read by then. */
  async fence (expected = 'that the session goes on, with a Pong'): Promise<void> {
    const nonce = ++this.#nonce
    this.send({ type: 'ping', nonce, bestHeight: 0 })
    const pong = await this.find((message): message is Extract<WireMessage, { type: 'pong' }> => {
      return message.type === 'pong' && message.nonce === nonce
    })

    if (pong == null) {
      this.fail(expected)
    }
  }

  /** The target ends its side. Fails when it does not. */
  async ended (ms: number = this.patience, expected = 'that the target ends its side of the stream'): Promise<LinkEnd> {
    await this.until(() => this.#end != null, ms)

    return this.#end ?? this.fail(expected)
  }

  /** Reads nothing from now on. */
  hold (): void {
    this.#stream.hold(true)
  }

  /** Throws a {@link CheckFailure} that tells what has come. */
  fail (expected: string): never {
    throw new CheckFailure({ expected, seen: this.seen })
  }

  protected override beginEnd (how?: RawClosureKind): void {
    this.#stream.beginEnd(how)
  }

  async #wait<T> (probe: () => T | undefined, ms: number): Promise<T | undefined> {
    return this.#changes.tryUntil(() => {
      this.#init.signal.throwIfAborted()

      return probe()
    }, ms)
  }

  #onFrame ({ bytes, fault }: RawFrame): void {
    try {
      if (fault != null) {
        throw fault
      }

      const { message, requestId } = decodeMessage(bytes, FEATURES)
      this.#add({ message, requestId, bytes, fault: undefined })

      const answer = message == null ? undefined : this.#answerTo(message)

      if (answer != null) {
        this.#answer(answer, requestId)
      }
    } catch (err) {
      this.#add({ message: undefined, requestId: undefined, bytes, fault: errorMessage(err) })
    }
  }

  #answerTo (message: WireMessage): WireMessage | undefined {
    if (message.type === 'ping') {
      return this.answersPings ? { type: 'pong', nonce: message.nonce, bestHeight: 0 } : undefined
    }

    return this.answersPings && this.answersRequests ? notFound(message) : undefined
  }

  #answer (answer: WireMessage, requestId: bigint | undefined): void {
    if (this.#isQuiet) {
      this.#owed.push(() => { this.send(answer, requestId) })
    } else {
      this.send(answer, requestId)
    }
  }

  #onChange (): void {
    const { closure } = this.#stream

    if (closure != null && this.#end == null) {
      this.#end = { ...closure, at: this.age }

      if (closure.how === 'undecodable') {
        this.#add({ message: undefined, requestId: undefined, bytes: new Uint8Array(0), fault: errorMessage(closure.error) })
      } else if (closure.error instanceof ProtocolViolationError) {
        // the muxer of the tester has found a frame that Yamux does not allow
        this.#init.onFault(`Yamux: ${closure.error.message}`)
      }
    }

    this.#changes.notify()
  }

  #add (arrival: Omit<Arrival, 'at'>): void {
    if (arrival.fault != null) {
      this.#init.onFault(arrival.fault)
    }

    this.#init.sightings?.note(arrival)

    if (this.arrivals.length < MAX_KEPT) {
      this.arrivals.push({ ...arrival, at: this.age })
    }
  }
}

/** An answer to a request that has no blocks; `undefined` where it is no request. */
export function notFound ({ type }: WireMessage): WireMessage | undefined {
  switch (type) {
    case 'requestBlock': return { type: 'responseBlock' }
    case 'requestBlockRange': return { type: 'responseBlockRange', blocks: [], last: true }
    default: return undefined
  }
}
