import { BoundedWaiters } from '../../../address/host-limits.ts'
import { MAX_UPGRADES, MAX_UPGRADES_PER_HOST, UPGRADE_TIMEOUT_MS } from './limits.ts'
import { systemClock } from '../../../util/clock.ts'
import { locationOfIp } from '../../../address/location.ts'
import type { Clock } from '../../../util/clock.ts'
import type { LocationOfIp } from '../../../address/location.ts'

/** Where a connection comes from, as `node:net` has it. */
export interface Remote { readonly remoteAddress?: string | undefined, readonly remotePort?: number | undefined }

/** What is asked of a socket of `node:net`. */
export interface WaitingSocket extends Remote {
  destroy (): unknown
  once (event: 'close', listener: () => void): unknown
}

/** Bounds the TCP connections whose WebSocket handshake is under way: how many, how many of one host, and how long. */
export class HalfOpenUpgrades {
  readonly #clock: Clock
  readonly #locationOfIp: LocationOfIp
  readonly #waiting = new Map<string, { socket: WaitingSocket, timer: unknown }>()
  readonly #room = new BoundedWaiters<WaitingSocket>({ max: MAX_UPGRADES, maxPerHost: MAX_UPGRADES_PER_HOST }, (socket) => {
    this.delete(socket)
    socket.destroy()
  })

  constructor (clock: Clock = systemClock, rule: LocationOfIp = locationOfIp) {
    this.#clock = clock
    this.#locationOfIp = rule
  }

  /** Connections that wait. */
  get size (): number {
    return this.#waiting.size
  }

  /** Takes a new connection. Of too many it destroys the oldest of the host with the most, in the netgroup with the most. */
  add (socket: WaitingSocket): void {
    const key = keyOf(socket)
    const timer = this.#clock.setTimeout(() => { socket.destroy() }, UPGRADE_TIMEOUT_MS)
    this.#waiting.set(key, { socket, timer })

    socket.once('close', () => {
      if (this.#waiting.get(key)?.socket === socket) {
        this.delete(socket)
      }
    })

    this.#room.add(socket, this.#locationOfIp(socket.remoteAddress ?? ''))
  }

  /** Lets go of a connection whose handshake is done. */
  delete (remote: Remote): void {
    const key = keyOf(remote)
    const entry = this.#waiting.get(key)

    if (entry != null) {
      this.#clock.clearTimeout(entry.timer)
      this.#waiting.delete(key)
      this.#room.delete(entry.socket)
    }
  }

  /** Cuts all that wait. */
  end (): void {
    [...this.#waiting.values()].forEach(({ socket }) => { socket.destroy() })
  }
}

function keyOf ({ remoteAddress, remotePort }: Remote): string {
  return `${remoteAddress} ${remotePort}`
}
