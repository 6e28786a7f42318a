import { decodeBlock } from '../../codec/items/items.ts'
import { ConfigError, errorMessage } from '../../errors.ts'
import { bytesEqual, bytesToHex } from '../../util/bytes.ts'
import type { Clock } from '../../util/clock.ts'
import type { ChainSource } from '../../types/chain.ts'
import type { Logger } from '@libp2p/interface'

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
  log: Logger
}

/**
 * Throws a {@link ConfigError} where the chain begins with another block than `genesisHash`, which peers compare: they would have none of
 * its blocks. The node accepts a chain that has dropped its first block, fails or does not answer in time.
 */
export async function checkGenesis (init: GenesisInit): Promise<void> {
  const { genesisHash, clock } = init
  const patience = Promise.withResolvers<undefined>()
  const timer = clock.setTimeout(() => { patience.resolve(undefined) }, GENESIS_TIMEOUT_MS)
  const hash = await Promise.race([firstHash(init), patience.promise])
  clock.clearTimeout(timer)

  if (hash != null && !bytesEqual(hash, genesisHash)) {
    throw new ConfigError(`Expected \`chain\` to begin with the block of \`genesisHash\`, ${bytesToHex(genesisHash)}, got ${bytesToHex(hash)}`)
  }
}

/** The hash of block 0: its own, or that of the tip where this is at height 0. */
async function firstHash ({ chain, log }: GenesisInit): Promise<Uint8Array | undefined> {
  try {
    const stored = await chain?.get(0)
    const tip = stored == null ? await chain?.tip() : undefined
    const { height, hash } = stored instanceof Uint8Array ? decodeBlock(stored) : stored ?? tip ?? {}

    return height === 0 ? hash : undefined
  } catch (err) {
    log.error('the chain could not give its first block: %s - %e', errorMessage(err), err)

    return undefined
  }
}
