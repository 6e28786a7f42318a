import assert from 'node:assert/strict'
import { defaultLogger } from '@libp2p/logger'
import { DEFAULTS } from '../../../src/config/defaults.ts'
import { FrameReader } from '../../../src/codec/frame.ts'
import { decodeMessage } from '../../../src/codec/message.ts'
import { Session } from '../../../src/session/session.ts'
import { CLOSE_TIMEOUT_MS } from '../../../src/session/close.ts'
import { UNKNOWN_LOCATION } from '../../../src/address/location.ts'
import { turns } from '../../support/eventually.ts'
import { sampleNodeInfo } from '../../support/sample.ts'
import { frameOf, ScriptedStream } from '../../support/stream-pair.ts'
import { FEATURES } from '../../../src/types/features.ts'
import { systemChance } from '../../../src/util/chance.ts'
import type { FakeClock } from '../../support/fake-clock.ts'
import type { AdmissionAnswer, Closure, SessionConfig } from '../../../src/session/types.ts'
import type { WireMessage } from '../../../src/types/message.ts'
import type { Throttle } from '../../../src/bandwidth/throttle.ts'
import type { ReadingTurns } from '../../../src/session/read/reading-turns.ts'
import type { RateLimits } from '../../../src/types/limits.ts'
import type { SendResult } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

const CONFIG: SessionConfig = {
  maxFrameBytes: 64 * 1024,
  handshakeTimeout: 10_000,
  frameTimeout: 30_000,
  pingInterval: 30_000,
  pingTimeout: 30_000,
  requestTimeout: 10_000,
  sendTimeout: 30_000,
  rateLimits: DEFAULTS.rateLimits,
  limits: DEFAULTS.limits
}

const LOCAL = sampleNodeInfo({ nodeId: 'local', bestHeight: 7 })

/** What a good remote says. */
export const REMOTE = sampleNodeInfo({ nodeId: 'remote' })

/** More than any script makes a session send in one piece. */
const MAX_BYTES = 64 * 1024 * 1024

/** How long somebody who does nothing wrong may have to wait for a pong, caps and all, in ms. */
const ANSWER_MS = 2000

const log = defaultLogger().forComponent('test:fuzz')

/** What is around a session. */
export interface World {
  clock: FakeClock
  /** The caps that all sessions share. */
  throttle: Throttle
  /** The time in which all of them are read. */
  reading: ReadingTurns
}

/** How the handlers of the application behave. */
export type HandlerMode = 'nothing' | 'done' | 'pending'

/** A remote that answers pings, as it should. */
class GoodRemote extends ScriptedStream {
  override sendData (data: Uint8ArrayList): SendResult {
    const result = super.sendData(data)

    for (const message of messagesOf(data.subarray())) {
      if (message?.type === 'ping') {
        queueMicrotask(() => {
          if (this.status === 'open') { this.onData(frameOf({ type: 'pong', nonce: message.nonce, bestHeight: 1 })) }
        })
      }
    }

    return result
  }
}

/** The messages in what was sent, the last of which may be cut short. */
function messagesOf (bytes: Uint8Array): (WireMessage | undefined)[] {
  return [...new FrameReader({ maxBytes: () => MAX_BYTES }).cut(bytes)].map((frame) => decodeMessage(frame, FEATURES).message)
}

interface SceneInit {
  admission: AdmissionAnswer
  rateLimits?: RateLimits
  stream?: ScriptedStream
}

/** A session, the stream that a script plays the remote of, and whatever has to hold for the two. */
export class Scene {
  readonly clock: FakeClock
  readonly stream: ScriptedStream
  readonly session: Session
  readonly closures: Closure[] = []
  /** What it was found to have done that is forbidden. */
  readonly violations: string[] = []
  handlerMode: HandlerMode = 'nothing'
  #isAdmitted = false
  #readies = 0
  #release: (() => void)[] = []
  #readySettled = 0

