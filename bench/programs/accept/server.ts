import { identify } from '@libp2p/identify'
import { NO_LIMITS } from '../limits.ts'
import { createStack } from '../stack.ts'
import { listenOn } from '../transport.ts'
import { startNetwork } from '../../../src/index.ts'
import type { Transport } from '../transport.ts'
import type { Answers } from '../../workers/program.ts'

/** What is accepted: sessions of ours, or connections of libp2p with a stream, with and without identify. */
export type AcceptKind = 'ours' | 'bare' | 'identify'

/** What the stream of a bare connection is opened under. */
export const BARE_PROTOCOL = '/vibecoin-bench/bare/1.0.0'

/** What {@link startNetwork} takes for sessions that come and go. */
export const BENCH_NETWORK: { network: string, genesisHash: Uint8Array } = { network: 'vibecoin-bench', genesisHash: new Uint8Array(32) }

/** Stops something, and tells how long that took, in ms. */
async function timed (stop: () => Promise<void>): Promise<number> {
  const since = performance.now()
  await stop()

  return performance.now() - since
}

/** Accepts what comes, and counts it. */
export async function server ({ kind, transport = 'tcp' }: { kind: AcceptKind, transport?: Transport }): Promise<Answers> {
  let accepted = 0

  if (kind === 'ours') {
    const network = await startNetwork({
      ...BENCH_NETWORK,
      ...NO_LIMITS,
      listen: listenOn(transport),
      maxInbound: 10_000,
      maxPendingHandshakes: 1000,
      maxInboundRate: 100_000
    })

    network.addEventListener('peer:ready', () => { accepted++ })

    return {
      address: () => network.libp2p.getMultiaddrs()[0]!.toString(),
      accepted: () => accepted,
      open: () => [...network.peers].length,
      quit: async () => timed(async () => network.stop()),
      stop: async () => { await network.stop() }
    }
  }

  const node = await createStack({ isListening: true, ...(kind === 'identify' ? { services: { identify: identify() } } : {}) })

  // an answer to what came, as a handshake is
  await node.handle(BARE_PROTOCOL, (stream) => {
    stream.addEventListener('message', ({ data }) => {
      accepted++
      stream.send(data.subarray())
    }, { once: true })
  })

  return {
    address: () => node.getMultiaddrs()[0]!.toString(),
    accepted: () => accepted,
    open: () => node.getConnections().length,
    quit: async () => timed(async () => node.stop()),
    stop: async () => { await node.stop() }
  }
}
