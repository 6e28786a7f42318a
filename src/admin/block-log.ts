import { systemClock } from '../util/clock.ts'
import type { Network } from '../network.ts'
import type { VibeCoinEvents } from '../service/reports/events.ts'

/** Blocks whose way into the node is remembered for the admin socket. The oldest is forgotten first. */
export const MAX_LOGGED_BLOCKS = 64

/** A block that a peer has brought, and that the node has accepted. */
export interface LoggedBlock {
  height: number
  /** In hexadecimal. */
  hash: string
  transactions: number
  /** The libp2p peer id of the peer that it came from. */
  peer: string
  /** When it was accepted, in ms since the Unix epoch. */
  at: number
}

/** Remembers the last blocks of a network. */
export class BlockLog {
  readonly #network: Pick<Network, 'addEventListener' | 'removeEventListener'>
  readonly #blocks: LoggedBlock[] = []
  readonly #onBlock = ({ detail: { block, peer } }: VibeCoinEvents['block']): void => {
    const { height, hash, transactions } = block
    this.#blocks.push({ height, hash: Buffer.from(hash).toString('hex'), transactions: transactions.length, peer: peer.id, at: systemClock.date() })
    this.#blocks.splice(0, this.#blocks.length - MAX_LOGGED_BLOCKS)
  }

  constructor (network: Pick<Network, 'addEventListener' | 'removeEventListener'>) {
    this.#network = network
    network.addEventListener('block', this.#onBlock)
  }

  /** The newest first. */
  get list (): LoggedBlock[] {
    return this.#blocks.toReversed()
  }

  /** Listens no more. */
  stop (): void {
    this.#network.removeEventListener('block', this.#onBlock)
  }
}
