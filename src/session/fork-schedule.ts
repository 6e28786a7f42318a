import type { ForkId } from '../types/message.ts'

const HEIGHT_BYTES = 8

/** The polynomial of CRC-32 (IEEE 802.3), its bits reversed. */
const POLYNOMIAL = 0xedb88320

/**
 * The heights at which the rules of the chain change, and what two nodes tell each other about them: fork ids as in EIP-2124. With
 * them a node sees that a peer has missed an upgrade, or is on the other side of one, before either sends a block that the other refuses.
 */
export class ForkSchedule {
  readonly #heights: readonly number[]
  /** The hash before the first fork, and after each of them. */
  readonly #hashes: readonly number[]

  /** `heights` ascend, and each comes once. */
  constructor (genesisHash: Uint8Array, heights: readonly number[]) {
    this.#heights = heights
    const hashes = [crc32(genesisHash)]
    heights.forEach((height) => { hashes.push(crc32(bigEndian(height), hashes.at(-1))) })
    this.#hashes = hashes
  }

  /** How many forks a chain of this height has passed. */
  passed (height: number): number {
    return this.#heights.filter((fork) => fork <= height).length
  }

  /** The fork id of a chain of this height. */
  idAt (height: number): ForkId {
    const passed = this.passed(height)

    return { hash: this.#hashes[passed]!, next: this.#heights[passed] ?? 0 }
  }

  /** Why a node whose chain has this height refuses a peer with this fork id. `undefined` where it does not, or the peer gives none. */
  refusal (remote: ForkId | undefined, height: number): string | undefined {
    if (remote == null) {
      return undefined
    }

    const passed = this.passed(height)
    const index = this.#hashes.indexOf(remote.hash)

    if (index === -1) {
      return 'the peer has passed other forks'
    }

    if (index === passed) {
      // the peer expects a fork where this node has gone on without one
      return remote.next > 0 && remote.next <= height ? 'the peer plans a fork that is no fork here' : undefined
    }

    // a peer behind is on its way where it plans the next fork that it comes to, and a peer ahead has passed forks that come here too
    return index < passed && remote.next !== this.#heights[index] ? 'the peer has missed a fork' : undefined
  }
}

function bigEndian (height: number): Uint8Array {
  const bytes = new Uint8Array(HEIGHT_BYTES)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(height))

  return bytes
}

/** CRC-32 (IEEE) of bytes that follow those of `before`. */
function crc32 (bytes: Uint8Array, before = 0): number {
  let crc = ~before

  for (const byte of bytes) {
    crc ^= byte

    for (let bit = 0; bit < 8; bit++) {
      crc = crc >>> 1 ^ (crc & 1) * POLYNOMIAL
    }
  }

  return ~crc >>> 0
}
