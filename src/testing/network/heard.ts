import type { Network } from '../../network.ts'
import type { Block, Transaction } from '../../types/block.ts'

/** Items that a node is remembered to have heard. It forgets the oldest beyond that. */
export const MAX_HEARD = 65_536

/** A block or a transaction, by what an application knows it by. */
export function keyOf (item: Block | Transaction): string {
  return 'prevHash' in item ? `block ${hex(item.hash)}` : `transaction ${hex(item.id)}`
}

/** An item in words. */
export function describeItem (item: Block | Transaction): string {
  return 'prevHash' in item ? `block ${item.height} (${hex(item.hash).slice(0, 8)})` : `transaction ${hex(item.id).slice(0, 8)}`
}

function hex (bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

/** The blocks and transactions that a node has accepted from peers or has broadcast. */
export class Heard {
  readonly #keys = new Set<string>()
  readonly #onChange: () => void

  constructor (onChange: () => void) {
    this.#onChange = onChange
  }

  has (item: Block | Transaction): boolean {
    return this.#keys.has(keyOf(item))
  }

  /** Listens to a node, and to what the test has it broadcast. */
  watch (network: Network): void {
    network.addEventListener('block', ({ detail }) => { this.#add(detail.block) })
    network.addEventListener('transaction', ({ detail }) => { this.#add(detail.transaction) })
    const broadcast = network.broadcast.bind(network)

    network.broadcast = (message) => {
      const result = broadcast(message)
      this.#add(message.type === 'newBlock' ? message.block : message.transaction)

      return result
    }
  }

  #add (item: Block | Transaction): void {
    this.#keys.add(keyOf(item))

    if (this.#keys.size > MAX_HEARD) {
      this.#keys.delete(this.#keys.values().next().value!)
    }

    this.#onChange()
  }
}
