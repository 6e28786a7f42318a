import { create, find } from './dom.ts'
import { formatMs, formatTime, shorten } from './format.ts'
import type { WebReport } from '../src/web/protocol.ts'

/** Blocks that are shown, the last ones. */
const SHOWN_BLOCKS = 8

/** A block, and when each node has had it. */
interface Travel {
  hash: string
  height: number
  transactions: number
  /** When it was first heard of. */
  at: number
  arrivals: { node: string, at: number, isMaker: boolean }[]
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
      travel = { hash: block.hash, height: block.height, transactions: block.transactions, at, arrivals: [] }
      this.#travels.unshift(travel)
      this.#travels.splice(SHOWN_BLOCKS * 2)
    }

    if (!travel.arrivals.some((arrival) => arrival.node === node)) {
      travel.at = Math.min(travel.at, at)
      travel.arrivals.push({ node, at, isMaker: block.from == null })
    }
  }

  /** Shows the blocks that were known at this moment; `undefined` for all. */
  show (until: number | undefined): void {
    const shown = this.#travels.filter(({ at }) => until == null || at <= until).slice(0, SHOWN_BLOCKS)
    this.#list.replaceChildren(...(shown.length === 0 ? [create('li', { className: 'hint' }, 'No block yet.')] : shown.map(renderTravel)))
  }
}

function renderTravel ({ hash, height, transactions, at, arrivals }: Travel): HTMLLIElement {
  const last = Math.max(...arrivals.map((arrival) => arrival.at - at))
  const scale = Math.max(50, last * 1.05)
  const dots = arrivals.map(({ node, at: when, isMaker }) => {
    const dot = create('i', { className: isMaker ? 'maker' : '', title: `${node}: ${isMaker ? 'made it' : `after ${formatMs(when - at)}`}` })
    dot.style.left = `${100 * (when - at) / scale}%`

    return dot
  })
  const count = `${arrivals.length} ${arrivals.length === 1 ? 'node' : 'nodes'} in ${formatMs(last)}`

  return create('li', {},
    create('div', { className: 'head' },
      create('b', {}, `${height} · ${shorten(hash)}`),
      create('span', {}, `${transactions} tx · ${count} · ${formatTime(at)}`)),
    create('div', { className: 'travel', ariaHidden: 'true' }, ...dots))
}
