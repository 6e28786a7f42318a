import type { NetworkConfig } from '../../src/index.ts'

const NONE = { perSecond: Infinity, burst: Infinity }

/** What keeps one peer from using up a node would be what is measured: it is switched off. The others have nothing like it. */
export const NO_LIMITS: Pick<NetworkConfig, 'rateLimits'> = {
  rateLimits: { transactions: NONE, blocks: NONE, blocksAsked: NONE, digests: NONE, pings: NONE, others: NONE, bytes: NONE }
}
