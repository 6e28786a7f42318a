import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'

/** Bytes on their way in one direction, above which no more are read: what 50 ms hold at more than 300 MB/s. */
export const MAX_DELAYED_BYTES: number = 16 * 1024 * 1024

/** What a proxy is made with. */
export interface DelayProxyInit {
  /** The port on this machine that connections go on to. */
  port: number
  /** What the way there and back takes longer, in ms: half of it in each direction. */
  roundTripMs: number
}

/** A TCP proxy on this machine that hands on everything in its order, but later. */
export interface DelayProxy {
  /** Where it listens, at 127.0.0.1. */
  port: number
  /** Ends it, and all its connections at once. */
  close: () => Promise<void>
}

/** Starts a proxy in this process. */
export async function startDelayProxy ({ port, roundTripMs }: DelayProxyInit): Promise<DelayProxy> {
  const sockets = new Set<Socket>()

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (inbound) => {
    const outbound = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true })

    for (const [from, to] of [[inbound, outbound], [outbound, inbound]] as const) {
      sockets.add(from)
      from.once('close', () => { sockets.delete(from) })
      // an end in peace takes its time like everything else
      from.once('error', () => { reset(to) })
      new DelayLine(from, to, roundTripMs / 2).start()
    }
  })

  await listen(server)

  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      sockets.forEach((socket) => { socket.destroy() })
      await closed
    }
  }
}

async function listen (server: Server): Promise<void> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
}

/** One direction of one connection. */
class DelayLine {
  readonly #from: Socket
  readonly #to: Socket
  readonly #delayMs: number
  /** What is on its way, and when it is there; without bytes, it is the end. */
  readonly #waiting: { at: number, bytes: Buffer | undefined }[] = []
  #bytes = 0
  #timer: NodeJS.Timeout | undefined

  constructor (from: Socket, to: Socket, delayMs: number) {
    this.#from = from
    this.#to = to
    this.#delayMs = delayMs
  }

  start (): void {
    this.#from.on('data', (bytes) => { this.#push(bytes) })
    this.#from.once('end', () => { this.#push(undefined) })
    this.#to.once('close', () => { clearTimeout(this.#timer) })
    this.#to.on('drain', () => { this.#deliver() })
  }

  #push (bytes: Buffer | undefined): void {
    this.#waiting.push({ at: performance.now() + this.#delayMs, bytes })
    this.#bytes += bytes?.byteLength ?? 0

    if (this.#bytes >= MAX_DELAYED_BYTES) {
      this.#from.pause()
    }

    this.#schedule()
  }

  #schedule (): void {
    const [first] = this.#waiting

    if (first != null && !this.#to.destroyed && this.#timer == null && !this.#to.writableNeedDrain) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined
        this.#deliver()
      }, Math.max(0, first.at - performance.now()))
    }
  }

  #deliver (): void {
    const now = performance.now()
    // a timer may be early by less than a millisecond
    const due = this.#waiting.findIndex(({ at }) => at > now + 1)
    const arrived = this.#waiting.splice(0, due === -1 ? this.#waiting.length : due)

    for (const { bytes } of arrived) {
      if (bytes == null) {
        this.#to.end()
      } else {
        this.#to.write(bytes)
        this.#bytes -= bytes.byteLength
      }
    }

    if (this.#bytes < MAX_DELAYED_BYTES && this.#from.isPaused()) {
      this.#from.resume()
    }

    this.#schedule()
  }
}

/** A reset while the end of a socket is on its way fails in Node.js 24, and leaves a handle for which the process never exits. */
function reset (socket: Socket): void {
  if (socket.writableEnded) {
    socket.destroy()
  } else {
    socket.resetAndDestroy()
  }
}
