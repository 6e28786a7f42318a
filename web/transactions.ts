import { button, create, find } from './dom.ts'
import { formatTime, shorten } from './format.ts'
import { firstOf, renderTravel, spreadOf } from './travel.ts'
import type { Hop } from './travellers.ts'
import type { WebTransaction } from '../src/web/protocol.ts'

/** Transactions that are kept, the last ones. */
const MAX_TRANSACTIONS = 256

/** Transactions that are shown. */
const SHOWN_TRANSACTIONS = 8

/** Shows how transactions travel: payments of the page, and a few of the others. */
export class Transactions {
  readonly #list = find('transactions')
  readonly #travels = new Map<string, WebTransaction>()
  readonly #pay: HTMLButtonElement

  /** `onPay` is called to have a node pay something. */
  constructor (onPay: () => Promise<void>) {
    this.#pay = button('Send a payment', onPay)
    this.#pay.id = 'pay'
    this.#pay.hidden = true
    find('pay').replaceWith(this.#pay)
  }

  /** Whether the page can have a node pay something. */
  set canPay (can: boolean) {
    this.#pay.hidden = !can
  }

  /** Takes note of transactions that have changed. Returns the hops that are new. */
  add (transactions: readonly WebTransaction[]): Hop[] {
    return transactions.flatMap((transaction) => {
      const before = new Set(this.#travels.get(transaction.id)?.arrivals.map(({ node }) => node))
      const { id, isPayment, arrivals } = transaction
      this.#travels.set(id, transaction)

      if (this.#travels.size > MAX_TRANSACTIONS) {
        this.#travels.delete(this.#travels.keys().next().value!)
      }

      const fresh = arrivals.filter(({ node, from }) => from != null && !before.has(node)).sort((a, b) => a.at - b.at)

      return fresh.map(({ node, from }): Hop => ({ item: id, kind: isPayment ? 'payment' : 'transaction', from: from!, to: node }))
    })
  }

  /** Shows the transactions that were known at this moment, payments first; `undefined` for all. */
  show (until: number | undefined): void {
    const known = Array.from(this.#travels.values()).reverse().filter(({ arrivals }) => until == null || firstOf(arrivals) <= until)
    const payments = known.filter(({ isPayment }) => isPayment).slice(0, SHOWN_TRANSACTIONS / 2)
    const others = known.filter(({ isPayment }) => !isPayment).slice(0, SHOWN_TRANSACTIONS - payments.length)
    const items = [...payments, ...others].map(render)
    this.#list.replaceChildren(...(items.length === 0 ? [create('li', { className: 'hint' }, 'No transaction yet.')] : items))
  }
}

function render ({ id, value, isPayment, arrivals, block }: WebTransaction): HTMLLIElement {
  const state = block == null ? 'waits for a block' : `in block ${block}`

  return create('li', { className: isPayment ? 'payment' : '' },
    create('div', { className: 'head' },
      create('b', {}, `${isPayment ? 'Your payment' : 'Transaction'} ${shorten(id)}`),
      create('span', {}, `pays ${value} · ${spreadOf(arrivals)} · ${state} · ${formatTime(firstOf(arrivals))}`)),
    renderTravel(arrivals, 'transaction'))
}
