import assert from 'node:assert/strict'
import { Bystander, REMOTE, Scene } from './session-scene.ts'
import { ByteSource } from '../byte-source.ts'
import { mutateBytes } from '../mutate.ts'
import { writeEnvelope } from '../../../src/codec/envelope.ts'
import { encodeFrame } from '../../../src/codec/frame.ts'
import { encodeMessage } from '../../../src/codec/message.ts'
import { DEFAULTS } from '../../../src/config/defaults.ts'
import { ProtocolViolationError, RequestError } from '../../../src/errors.ts'
import { Throttle } from '../../../src/bandwidth/throttle.ts'
import { ReadingTurns } from '../../../src/session/read/reading-turns.ts'
import { PRIORITIES } from '../../../src/session/send/send-queue.ts'
import { turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { sampleBlock, sampleHash, sampleTransaction } from '../../support/sample.ts'
import { messagesIn } from '../../support/stream-pair.ts'
import type { HandlerMode, World } from './session-scene.ts'
import type { Target } from '../target.ts'
import type { OnResponse } from '../../../src/session/requests.ts'
import type { AdmissionAnswer } from '../../../src/session/types.ts'
import type { Bandwidth, RateLimits } from '../../../src/types/limits.ts'
import type { MessageType, WireMessage } from '../../../src/types/message.ts'

const MAX_STEPS = 40
const MAX_REPEATS = 80

/** How many chunks the remote may send in all: a script that takes seconds keeps many others from being run. */
const MAX_CHUNKS = 2000

const ADMISSIONS: readonly AdmissionAnswer[] = ['ready', 'ready', 'ready', 'replaced', { reason: 'TOO_MANY_CONNECTIONS', detail: '' }]
const SLOW = { perSecond: 2, burst: 4 }
const SLOWEST = { perSecond: 0.1, burst: 1 }

/** What the remote may send. */
const RATE_LIMITS: readonly RateLimits[] = [
  DEFAULTS.rateLimits,
  {
    transactions: SLOW, blocks: SLOW, blocksAsked: SLOW, digests: SLOW, pings: SLOW, others: SLOW, bytes: { perSecond: 1000, burst: 5000 }
  },
  { ...DEFAULTS.rateLimits, transactions: SLOWEST, others: SLOWEST }
]

const CAPS: readonly Bandwidth[] = [DEFAULTS.bandwidth, { upload: 10_000, download: 10_000, peerUpload: Infinity, peerDownload: 5000 }]

const MODES: readonly HandlerMode[] = ['nothing', 'done', 'pending']
const TIMES_MS = [1, 100, 499, 500, 2000, 5000, 9999, 10_000, 29_999, 30_000, 60_000, 600_000]
const ROOMS = [0, 1, 100, 5000, Infinity]
const CHUNKS = [Infinity, 1, 2, 7, 64]

const TEMPLATES: readonly WireMessage[] = [
  { type: 'ping', nonce: 1n, bestHeight: 100 },
  { type: 'pong', nonce: 1n, bestHeight: 100 },
  { type: 'newTransaction', transaction: sampleTransaction() },
  { type: 'newBlock', block: sampleBlock() },
  { type: 'requestBlock', height: 3 },
  { type: 'requestBlockRange', startHeight: 0, endHeight: 2000 },
  { type: 'have', digests: [sampleHash('a'), sampleHash('b')] },
  { type: 'want', digests: [sampleHash('c')] },
  { type: 'handshake', node: REMOTE },
  { type: 'responseBlock', block: sampleBlock() },
  { type: 'responseBlock' },
  { type: 'responseBlockRange', blocks: [sampleBlock()], last: false },
  { type: 'responseBlockRange', blocks: [], last: true },
  { type: 'disconnect', reason: 'SHUTDOWN', detail: 'bye' },
  { type: 'newBlock', block: sampleBlock({ proof: new Uint8Array(40_000) }) },
  { type: 'requestPeers', count: 64 },
  { type: 'responsePeers', peers: [{ record: sampleHash('d'), ageMinutes: 1 }] }
]

/** What may be said at any time once the handshakes are done, as often as one likes. */
const BLAMELESS = new Set<MessageType>(['ping', 'pong', 'newTransaction', 'newBlock', 'requestBlock', 'requestBlockRange', 'have', 'want', 'disconnect', 'requestPeers'])

const RESPONDERS: readonly { onResponse: OnResponse, isBlameless: boolean }[] = [
  { onResponse: () => true, isBlameless: true },
  { onResponse: () => false, isBlameless: true },
  { onResponse: async () => true, isBlameless: true },
  { onResponse: async () => false, isBlameless: true },
  { onResponse: () => { throw new RequestError('UNAVAILABLE', 'no') }, isBlameless: true },
  { onResponse: async () => { throw new RequestError('UNAVAILABLE', 'no') }, isBlameless: true },
  { onResponse: () => { throw new ProtocolViolationError('no') }, isBlameless: false },
  { onResponse: async () => { throw new ProtocolViolationError('no') }, isBlameless: false }
]

interface MadeRequest {
  id: bigint | undefined
  expects: 'responseBlock' | 'responseBlockRange'
  isBlameless: boolean
  answers: number
  settled: number
  controller: AbortController
}

/** Plays an input: what the remote does, and what we do meanwhile. */
class Script {
  readonly #source: ByteSource
  readonly #clock: FakeClock
  readonly #bystander: Bystander
  readonly #scene: Scene
  readonly #requests: MadeRequest[] = []
  #chunk = Infinity
  #chunksLeft = MAX_CHUNKS
  #lastFrame: Uint8Array = encodeFrame(encodeMessage(TEMPLATES[0]!))
  #saidHandshake = false
  /** Whether the remote has done nothing that is forbidden. */
  #isBlameless = true

  constructor (source: ByteSource, { world, bystander }: { world: World, bystander: Bystander }) {
    this.#clock = world.clock
    this.#bystander = bystander
    this.#source = source
    this.#scene = new Scene(world, { admission: source.pick(ADMISSIONS), rateLimits: source.pick(RATE_LIMITS) })
  }

  async run (): Promise<void> {
    for (let step = 0; step < MAX_STEPS && !this.#source.isEmpty; step++) {
      const name = this.#source.pick(STEP_NAMES)
      const waited = this.#steps[name]()

      if (waited != null) {
        await waited
      }

      this.#scene.check()
    }

    await turns(2)
    this.#scene.check()
    await this.#bystander.check()
    await this.#scene.end()
    await this.#bystander.end()
    await turns(1)
    assert(!this.#isBlameless || this.#scene.violations.length === 0, `was blamed for nothing: ${this.#scene.violations[0]}`)
    assert.deepEqual(this.#requests.filter(({ settled }) => settled !== 1), [], 'a request was not settled once')
    assert.equal(this.#clock.pending, 0, 'a timer was left')
  }

  readonly #steps: Record<typeof STEP_NAMES[number], () => Promise<void> | undefined> = {
    handshake: () => { this.#sendValid({ type: 'handshake', node: REMOTE }) },
    valid: () => { this.#sendValid(this.#source.pick(TEMPLATES)) },
    broken: () => {
      const message = encodeMessage(this.#source.pick(TEMPLATES), this.#requestId()).slice()

      for (let edits = this.#source.byte() % 4; edits >= 0; edits--) {
        message[(this.#source.byte() * 256 + this.#source.byte()) % message.byteLength]! ^= this.#source.byte()
      }

      this.#sendForbidden(encodeFrame(message))
    },
    body: () => {
      const type = this.#source.pick(TEMPLATES).type
      this.#sendForbidden(encodeFrame(writeEnvelope(type, this.#source.take(this.#source.byte()), this.#requestId())))
    },
    bytes: () => { this.#sendForbidden(this.#source.take(this.#source.byte() % 64)) },
    again: () => {
      this.#isBlameless = false

      for (let count = this.#source.byte() % MAX_REPEATS; count >= 0; count--) {
        this.#deliver(this.#lastFrame)
      }
    },
    answer: () => { this.#answer() },
    pong: () => {
      const pings = this.#sent().filter((message) => message?.type === 'ping')
      this.#sendValid({ type: 'pong', nonce: pings.at(-1)?.nonce ?? 0n, bestHeight: 5 })
    },
    chunk: () => { this.#chunk = this.#source.pick(CHUNKS) },
    turn: async () => { await turns(1 + this.#source.byte() % 3) },
    advance: async () => { await this.#clock.advance(this.#source.pick(TIMES_MS)) },
    stall: async () => {
      this.#clock.stall(this.#source.pick(TIMES_MS))
      // an event loop reads what has come after the timers that are due: it does not stand still twice in a row
      await turns(1)
    },
    request: () => { this.#request() },
    abort: () => { this.#requests[this.#source.byte() % Math.max(1, this.#requests.length)]?.controller.abort(new Error('aborted')) },
    send: () => {
      const message = this.#source.pick(TEMPLATES)

      // nothing is sent before: whoever has a session waits until it is ready
      if (this.#scene.session.readyAt != null && message.type !== 'handshake' && message.type !== 'disconnect') {
        this.#scene.session.send(this.#source.pick(PRIORITIES), message)
      }
    },
    room: () => {
      const room = this.#source.pick(ROOMS)

      if (room === 0) { this.#scene.stream.room = 0 } else { this.#scene.stream.allow(room) }
    },
    remoteEnd: () => { this.#ifOpen((stream) => { stream.onRemoteCloseWrite() }) },
    remoteReset: () => { this.#ifOpen((stream) => { stream.onRemoteReset() }) },
    connectionLost: () => { this.#ifOpen((stream) => { stream.onTransportClosed(this.#source.byte() % 2 === 0 ? undefined : new Error('lost')) }) },
    retire: () => { this.#scene.session.retire() },
    close: () => { this.#scene.session.close(this.#source.pick(['SHUTDOWN', 'TOO_SLOW', 'DUPLICATE_CONNECTION'] as const)) },
    handlers: () => { this.#scene.handlerMode = this.#source.pick(MODES) },
    release: () => { this.#scene.release() }
  }

  #requestId (): bigint | undefined {
    const choice = this.#source.byte() % 8

    return choice === 0 ? undefined : BigInt(choice)
  }

  #sendValid (message: WireMessage): void {
    const isHandshake = message.type === 'handshake'
    const isFirst = isHandshake && !this.#saidHandshake
    this.#isBlameless &&= isFirst || (this.#saidHandshake && BLAMELESS.has(message.type)) || message.type === 'disconnect'
    this.#saidHandshake ||= isHandshake
    this.#deliver(encodeFrame(encodeMessage(message, isHandshake ? undefined : this.#requestId())))
  }

  #sendForbidden (bytes: Uint8Array): void {
    this.#isBlameless = false
    this.#deliver(bytes)
  }

  #answer (): void {
    const request = this.#requests[this.#source.byte() % Math.max(1, this.#requests.length)]

    if (request?.id == null) {
      return
    }

    this.#isBlameless &&= request.isBlameless && request.answers++ === 0 && this.#saidHandshake
    const message: WireMessage = request.expects === 'responseBlock' ? { type: 'responseBlock' } : { type: 'responseBlockRange', blocks: [], last: true }
    this.#deliver(encodeFrame(encodeMessage(message, request.id)))
  }

  #deliver (bytes: Uint8Array): void {
    this.#lastFrame = bytes.byteLength > 0 ? bytes : this.#lastFrame

    // with the last one comes all of the rest
    for (let at = 0; at < bytes.byteLength && this.#chunksLeft > 0; at += this.#chunk) {
      this.#chunk = --this.#chunksLeft === 0 ? Infinity : this.#chunk
      this.#ifOpen((stream) => { stream.onData(bytes.slice(at, at + this.#chunk)) })
    }
  }

  /** Nothing comes from a stream that was reset, or whose remote has ended its side. */
  #ifOpen (act: (stream: Scene['stream']) => void): void {
    const { stream } = this.#scene

    if ((stream.status === 'open' || stream.status === 'closing') && stream.remoteWriteStatus === 'writable') {
      act(stream)
    }
  }

  #sent (): (WireMessage | undefined)[] {
    try {
      return messagesIn(this.#scene.stream.sent).map(({ message }) => message)
    } catch {
      // the last one is on its way
      return []
    }
  }

  #request (): void {
    const { session } = this.#scene
    const expects = this.#source.byte() % 2 === 0 ? 'responseBlock' : 'responseBlockRange'
    const { onResponse, isBlameless } = this.#source.pick(RESPONDERS)

    if (session.readyAt == null) {
      return
    }

    const request: MadeRequest = { id: undefined, expects, isBlameless, answers: 0, settled: 0, controller: new AbortController() }
    this.#requests.push(request)
    session.request({
      expects,
      send: (id) => {
        const isSent = session.send('control', { type: 'requestBlock', height: 1 }, id)
        // what was never sent is not to be answered
        request.id = isSent ? id : undefined

        return isSent
      },
      onResponse,
      signal: request.controller.signal
    }).then(() => { request.settled++ }, (err: unknown) => {
      request.settled++
      const { name, message } = err as Error
      assert(name === 'RequestError' || name === 'DisconnectedError' || message === 'aborted', `a request ended with ${name}: ${message}`)
    })
  }
}

/** What may happen, by the number that a script has for it. */
const STEP_NAMES = [
  'handshake', 'valid', 'broken', 'body', 'bytes', 'again', 'answer', 'pong', 'chunk', 'turn', 'advance', 'stall', 'request', 'abort', 'send', 'room',
  'remoteEnd', 'remoteReset', 'connectionLost', 'retire', 'close', 'handlers', 'release'
] as const

/** A script of steps, each with the bytes that it takes. */
export function script (...steps: [name: typeof STEP_NAMES[number], ...choices: number[]][]): Uint8Array {
  return Uint8Array.from([0, 0, 0, ...steps.flatMap(([name, ...choices]) => [STEP_NAMES.indexOf(name), ...choices])])
}

/** A session whose remote and whose owner do anything in any order, while another session is as it should be. */
export const session: Target = {
  name: 'session',
  share: 8,
  seeds: () => [
    script(['handshake'], ['turn', 1], ['pong', 0], ['turn', 1], ['advance', 9], ['pong', 0], ['advance', 10], ['turn', 0]),
    script(['handshake'], ['turn', 1], ...TEMPLATES.slice(0, 8).flatMap((_, index) => [['valid', index, 0], ['turn', 0]] as [typeof STEP_NAMES[number], ...number[]][])),
    // with the other caps and rates
    Uint8Array.from([1, 0, 1, ...script(['handshake'], ['turn', 1], ['valid', 0, 0], ['again', 20], ['advance', 4], ['send', 3, 3]).slice(3)]),
    Uint8Array.from([1, 0, 2, ...script(['handshake'], ['turn', 1], ['valid', 2, 0], ['again', 20], ['advance', 11]).slice(3)]),
    script(['handshake'], ['turn', 1], ['request', 0, 0], ['turn', 1], ['answer', 0], ['turn', 1], ['request', 1, 1], ['turn', 1], ['answer', 1], ['advance', 7]),
    script(['handshake'], ['turn', 1], ['request', 1, 3], ['request', 0, 2], ['abort', 0], ['answer', 0], ['answer', 1], ['turn', 1], ['close', 0]),
    script(['handshake'], ['turn', 1], ['handlers', 2], ['valid', 3, 0], ['again', 80], ['turn', 1], ['advance', 11], ['release'], ['turn', 1]),
    script(['chunk', 1], ['handshake'], ['turn', 1], ['valid', 2, 0], ['bytes', 3, 0xff, 0xff, 0x03], ['advance', 10]),
    script(['handshake'], ['turn', 1], ['room', 0], ['send', 3, 3], ['send', 14, 1], ['advance', 9], ['room', 4], ['turn', 0]),
    script(['handshake'], ['turn', 1], ['retire'], ['valid', 0, 0], ['turn', 1], ['remoteEnd'], ['turn', 1]),
    script(['handshake'], ['turn', 1], ['send', 2, 2], ['connectionLost', 1], ['turn', 1]),
    script(['handshake'], ['turn', 1], ['broken', 0, 0, 1, 0, 3, 0x80], ['turn', 1]),
    script(['body', 8, 4, 8, 1, 16, 5], ['turn', 1]),
    // a goodbye for a violation that there was none of
    script(['broken', 13, 0, 1, 0, 12, 3], ['turn', 1]),
    script(['advance', 7], ['handshake'], ['turn', 1]),
    script(['handshake'], ['turn', 1], ['stall', 11], ['turn', 2], ['pong', 0], ['stall', 5], ['turn', 1], ['remoteReset'])
  ],
  mutate: mutateBytes,
  run: async (input) => {
    const source = new ByteSource(input)
    const clock = new FakeClock()
    const world = { clock, throttle: new Throttle({ clock, limits: source.pick(CAPS) }), reading: new ReadingTurns(clock) }
    const bystander = new Bystander(world)
    await turns(2)
    await new Script(source, { world, bystander }).run()
  }
}
