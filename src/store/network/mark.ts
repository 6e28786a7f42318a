import { StorageError } from '../../errors.ts'
import { bytesToHex } from '../../util/bytes.ts'

/** The network of a node, to which its known peers and bans belong. */
export interface MarkedNetwork {
  readonly network: string
  /** 32 bytes. */
  readonly genesisHash: Uint8Array
}

/** The network that a data directory notes. */
export interface NetworkMark {
  readonly network: string
  /** In hexadecimal. */
  readonly genesisHash: string
}

/** A note for a data directory, as one line of JSON. */
export function encodeMark ({ network, genesisHash }: MarkedNetwork): string {
  return `${JSON.stringify({ network, genesisHash: bytesToHex(genesisHash) } satisfies NetworkMark)}\n`
}

/** The network that a note names; `undefined` for a damaged one. */
export function decodeMark (text: string): NetworkMark | undefined {
  try {
    const { network, genesisHash } = JSON.parse(text) as Partial<Record<keyof NetworkMark, unknown>>

    return typeof network === 'string' && typeof genesisHash === 'string' ? { network, genesisHash } : undefined
  } catch {
    return undefined
  }
}

/** Whether a note names this network. */
export function isSameNetwork (mark: NetworkMark, { network, genesisHash }: MarkedNetwork): boolean {
  return mark.network === network && mark.genesisHash === bytesToHex(genesisHash)
}

/** The error for a data directory of another network. `toAdopt` is what takes it for this one. */
export function otherNetwork (
  { place, mark, network, toAdopt }: { place: string, mark: NetworkMark, network: MarkedNetwork, toAdopt: string }
): StorageError {
  return new StorageError(
    `Expected ${place} to be of ${describe({ ...network, genesisHash: bytesToHex(network.genesisHash) })}, it is of ${describe(mark)}. ` +
    `Give the network of the directory, or another directory. To take its identity, peers and bans to this network, ${toAdopt}`
  )
}

function describe ({ network, genesisHash }: NetworkMark): string {
  return `the network ${JSON.stringify(network)} with the genesis block ${genesisHash}`
}
