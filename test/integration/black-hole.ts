import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'

/** Which way is cut: that of those who have connected, or both. */
export type Cut = 'there' | 'both'

/**
 * A TCP proxy on this machine whose link can be cut, as by a cable that is pulled: nothing passes, and nobody is told. What was on
 * its way comes when it is healed.
 */
export class BlackHole {
  readonly #server: Server
  readonly #port: number
  readonly #sockets = new Set<Socket>()
  /** Those who have connected while it was cut, and are waiting. */
  readonly #waiting = new Set<Socket>()
  #cut: Cut | undefined

  private constructor (port: number) {
    this.#port = port
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (inbound) => { this.#accept(inbound) })
  }

  /** Starts one in this process, in front of a port of this machine. */
  static async start (port: number): Promise<BlackHole> {
    const hole = new BlackHole(port)
    hole.#server.listen(0, '127.0.0.1')
    await once(hole.#server, 'listening')

    return hole
  }

  /** Where it listens, without a peer id. */
  get address (): string {
    return `/ip4/127.0.0.1/tcp/${(this.#server.address() as AddressInfo).port}`
  }

  cut (which: Cut): void {
    this.#cut = which
    this.#sockets.forEach((socket) => { this.#pump(socket) })
  }

  heal (): void {
    this.#cut = undefined
    this.#sockets.forEach((socket) => { this.#pump(socket) })
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    waiting.forEach((socket) => { this.#accept(socket) })
  }

  /** Ends it, and all its connections at once. */
  async close (): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#sockets.forEach((socket) => { socket.destroy() })
    this.#waiting.forEach((socket) => { socket.destroy() })
    await closed
  }

  #accept (inbound: Socket): void {
    if (this.#cut != null) {
      this.#waiting.add(inbound)
      inbound.on('error', () => {})
      return
    }

    const outbound = connect({ host: '127.0.0.1', port: this.#port, allowHalfOpen: true, noDelay: true })
    this.#join(inbound, outbound)
    this.#join(outbound, inbound)
  }

  #join (from: Socket, to: Socket): void {
    this.#sockets.add(from)
    from.on('data', (bytes) => {
      if (!to.write(bytes)) {
        from.pause()
      }
    })
    to.on('drain', () => { this.#pump(from) })
    from.once('end', () => { to.end() })
    from.once('error', () => { reset(to) })
    from.once('close', () => { this.#sockets.delete(from) })
  }

  /** Reads on, or not: a socket that is not read hears of no end either. */
  #pump (from: Socket): void {
    const isCut = this.#cut === 'both' || (this.#cut === 'there' && from.localPort === (this.#server.address() as AddressInfo).port)

    if (isCut) {
      from.pause()
    } else {
      from.resume()
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
