import { sync } from './ours.ts'
import { shapeOf, tipOf } from './blocks.ts'
import { encodeBlock, InvalidBlockError } from '../../../src/index.ts'
import { BlockVerifier } from '../../../src/cli/chain/verifier.ts'
import { createRules } from '../../../src/cli/node/rules.ts'
import { Wallet } from '../../../src/cli/node/wallet.ts'
import type { Store } from './store.ts'
import type { Transfer } from '../transfer.ts'
import type { Block, Tip } from '../../../src/index.ts'

/** Payments in a block: with the maker's, three signatures. */
const PAYMENTS = 2

const NETWORK = 'vibecoin-bench-signed'

/** As `sync`, by the rules of the command: every signature is checked. `threads` are those of its verifier; as many as cores by default. */
export function syncSigned (threads?: number): Transfer {
  const rules = createRules(NETWORK)
  const genesis = encodeBlock(rules.genesis)

  const store: Store = {
    open: async ({ blocks }) => {
      const chain = [genesis, ...signedBlocks(blocks)]
      const tip = tipOf(chain.at(-1)!)

      return { tip: () => tip, get: (height) => chain[height], range: (first, last) => chain.slice(first, last + 1) }
    },

    create: async () => {
      const verifier = new BlockVerifier({ network: NETWORK, rules, ...threads == null ? {} : { threads } })
      let last = genesis
      let tip: Tip = rules.genesis
      let count = 0

      return {
        chain: {
          sharesMemory: false,
          verifyConcurrency: verifier.concurrency,
          tip: () => tip,
          get: (height) => height === tip.height ? last : undefined,
          verify: async (block, parent, bytes) => {
            const reason = await verifier.verify(block, parent, bytes)

            if (reason != null) {
              throw new InvalidBlockError(reason)
            }
          },
          append: (blocks) => {
            for (const { bytes } of blocks) {
              count += bytes.byteLength
            }

            last = new Uint8Array(blocks.at(-1)!.bytes)
            tip = tipOf(last)
          }
        },
        count: () => count,
        reset: async () => {
          last = genesis
          tip = rules.genesis
        }
      }
    }
  }
  const { receive, send } = sync(store, { network: NETWORK, genesisHash: rules.genesis.hash })

  return { receive, send: async (address, signal, shape) => send(address, signal, shapeOf(shape)) }

  function * signedBlocks (count: number): Generator<Uint8Array, void> {
    const wallet = new Wallet()
    let parent: Block = rules.genesis

    for (let height = 1; height <= count; height++) {
      parent = rules.makeBlock(parent, Array.from({ length: PAYMENTS }, () => wallet.pay()), parent.timestamp + 1)
      yield encodeBlock(parent)
    }
  }
}
