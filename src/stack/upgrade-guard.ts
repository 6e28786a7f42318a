import { MAX_UPGRADES, MAX_UPGRADES_PER_HOST, UPGRADE_TIMEOUT_MS } from './web-socket-limits.ts'
import { systemClock } from '../clock.ts'
import type { Clock } from '../clock.ts'

/** Where a connection comes from, as `node:net` has it. */
export interface Remote { readonly remoteAddress?: string | undefined, readonly remotePort?: number | undefined }

/** What is asked of a socket of `node:net`. */
export interface WaitingSocket extends Remote {
  destroy (): unknown
  once (event: 'close', listener: () => void): unknown
}

/** Bounds the TCP connections whose WebSocket handshake is under way: how many, how many of one host, and how long. */
export class UpgradeGuard {
  readonly #clock: Clock
  /** The oldest first. */
  readonly #waiting = new Map<string, { socket: WaitingSocket, host: string, timer: unknown }>()

  constructor (clock: Clock = systemClock) {
    this.#clock = clock
  }

  /** Connections that wait. */
  get size (): number {
    return this.#waiting.size
  }

  /** Takes a new connection, or destroys it where its host has too many. */
  add (socket: WaitingSocket): void {
    const host = socket.remoteAddress ?? ''
    const ofHost = [...this.#waiting.values()].filter((other) => other.host === host)

    if (ofHost.length >= MAX_UPGRADES_PER_HOST) {
      socket.destroy()
      return
    }

    const [oldest] = this.#waiting

    if (oldest != null && this.#waiting.size >= MAX_UPGRADES) {
      this.#remove(oldest[0])
      oldest[1].socket.destroy()
    }

    const key = keyOf(socket)
    const timer = this.#clock.setTimeout(() => { socket.destroy() }, UPGRADE_TIMEOUT_MS)
    this.#waiting.set(key, { socket, host, timer })

    socket.once('close', () => {
      if (this.#waiting.get(key)?.socket === socket) {
        this.#remove(key)
      }
    })
  }

  /** Lets go of a connection whose handshake is done. */
  delete (remote: Remote): void {
    this.#remove(keyOf(remote))
  }

  /** Cuts all that wait. */
  end (): void {
    [...this.#waiting.values()].forEach(({ socket }) => { socket.destroy() })
  }

  #remove (key: string): void {
    this.#clock.clearTimeout(this.#waiting.get(key)?.timer)
    this.#waiting.delete(key)
  }
}

function keyOf ({ remoteAddress, remotePort }: Remote): string {
  return `${remoteAddress} ${remotePort}`
}
