import { generateKeyPair, generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id'
import { sha256 } from '@noble/hashes/sha2.js'
import { ConfigError } from '../../errors.ts'
import { compareBytes } from '../../util/bytes.ts'
import type { PrivateKey } from '@libp2p/interface'

/** Where a peer id has to stand in the order of ids, which decides a tie-break. */
export interface IdOrder {
  /** The new id is smaller than this one. */
  below?: string
  /** The new id is larger than this one. */
  above?: string
}

/** How many keys are tried for an id in its place. A random id fits one time in two on average. */
export const MAX_KEYS = 10_000

/** A key that is the same for the same seed. For tests alone: everybody can make it. */
export async function keyFromSeed (seed: string | number): Promise<PrivateKey> {
  return generateKeyPairFromSeed('Ed25519', sha256(new TextEncoder().encode(`vibecoin test key ${seed}`)))
}

/** A new key whose peer id is below or above another one. Throws a `ConfigError` where hardly any id is. */
export async function keyInOrder ({ below, above }: IdOrder): Promise<PrivateKey> {
  const bytesOf = (id: string): Uint8Array => peerIdFromString(id).toMultihash().bytes

  for (let i = 0; i < MAX_KEYS; i++) {
    const key = await generateKeyPair('Ed25519')
    const id = peerIdFromPrivateKey(key).toMultihash().bytes

    if ((below == null || compareBytes(id, bytesOf(below)) < 0) && (above == null || compareBytes(id, bytesOf(above)) > 0)) {
      return key
    }
  }

  throw new ConfigError(`Expected a peer id ${below == null ? '' : `below ${below} `}${above == null ? '' : `above ${above} `}to be found among ${MAX_KEYS}`)
}
