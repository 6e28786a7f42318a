import { growChain, MemoryChain } from '../../support/memory-chain.ts'
import { sampleChain } from '../../support/sample.ts'
import { runChecks } from '../../../src/check/run.ts'
import { CHECKS } from '../../../src/check/checks/index.ts'
import type { Check } from '../../../src/check/check.ts'
import type { Run, RunInit } from '../../../src/check/run.ts'
import type { ChainSource, NetworkConfig } from '../../../src/index.ts'

/** Blocks of the chain of a target, the genesis block included, and bytes of each one's proof. */
export const CHAIN_LENGTH = 300
const PROOF_BYTES = 4000

/** How long a target may take to react on a machine that is busy with other things, in ms. */
const PATIENCE_MS = 15_000

const blocks = sampleChain(CHAIN_LENGTH, 'main', PROOF_BYTES)

/** The options of a node that is checked, with the limits of a node on the internet. */
export const TARGET: NetworkConfig = {
  listen: ['/ip4/127.0.0.1/tcp/0'],
  network: 'vibecoin-test',
  genesisHash: blocks[0]!.hash,
  reconnectDelay: 100,
  maxReconnectDelay: 500
}

/** The same with a chain, which has passed one fork of two. */
export function withChain (): NetworkConfig {
  return { ...TARGET, chain: new MemoryChain(growChain(blocks, 0, 'main')), forks: [100, 10_000] }
}

/** The height of the first block after genesis of {@link prunedChain}. */
export const LOWEST_HEIGHT = 100

/** The chain of a target without its old blocks. */
export function prunedChain (): ChainSource {
  const chain = new MemoryChain(growChain(blocks, 0, 'main'))

  return {
    tip: () => chain.tip(),
    lowestHeight: () => LOWEST_HEIGHT,
    get: (height) => height > 0 && height < LOWEST_HEIGHT ? undefined : chain.get(height)
  }
}

/** Runs the checks that `isWanted` takes. */
export async function check (address: string, isWanted: (check: Check) => boolean, init: Partial<RunInit> = {}): Promise<Run> {
  return runChecks({ address, checks: CHECKS.filter(isWanted), patience: PATIENCE_MS, listening: { address: '/ip4/127.0.0.1/tcp/0' }, ...init })
}

/** What came of a run, by verdict: ids, with what was found. */
export function verdicts ({ results }: Run, verdict: 'failed' | 'skipped'): string[] {
  return results.filter((result) => result.verdict === verdict).map(({ check, expected, seen, reason }) => {
    return `${check.id}: ${reason ?? `expected ${expected ?? ''}, saw ${seen ?? ''}`}`
  })
}
