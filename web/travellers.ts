import { createSvg } from './dom.ts'

/** How long a hop from one node to the next is drawn, in ms. The true one is over before the eye sees it. */
export const HOP_MS = 600

/** Dots that are on their way at a time. */
const MAX_TRAVELLERS = 200

/** Items whose hops are remembered, the last ones. */
const MAX_ITEMS = 128

/** What travels: a block, a transaction, or a payment that the page has asked for. */
export type TravellerKind = 'block' | 'transaction' | 'payment'

/** A hop of an item from one node to another. */
export interface Hop { item: string, kind: TravellerKind, from: string, to: string }

interface Point { x?: number, y?: number }

/** Draws items on their way from node to node: each hop begins when the one before it has ended. */
export class Travellers {
  /** What the dots are drawn in. */
  readonly layer: SVGGElement = createSvg('g')
  readonly #find: (name: string) => Point | undefined
  /** When each item is drawn to reach each node. */
  readonly #arrivals = new Map<string, Map<string, number>>()

  /** `find` tells where a node is. */
  constructor (find: (name: string) => Point | undefined) {
    this.#find = find
  }

  /** Draws a hop, from where the item is now on, or as soon as it is there. */
  travel ({ item, kind, from, to }: Hop): void {
    const [start, end] = [this.#find(from), this.#find(to)]

    if (start?.x == null || end?.x == null || document.hidden || this.layer.childElementCount >= MAX_TRAVELLERS) {
      return
    }

    const now = performance.now()
    const arrivals = this.#arrivalsOf(item)
    const begin = Math.max(now, arrivals.get(from) ?? now)
    arrivals.set(to, begin + HOP_MS)
    const dot = createSvg('circle', { class: `traveller ${kind}`, r: kind === 'block' ? 6 : kind === 'payment' ? 5 : 3.5 })
    this.layer.append(dot)
    dot.animate([
      { transform: `translate(${start.x}px, ${start.y!}px)` }, { transform: `translate(${end.x}px, ${end.y!}px)` }
    ], { delay: begin - now, duration: HOP_MS, easing: 'ease-in-out', fill: 'backwards' }).finished.finally(() => { dot.remove() }).catch(() => {})
  }

  #arrivalsOf (item: string): Map<string, number> {
    const arrivals = this.#arrivals.get(item) ?? new Map<string, number>()
    this.#arrivals.set(item, arrivals)

    if (this.#arrivals.size > MAX_ITEMS) {
      this.#arrivals.delete(this.#arrivals.keys().next().value!)
    }

    return arrivals
  }
}