  constructor (
    { clock, throttle, reading }: World, { admission, rateLimits = DEFAULTS.rateLimits, stream = new ScriptedStream() }: SceneInit
  ) {
    this.clock = clock
    this.stream = stream
    this.session = new Session({
      stream,
      id: 'remote-id',
      address: '/ip4/127.0.0.1/tcp/8765',
      location: UNKNOWN_LOCATION,
      direction: 'inbound',
      config: { ...CONFIG, rateLimits },
      clock,
      chance: systemChance,
      throttle,
      reading,
      log,
      hooks: {
        localNode: async () => LOCAL,
        bestHeight: () => 7,
        admit: () => {
          this.#isAdmitted = admission === 'ready' || admission === 'replaced'

          return admission
        },
        onReady: () => { this.#readies++ },
        onViolation: (detail) => { this.violations.push(detail) },
        onMessage: () => this.#onMessage(),
        onClosed: (closure) => { this.closures.push(closure) }
      }
    })
    const settle = (): void => { this.#readySettled++ }
    this.session.ready.then(settle, settle)
    void this.session.start()
  }

  /** Lets the handlers of the application that have not come to an end do so. */
  release (): void {
    const released = this.#release
    this.#release = []
    for (const resolve of released) { resolve() }
  }

  /** What holds at any time. */
  check (): void {
    const { bufferedBytes, state } = this.session
    assert(bufferedBytes.out <= DEFAULTS.limits.outboxHardBytes + CONFIG.maxFrameBytes, 'more waits to be sent than may')
    assert(this.closures.length <= 1, 'closed more than once')
    assert.equal(state === 'closed', this.closures.length === 1, 'closed, and nobody was told')
    assert(this.#readies <= 1, 'ready more than once')
  }

  /** Ends the session, and sees to it that nothing is left of it. */
  async end (): Promise<void> {
    this.release()
    this.session.close('SHUTDOWN')
    let isFinished = false
    void this.session.finished.then(() => { isFinished = true })
    await this.clock.advance(CLOSE_TIMEOUT_MS)
    await turns(1)
    assert(isFinished, 'not finished half a second after its end')
    this.check()
    assert.equal(this.closures.length, 1)
    const [{ reason, byRemote }] = this.closures as [Closure]
    // the remote may say that it was us
    assert(reason !== 'PROTOCOL_VIOLATION' || byRemote || this.violations.length === 1, 'a violation was not told of once')
    assert.equal(this.#readySettled, 1, 'whether it became ready was never told')
    assert.deepEqual(this.session.bufferedBytes, { in: 0, out: 0 })
    assert(Buffer.byteLength(this.closures[0]!.detail) <= 4096, 'told too much')
    assert.notEqual(this.stream.status, 'open')
    this.checkSent()
  }

  /** What was sent begins with the handshake and ends with the goodbye. */
  checkSent (): void {
    const types = messagesOf(this.stream.sent).map((message) => message?.type)
    const goodbye = types.indexOf('disconnect')
    assert(types.length === 0 || types[0] === 'handshake' || goodbye === 0, `began with a ${types[0]}`)
    assert(goodbye === -1 || goodbye === types.length - 1, `sent a ${types[goodbye + 1]} after its goodbye`)
    assert(types.lastIndexOf('handshake') <= 0, 'sent two handshakes')
    assert(this.#isAdmitted || types.every((type) => type === 'handshake' || type === 'disconnect'), 'spoke before the handshake')
  }

  #onMessage (): Promise<void> | undefined {
    assert.equal(this.session.state, 'ready', 'a message that came while not ready was handled')
    assert(this.#isAdmitted, 'a message of somebody who was not admitted was handled')

    switch (this.handlerMode) {
      case 'nothing': return undefined
      case 'done': return Promise.resolve()
      case 'pending': return new Promise((resolve) => { this.#release.push(resolve) })
    }
  }
}

/** A session with somebody who does everything right, while others do not. */
export class Bystander {
  readonly #scene: Scene

  constructor (world: World) {
    this.#scene = new Scene(world, { admission: 'ready', stream: new GoodRemote() })
    this.#scene.stream.onData(frameOf({ type: 'handshake', node: REMOTE }))
  }

  /** It is there, and answers. */
  async check (): Promise<void> {
    const { session, stream } = this.#scene
    stream.onData(frameOf({ type: 'ping', nonce: 4711n, bestHeight: 1 }))
    await this.#scene.clock.advance(ANSWER_MS)
    assert.equal(session.state, 'ready', `a peer that did nothing wrong was lost: ${JSON.stringify(this.#scene.closures)}`)
    assert(messagesOf(stream.sent).some((message) => message?.type === 'pong' && message.nonce === 4711n), 'a peer that did nothing wrong got no pong')
  }

  async end (): Promise<void> {
    await this.#scene.end()
  }
}
