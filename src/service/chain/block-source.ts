import { checkedSource } from '../../sync/serve/checked-source.ts'
import { readChain } from '../../sync/serve/read-chain.ts'
import type { HandlerTable } from '../dispatch/handlers.ts'
import type { BlockSource } from '../../sync/serve/server.ts'
import type { ChainSource } from '../../types/chain.ts'
import type { Clock } from '../../util/clock.ts'

/** Where the blocks come from that peers ask for: from a handler of the application, or from its chain where there is no handler. */
export function blockSource (handlers: HandlerTable, chain: ChainSource | undefined, clock: Clock): BlockSource {
  const stored = readChain(chain, clock)

  return checkedSource({
    block: async (request, peer) => {
      return handlers.get('requestBlock') == null ? stored.block(request, peer) : handlers.call('requestBlock', request, peer)
    },
    range: (request, peer) => (handlers.get('requestBlockRange') ?? stored.range)(request, peer),
    sharesMemory: (type) => handlers.get(type) != null || stored.sharesMemory(type)
  })
}
