import { NETWORK, shapeOf } from './blocks.ts'
import { NO_LIMITS } from '../limits.ts'
import { startNetwork } from '../../../src/index.ts'
import type { Store, Target } from './store.ts'
import type { Transfer } from '../transfer.ts'
import type { Network, NetworkConfig } from '../../../src/index.ts'

const CONFIG: NetworkConfig = { ...NETWORK, ...NO_LIMITS, listen: ['/ip4/127.0.0.1/tcp/0'], autoSync: false }

/**
 * This package as its users have it, with these chains and options: one node synchronises again and again with those that connect to
 * it.
 */
export function sync (store: Store, options: Partial<NetworkConfig> = {}): Transfer {
  const config = { ...CONFIG, ...options }

  return {
    receive: async () => {
      const target = await store.create()
      const network = await startNetwork({ ...config, chain: target.chain })
      network.addEventListener('peer:ready', () => { void follow(network, target) }, { once: true })

      return {
        address: network.libp2p.getMultiaddrs()[0]!.toString(),
        count: target.count,
        stop: async () => { await network.stop() }
      }
    },

    send: async (address, signal, shape) => {
      // one that listens on nothing else would not load what it dials over
      const network = await startNetwork({ ...config, listen: options.listen ?? [], chain: await store.open(shapeOf(shape)) })
      await network.connect(address)
      await new Promise((resolve) => { signal.addEventListener('abort', resolve, { once: true }) })
      await network.stop()
    }
  }
}

/** Until there is nobody left to synchronise with, which is how a measurement ends. */
export async function follow (network: Network, target: Target): Promise<void> {
  try {
    while (!isAlone(network)) {
      await network.sync()
      await target.reset()
    }
  } catch (err) {
    if (!isAlone(network)) {
      throw err
    }
  }
}

function isAlone ({ peers }: Network): boolean {
  return [...peers].length === 0
}
