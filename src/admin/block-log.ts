import type { Network } from '../network.ts'
import type { VibeCoinEvents } from '../service/reports/events.ts'
import type { BlockTimeline } from '../types/timeline.ts'

/** Blocks whose way into the node is remembered for the admin socket. The oldest is forgotten first. */
export const MAX_LOGGED_BLOCKS = 64

/** Remembers the timelines of the last blocks of a network. */
export class BlockLog {
  readonly #network: Pick<Network, 'addEventListener' | 'removeEventListener'>
  readonly #timelines: BlockTimeline[] = []
  readonly #onTimeline = ({ detail }: VibeCoinEvents['block:timeline']): void => {
    this.#timelines.push(detail)
    this.#timelines.splice(0, this.#timelines.length - MAX_LOGGED_BLOCKS)
  }

  constructor (network: Pick<Network, 'addEventListener' | 'removeEventListener'>) {
    this.#network = network
    network.addEventListener('block:timeline', this.#onTimeline)
  }

  /** The newest first. */
  get list (): BlockTimeline[] {
    return this.#timelines.toReversed()
  }

  /** Listens no more. */
  stop (): void {
    this.#network.removeEventListener('block:timeline', this.#onTimeline)
  }
}
