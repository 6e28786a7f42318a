import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'

/** What may be wrong with a link, beside that it is slow. */
export type Trouble = 'hole' | 'half-hole' | 'cut'

/** Where a server of this machine listens. */
export interface Place { host: string, port: number }

/** Bytes on their way in one direction of a slow link, above which no more are read. */
export const MAX_WAITING_BYTES: number = 4 * 1024 * 1024

/**
 * A TCP proxy in this process, in front of a server of this machine, that can be made to fail. In a hole nothing passes and nobody is
 * told, and what was on its way comes when it is over; in half of one that holds for whoever has connected. A cut resets
 * what is there and what comes. Several things may be wrong at a time, and more than once.
 */
export class Link {
  readonly #server: Server
  readonly #to: () => Place | undefined
  readonly #pipes = new Set<Pipe>()
  /** Those who have connected to a hole. */
  readonly #waiting = new Set<Socket>()
  readonly #troubles: Record<Trouble, number> = { hole: 0, 'half-hole': 0, cut: 0 }
  #delayMs = 0

  private constructor (to: () => Place | undefined) {
    this.#to = to
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (inbound) => { this.#accept(inbound) })
  }

  /** Starts one in front of a server, or of whatever server there is when a connection comes. Without one it resets the connection. */
  static async start (to: Place | (() => Place | undefined)): Promise<Link> {
    const link = new Link(typeof to === 'function' ? to : () => to)
    link.#server.listen(0, '127.0.0.1')
    await once(link.#server, 'listening')

    return link
  }

  /** Where it listens, at 127.0.0.1. */
  get port (): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** How many connections there are, those that wait included. */
  get connections (): number {
    return this.#pipes.size / 2 + this.#waiting.size
  }

  /** Makes it fail in one way more. Returns what takes that back. */
  break (trouble: Trouble): () => void {
    this.#troubles[trouble]++
    this.#onChange()

    return () => {
      this.#troubles[trouble]--
      this.#onChange()
    }
  }

  /** Makes it slower by `ms` in each direction. Returns what takes that back. */
  delay (ms: number): () => void {
    this.#delayMs += ms

    return () => { this.#delayMs -= ms }
  }

  /** Ends it, and all its connections at once. */
  async close (): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#reset()
    await closed
  }

  #accept (inbound: Socket): void {
    inbound.on('error', () => {})

    if (this.#troubles.cut > 0) {
      reset(inbound)
    } else if (this.#troubles.hole > 0 || this.#troubles['half-hole'] > 0) {
      this.#waiting.add(inbound)
      inbound.once('close', () => { this.#waiting.delete(inbound) })
    } else {
      this.#forward(inbound)
    }
  }

  #forward (inbound: Socket): void {
    const to = this.#to()

    if (to == null) {
      reset(inbound)
      return
    }

    const outbound = connect({ ...to, allowHalfOpen: true, noDelay: true })
    const delayMs = (): number => this.#delayMs

    const there = new Pipe({ from: inbound, to: outbound, delayMs })
    const back = new Pipe({ from: outbound, to: inbound, delayMs, isBack: true })

    for (const pipe of [there, back]) {
      this.#pipes.add(pipe)
      pipe.from.once('close', () => { this.#pipes.delete(pipe) })
    }
  }

  #onChange (): void {
    const { cut, hole, 'half-hole': halfHole } = this.#troubles

    if (cut > 0) {
      this.#reset()
    }

    this.#pipes.forEach((pipe) => { pipe.hold(hole > 0 || (halfHole > 0 && !pipe.isBack)) })

    if (hole + halfHole === 0) {
      const waiting = [...this.#waiting]
      this.#waiting.clear()
      waiting.forEach((socket) => { this.#accept(socket) })
    }
  }

  #reset (): void {
    this.#pipes.forEach(({ from }) => { reset(from) })
    this.#waiting.forEach(reset)
  }
}

/** One direction of one connection. */
class Pipe {
  readonly from: Socket
  /** Whether it leads to whoever has connected. */
  readonly isBack: boolean
  readonly #to: Socket
  readonly #delayMs: () => number
  /** What is on its way, and when it is there; without bytes, it is the end. */
  readonly #waiting: { at: number, bytes: Buffer | undefined }[] = []
  #bytes = 0
  #isHeld = false
  #timer: NodeJS.Timeout | undefined

  constructor ({ from, to, delayMs, isBack = false }: { from: Socket, to: Socket, delayMs: () => number, isBack?: boolean }) {
    this.from = from
    this.isBack = isBack
    this.#to = to
    this.#delayMs = delayMs
    from.on('data', (bytes) => { this.#push(bytes) })
    from.once('end', () => { this.#push(undefined) })
    from.on('error', () => { reset(to) })
    // a reset that was ours is no error there
    from.once('close', () => { this.#onClosed() })
    to.once('close', () => { clearTimeout(this.#timer) })
    to.on('drain', () => { this.#deliver() })
  }

  /** Lets nothing pass, or everything again. A socket that is not read hears of no end either. */
  hold (isHeld: boolean): void {
    this.#isHeld = isHeld
    this.#pump()
    this.#deliver()
  }

  #push (bytes: Buffer | undefined): void {
    // the delay may have become less meanwhile: nothing overtakes
    const at = Math.max(performance.now() + this.#delayMs(), this.#waiting.at(-1)?.at ?? 0)
    this.#waiting.push({ at, bytes })
    this.#bytes += bytes?.byteLength ?? 0
    this.#deliver()
    this.#pump()
  }

  #deliver (): void {
    clearTimeout(this.#timer)
    const now = performance.now()

    while (!this.#isHeld && !this.#to.destroyed && !this.#to.writableNeedDrain && (this.#waiting[0]?.at ?? Infinity) <= now) {
      const { bytes } = this.#waiting.shift()!
      this.#bytes -= bytes?.byteLength ?? 0

      if (bytes == null) {
        this.#to.end()
      } else {
        this.#to.write(bytes)
      }
    }

    const [next] = this.#waiting

    if (next != null && next.at > now && !this.#isHeld && !this.#to.destroyed) {
      this.#timer = setTimeout(() => { this.#deliver() }, Math.ceil(next.at - now))
    }

    this.#pump()
  }

  #pump (): void {
    if (this.#isHeld || this.#bytes >= MAX_WAITING_BYTES || this.#to.writableNeedDrain) {
      this.from.pause()
    } else {
      this.from.resume()
    }
  }

  #onClosed (): void {
    if (!this.from.readableEnded) {
      reset(this.#to)
    }
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
