import { toHex } from './hex.ts'
import { Deliveries } from './deliveries.ts'
import { KEPT_PAYMENTS, packTransaction, unpackTransaction } from './wallet.ts'
import type { Block, BroadcastResult, Transaction } from 'vibecoin-network'

/** A payment as it is kept for the next visit. */
export interface SavedPayment {
  /** The encoded transaction. */
  transaction: Uint8Array
  /** When it was made, or first seen here, in ms since the Unix epoch. */
  at: number
}

/** A payment from or to the owner of the wallet. */
export interface Payment {
  /** In hexadecimal. */
  id: string
  isOwn: boolean
  /** The address at the other end, in hexadecimal. */
  other: string
  value: bigint
  /** When it was made, or first seen here, in ms since the Unix epoch. */
  at: number
  /** Peers that it was handed to. */
  peers: number
  /** Those of them that have read it. */
  heardBy: number
  /** The height of its block; `undefined` while it is in none. */
  block: number | undefined
}

/** What {@link Payments} needs. */
export interface PaymentsInit {
  /** The address of the wallet. */
  own: Uint8Array
  /** Sends a transaction to the peers that do not have it. */
  broadcast: (transaction: Transaction) => BroadcastResult
  /** The ids of the ready peers. */
  peers: () => string[]
  /** Called when a payment has come, or has another state. */
  onChange: () => void
}

/** The payments from and to the owner of a wallet, and how far each has come. */
export class Payments {
  readonly #init: PaymentsInit
  readonly #deliveries = new Deliveries()
  readonly #all = new Map<string, { transaction: Transaction, payment: Payment }>()

  constructor (init: PaymentsInit) {
    this.#init = init
  }

  /** All payments, the newest first. */
  get list (): Payment[] {
    return Array.from(this.#all.values(), ({ payment }) => payment).sort((a, b) => b.at - a.at)
  }

  /** What is to be kept of them. */
  get saved (): SavedPayment[] {
    return Array.from(this.#all.values(), ({ transaction, payment: { at } }) => ({ transaction: packTransaction(transaction), at }))
      .sort((a, b) => b.at - a.at)
  }

  /** Takes payments of earlier visits. The blocks that they are in come with the chain. */
  restore (saved: readonly SavedPayment[]): void {
    saved.forEach(({ transaction, at }) => { this.#note(unpackTransaction(transaction), at) })
    this.#init.onChange()
  }

  /** Sends a payment of the owner. */
  send (transaction: Transaction, at: number): void {
    this.#note(transaction, at)
    this.#broadcast(transaction)
    this.#init.onChange()
  }

  /** Sends the payments of the owner that are in no block again: there is a peer that may lack them. */
  sendAgain (): void {
    for (const { transaction, payment } of this.#all.values()) {
      if (payment.isOwn && payment.block == null) {
        this.#broadcast(transaction)
      }
    }

    this.#init.onChange()
  }

  /** Takes a transaction that a peer has sent, and that is signed. */
  onTransaction (transaction: Transaction, at: number): void {
    if (this.#note(transaction, at) != null) {
      this.#init.onChange()
    }
  }

  /** Takes a block that is on the chain now. */
  onBlock ({ height, transactions, timestamp }: Block): void {
    const found = transactions.map((transaction) => this.#note(transaction, timestamp)).filter((payment) => payment != null)

    for (const payment of found) {
      payment.block = height
      this.#deliveries.forget(payment.id)
    }

    if (found.length > 0) {
      this.#init.onChange()
    }
  }

  /** Takes note that the blocks above this height have left the chain. */
  onDropped (height: number): void {
    const dropped = this.list.filter(({ block }) => block != null && block > height)
    dropped.forEach((payment) => { payment.block = undefined })

    if (dropped.length > 0) {
      this.sendAgain()
    }
  }

  /** Takes note of a pong: the peer has read what came before. */
  onPong (peer: string): void {
    this.#deliveries.onPong(peer)
    this.#count()
  }

  /** Takes note of a session that has ended. */
  onClosed (peer: string): void {
    this.#deliveries.onClosed(peer)
    this.#count()
  }

  #broadcast (transaction: Transaction): void {
    const { queued } = this.#init.broadcast(transaction)
    const id = toHex(transaction.id)
    const payment = this.#all.get(id)?.payment

    if (queued > 0 && payment != null) {
      this.#deliveries.onSent(id, this.#init.peers())
      payment.peers = this.#deliveries.sentTo(id)
    }
  }

  #count (): void {
    let isChanged = false

    for (const { payment } of this.#all.values()) {
      const [peers, heardBy] = [this.#deliveries.sentTo(payment.id), this.#deliveries.readBy(payment.id)]
      isChanged ||= payment.block == null && (heardBy !== payment.heardBy || peers !== payment.peers)
      Object.assign(payment, { peers, heardBy })
    }

    if (isChanged) {
      this.#init.onChange()
    }
  }

  /** The payment that a transaction is; `undefined` where it is between others. */
  #note (transaction: Transaction, at: number): Payment | undefined {
    const { own } = this.#init
    const isOwn = isSame(transaction.sender, own)

    if (!isOwn && !isSame(transaction.recipient, own)) {
      return undefined
    }

    const id = toHex(transaction.id)
    const known = this.#all.get(id)

    if (known != null) {
      return known.payment
    }

    const payment: Payment = {
      ...{ id, isOwn, value: transaction.value, at, peers: 0, heardBy: 0, block: undefined },
      other: toHex(isOwn ? transaction.recipient : transaction.sender)
    }
    // what comes from a peer is a view of something larger
    this.#all.set(id, { transaction: unpackTransaction(packTransaction(transaction)), payment })
    this.#makeRoom()

    return payment
  }

  /** Forgets the oldest where there are too many: anyone can pay the owner as often as they like. */
  #makeRoom (): void {
    this.list.slice(KEPT_PAYMENTS).forEach(({ id }) => {
      this.#all.delete(id)
      this.#deliveries.forget(id)
    })
  }
}

/** How far a payment has come, for people; `good` where it is in a block. */
export function stateOf ({ isOwn, peers, heardBy, block }: Payment): { text: string, level: 'good' | 'warn' | '' } {
  if (block != null) {
    return { text: `in block ${block}`, level: 'good' }
  }

  if (!isOwn) {
    return { text: 'on its way', level: '' }
  }

  if (peers === 0) {
    return { text: 'waits for a peer', level: 'warn' }
  }

  return heardBy === 0 ? { text: `sent to ${countPeers(peers)}`, level: '' } : { text: `heard by ${countPeers(heardBy)}`, level: '' }
}

function countPeers (count: number): string {
  return `${count} ${count === 1 ? 'peer' : 'peers'}`
}

function isSame (a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, i) => byte === b[i])
}
