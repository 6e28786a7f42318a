import { createServer } from 'node:net'

/** Where the identities of a check dial from. What the target holds against an address that is fresh reaches no other check. */
export interface Source {
  /** The address of all identities; `undefined` where each gets a new one, or the operating system chooses. */
  readonly address: string | undefined
  /** Whether each identity gets an address that no other has. */
  readonly isFresh: boolean
  /** The address of the next identity; `undefined` where the operating system chooses. */
  next: () => string | undefined
}

/** The loopback addresses that are given away, 127.64.0.1 and those after it. */
const FIRST_LOOPBACK = 127 * 2 ** 24 + 64 * 2 ** 16 + 1

/** Leases local addresses to checks. */
export class Sources {
  readonly #isLoopback: boolean
  readonly #free: Source[]
  readonly #waiting: ((source: Source) => void)[] = []
  #next = FIRST_LOOPBACK

  private constructor (isLoopback: boolean, addresses: readonly string[]) {
    this.#isLoopback = isLoopback
    this.#free = (addresses.length === 0 ? [undefined] : addresses).map((address) => ({ address, isFresh: false, next: () => address }))
  }

  /** For a target at `host`, from `addresses` if there are some. On loopback each lease is another address, where the system has them. */
  static async open (host: string, addresses: readonly string[]): Promise<Sources> {
    const isLoopback = addresses.length === 0 && host.startsWith('127.') && await canListen('127.64.0.1')

    return new Sources(isLoopback, addresses)
  }

  /** Whether each lease is another address. */
  get areFresh (): boolean { return this.#isLoopback }

  /** How many may be leased at a time. */
  get size (): number { return this.#isLoopback ? Infinity : this.#free.length }

  async lease (): Promise<Source> {
    if (this.#isLoopback) {
      return { address: undefined, isFresh: true, next: () => this.#nextLoopback() }
    }

    return this.#free.shift() ?? new Promise((resolve) => { this.#waiting.push(resolve) })
  }

  #nextLoopback (): string {
    const number = this.#next++

    return [24, 16, 8, 0].map((bits) => (number >>> bits) & 255).join('.')
  }

  release (source: Source): void {
    if (!source.isFresh) {
      const next = this.#waiting.shift()

      if (next == null) {
        this.#free.push(source)
      } else {
        next(source)
      }
    }
  }
}

async function canListen (address: string): Promise<boolean> {
  const server = createServer()

  return new Promise((resolve) => {
    server.once('error', () => { resolve(false) })
    server.listen(0, address, () => { server.close(() => { resolve(true) }) })
  })
}
