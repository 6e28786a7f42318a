import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { MAX_GATEWAY_ANSWER_BYTES } from './pcp.ts'
import { GATEWAY_PORT } from './protocol.ts'
import { backoff } from '../../../util/backoff.ts'
import type { Clock } from '../../../util/clock.ts'
import type { Socket } from 'node:dgram'

/** How often the node asks a gateway, which may lose packets. */
export const GATEWAY_TRIES = 4

/** The pauses between the tries, in ms. All of them together are what a gateway has for an answer: 3.75 s. */
export const GATEWAY_PAUSES = { first: 250, longest: 2000 } as const

/** Whom and how {@link GatewaySocket} asks. */
export interface GatewaySocketInit {
  gateway: string
  clock: Clock
  /** Ends all that waits. */
  signal: AbortSignal
  /** Where the gateway answers. */
  port?: number
}

/** A question, and what makes an answer of bytes. */
export interface Question<Result> {
  bytes: Uint8Array
  /** `undefined` for what is no answer to this question: the node waits on. */
  parse: (bytes: Uint8Array) => Result | undefined
}

/**
 * Asks a gateway over UDP. The socket takes packets of the gateway alone, and keeps none of them. Where a gateway has no such service,
 * the answer is `undefined` at once.
 */
export class GatewaySocket {
  readonly #init: GatewaySocketInit
  readonly #socket: Socket

  private constructor (socket: Socket, init: GatewaySocketInit) {
    this.#socket = socket
    this.#init = init
  }

  /** Opens one. To be closed by the caller. */
  static async open (init: GatewaySocketInit): Promise<GatewaySocket> {
    const socket = createSocket('udp4')
    // as many as there are questions
    socket.setMaxListeners(0)
    // what comes of a packet that the gateway refuses is heard by the question that waits
    socket.on('error', () => {})

    try {
      socket.connect(init.port ?? GATEWAY_PORT, init.gateway)
      await once(socket, 'connect', { signal: init.signal })
    } catch (err) {
      socket.close()
      throw err
    }

    return new GatewaySocket(socket, init)
  }

  /** The address of this machine that the gateway sees. */
  get localAddress (): string {
    return this.#socket.address().address
  }

  close (): void {
    this.#socket.close()
  }

  /** The answer of the gateway; `undefined` where it gives none. Rejects when the signal is aborted. */
  async ask<Result> ({ bytes, parse }: Question<Result>, tries: number = GATEWAY_TRIES): Promise<Result | undefined> {
    const { clock, signal } = this.#init
    const { promise, resolve, reject } = Promise.withResolvers<Result | undefined>()
    const onError = (): void => { resolve(undefined) }
    const onAbort = (): void => { reject(signal.reason as Error) }
    const onMessage = (message: Uint8Array): void => {
      const answer = message.byteLength > MAX_GATEWAY_ANSWER_BYTES ? undefined : parse(message)

      if (answer != null) {
        resolve(answer)
      }
    }
    let timer: unknown
    const send = (n: number): void => {
      if (n > tries) {
        resolve(undefined)
        return
      }

      // a packet that cannot be sent is lost like any other
      this.#socket.send(bytes, () => {})
      timer = clock.setTimeout(() => { send(n + 1) }, backoff(GATEWAY_PAUSES, n))
    }

    try {
      signal.throwIfAborted()
      signal.addEventListener('abort', onAbort)
      this.#socket.on('error', onError)
      this.#socket.on('message', onMessage)
      send(1)

      return await promise
    } finally {
      clock.clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      this.#socket.off('error', onError)
      this.#socket.off('message', onMessage)
    }
  }
}
