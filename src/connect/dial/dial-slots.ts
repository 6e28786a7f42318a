import { isGoodAnchor } from '../targets/dial-order.ts'
import type { Target } from '../targets/target.ts'
import type { Slot, Slots } from '../../peers/slots.ts'

/** Options of {@link DialSlots}. */
export interface DialSlotsInit {
  slots: Slots
  maxOutbound: number
  targets: Iterable<Readonly<Target>>
}

/**
 * The slots of a dialer. Those for block-only sessions are filled when all others have sessions. Anchors that have not failed get them
 * from the start: so a node that starts again has the sessions that it had, and an observer of transactions has not found these. That is
 * not so where the node knows too few others to fill the other slots with.
 */
export class DialSlots {
  readonly #init: DialSlotsInit

  constructor (init: DialSlotsInit) {
    this.#init = init
  }

  /** Whether every slot that is not for block-only sessions has a ready session in it. */
  get isFull (): boolean { return this.#init.slots.counts.outbound >= this.#init.maxOutbound }

  /** Whether a target that is not reserved would find a slot. */
  get hasRoom (): boolean { return this.#init.slots.hasOutbound || (this.isFull && this.#init.slots.hasBlockOnly) }

  /** Takes a slot for a target; `undefined` where there is none. */
  reserveFor (target: Target): Slot | undefined {
    const { slots } = this.#init

    if (target.source === 'reserved') {
      return slots.reserve('outbound', { isReserved: true })
    }

    const isBlockOnly = this.isFull || (isGoodAnchor(target) && this.#knowsEnough)

    return (isBlockOnly ? slots.reserve('outbound', { isBlockOnly }) : undefined) ?? slots.reserve('outbound')
  }

  get #knowsEnough (): boolean {
    const { maxOutbound, targets } = this.#init

    return [...targets].filter(({ lastSuccess, isAnchor }) => lastSuccess >= 0 && !isAnchor).length >= maxOutbound
  }
}
