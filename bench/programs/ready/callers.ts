import { BENCH_NETWORK } from '../accept/server.ts'
import { NO_LIMITS } from '../limits.ts'
import { listenOn } from '../transport.ts'
import { startNetwork } from '../../../src/index.ts'
import type { Network } from '../../../src/index.ts'
import type { Answers } from '../../workers/program.ts'
import type { Transport } from '../transport.ts'

/** Identities that dial in turn: the other side has heard of the end of a session before the same one comes again. */
const CALLERS = 8

/** Dials again and again, one after the other, and takes the time from each dial to a ready session. */
export async function callers ({ transport }: { transport: Transport }): Promise<Answers> {
  const networks: Network[] = []
  const stopping = new AbortController()
  let calling: Promise<void> | undefined
  let times: number[] = []

  while (networks.length < CALLERS) {
    networks.push(await startNetwork({
      ...BENCH_NETWORK,
      ...NO_LIMITS,
      listen: listenOn(transport),
      maxOutbound: 1,
      // none dials by itself
      reconnectDelay: 86_400_000,
      maxReconnectDelay: 86_400_000
    }))
  }

  const call = async (address: string): Promise<void> => {
    for (let turn = 0; !stopping.signal.aborted; turn++) {
      const network = networks[turn % CALLERS]!
      const since = performance.now()
      const { id } = await network.connect(address)
      times.push(performance.now() - since)
      const closed = new Promise((resolve) => { network.addEventListener('peer:closed', resolve, { once: true }) })
      network.peers.disconnect(id)
      await closed
    }
  }

  return {
    start: (address: string) => {
      calling = call(address)
      // whoever stops it hears of it
      calling.catch(() => {})
    },
    take: () => {
      const taken = times
      times = []

      return taken
    },
    stop: async () => {
      stopping.abort()
      await calling
      await Promise.all(networks.map(async (network) => { await network.stop() }))
    }
  }
}
