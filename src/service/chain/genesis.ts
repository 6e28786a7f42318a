import { firstAnswer } from './first-answer.ts'
import { ConfigError } from '../../errors.ts'
import { bytesEqual, bytesToHex } from '../../util/bytes.ts'
import { checkTip } from '../../sync/chain/checked-chain.ts'
import { readStored } from '../../sync/serve/stored-block.ts'
import type { Clock } from '../../util/clock.ts'
import type { ChainSource } from '../../types/chain.ts'

/**
 * How long the chain may take to give its first block at the start.
 *
 * @remarks The node starts, and does not compare the block with `genesisHash`.
 */
export const GENESIS_TIMEOUT_MS = 3000

/** Options of {@link checkGenesis}. */
export interface GenesisInit {
  chain: ChainSource | undefined
  genesisHash: Uint8Array
  clock: Clock
  /** Called where the chain fails after its time. It must not throw. */
  onLate: (error: unknown) => void
}

/**
 * Throws a {@link ConfigError} where the chain begins with another block than `genesisHash`, which peers compare: they would have none of
 * its blocks. Throws a `StorageError` where the chain fails. The node accepts a chain that has dropped its first block, or does not answer
 * in time.
 */
export async function checkGenesis ({ chain, genesisHash, clock, onLate }: GenesisInit): Promise<void> {
  const hash = await firstAnswer(firstHash(chain), { clock, ms: GENESIS_TIMEOUT_MS, what: 'give its first block', onLate })

  if (hash != null && !bytesEqual(hash, genesisHash)) {
    throw new ConfigError(`Expected \`chain\` to begin with the block of \`genesisHash\`, ${bytesToHex(genesisHash)}, got ${bytesToHex(hash)}`)
  }
}

/** The hash of block 0: its own, or that of the tip where this is at height 0. */
async function firstHash (chain: ChainSource | undefined): Promise<Uint8Array | undefined> {
  if (chain == null) {
    return undefined
  }

  const stored = await chain.get(0)
  const { height, hash } = stored == null ? checkTip(await chain.tip()) : readStored(stored, 0)

  return height === 0 ? hash : undefined
}
