import { GENESIS_HASH, transactions } from './sample.ts'
import { NO_LIMITS } from '../limits.ts'
import { startNetwork } from '../../../src/index.ts'
import type { Receiver, Transfer } from '../transfer.ts'
import type { NetworkConfig } from '../../../src/index.ts'
import type { Session } from '../../../src/session/session.ts'

const CONFIG: NetworkConfig = {
  ...NO_LIMITS, listen: ['/ip4/127.0.0.1/tcp/0'], network: 'vibecoin-bench', genesisHash: GENESIS_HASH
}

/** This package as its users have it: `broadcast` on one side, a handler of `newTransaction` on the other. */
export const ours: Transfer = oursWith({})

/** {@link ours}, with other options on both sides, and metrics where the receiver has any. */
export function oursWith ({ metrics, ...config }: Pick<NetworkConfig, 'features' | 'metrics'>): Transfer {
  return {
    receive: async () => receive({ ...CONFIG, ...config, ...(metrics == null ? {} : { metrics }) }),
    send: async (address, signal) => { await send({ ...CONFIG, ...config, listen: [] }, address, signal) }
  }
}

async function receive (config: NetworkConfig): Promise<Receiver> {
  const network = await startNetwork(config)
  let count = 0

  network.router.handle('newTransaction', () => { count++ })

  return {
    address: network.libp2p.getMultiaddrs()[0]!.toString(),
    count: () => count,
    stop: async () => { await network.stop() }
  }
}

async function send (config: NetworkConfig, address: string, signal: AbortSignal): Promise<void> {
  const network = await startNetwork(config)
  const { outbox } = await network.connect(address) as Session
  let sent = 0

  for (const transaction of transactions()) {
    if (signal.aborted) {
      break
    }

    network.broadcast({ type: 'newTransaction', transaction })

    if (!outbox.belowMark) {
      await outbox.whenBelowMark()
    }

    // lets the signal through, and the event loop have its turn
    if (++sent % 1000 === 0) {
      await new Promise((resolve) => { setImmediate(resolve) })
    }
  }

  await network.stop()
}
