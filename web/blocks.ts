import { create, find } from './dom.ts'
import { formatTime, shorten } from './format.ts'
import { firstOf, renderTravel, spreadOf } from './travel.ts'
import type { Arrival } from './travel.ts'
import type { WebReport } from '../src/web/protocol.ts'

/** Blocks that are shown, the last ones. */
const SHOWN_BLOCKS = 8

/** A block, and when each node has had it. */
interface Travel {
  hash: string
  height: number
  transactions: number
  arrivals: Arrival[]
}

/** Shows the last blocks, and after which time each node has had them. */
export class Blocks {
  readonly #list = find('blocks')
  readonly #travels: Travel[] = []

  /** Takes note of a block that a node has made or accepted. */
  add ({ at, node, block }: WebReport): void {
    if (block == null) {
      return
    }

    let travel = this.#travels.find(({ hash }) => hash === block.hash)

    if (travel == null) {
      travel = { hash: block.hash, height: block.height, transactions: block.transactions, arrivals: [] }
      this.#travels.unshift(travel)
      this.#travels.splice(SHOWN_BLOCKS * 2)
    }

    if (!travel.arrivals.some((arrival) => arrival.node === node)) {
      travel.arrivals.push({ node, at, from: block.from })
    }
  }

  /** Shows the blocks that were known at this moment; `undefined` for all. */
  show (until: number | undefined): void {
    const shown = this.#travels.filter(({ arrivals }) => until == null || firstOf(arrivals) <= until).slice(0, SHOWN_BLOCKS)
    this.#list.replaceChildren(...(shown.length === 0 ? [create('li', { className: 'hint' }, 'No block yet.')] : shown.map(render)))
  }
}

function render ({ hash, height, transactions, arrivals }: Travel): HTMLLIElement {
  return create('li', {},
    create('div', { className: 'head' },
      create('b', {}, `${height} · ${shorten(hash)}`),
      create('span', {}, `${transactions} tx · ${spreadOf(arrivals)} · ${formatTime(firstOf(arrivals))}`)),
    renderTravel(arrivals, 'block'))
}
