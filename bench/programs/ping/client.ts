import { ping } from '@libp2p/ping'
import { multiaddr } from '@multiformats/multiaddr'
import { BULK_PROTOCOL } from './server.ts'
import { NO_LIMITS } from '../limits.ts'
import { createStack } from '../stack.ts'
import { NETWORK } from '../sync/blocks.ts'
import { memoryStore } from '../sync/memory-store.ts'
import { follow } from '../sync/ours.ts'
import { listenOn } from '../transport.ts'
import { startNetwork } from '../../../src/index.ts'
import type { PingKind } from './server.ts'
import type { Transport } from '../transport.ts'
import type { Answers } from '../../workers/program.ts'

/** From one answer to the next ping, in ms. The shortest that the option for it allows, give or take a tenth. */
const INTERVAL_MS = 10

/** How often the last round trip is looked at: each is there for at least nine tenths of the interval. */
const LOOK_MS = 3

/** What is measured, and with whom. */
export interface PingOptions {
  kind: PingKind
  /** Whether something large is fetched meanwhile, on the same session or connection. */
  isBusy: boolean
  /** What a session of ours goes over. TCP unless given. */
  transport?: Transport
}

/** Measures round trips, in ms, between a node and a server. */
export async function client ({ kind, isBusy, transport }: PingOptions): Promise<Answers> {
  return kind === 'ours' ? ours(isBusy, transport) : libp2p(isBusy)
}

async function ours (isBusy: boolean, transport: Transport = 'tcp'): Promise<Answers> {
  const target = await memoryStore.create()
  const network = await startNetwork({
    ...NETWORK, ...NO_LIMITS, listen: transport === 'tcp' ? [] : listenOn(transport), chain: target.chain, autoSync: false, pingInterval: INTERVAL_MS
  })

  let roundTrips: number[] = []
  let looking: NodeJS.Timeout | undefined

  return {
    start: async (address: string) => {
      const peer = await network.connect(address)
      let last: number | undefined

      looking = setInterval(() => {
        const { rtt } = peer

        // no two are the same to the last digit
        if (rtt != null && rtt !== last) {
          last = rtt
          roundTrips.push(rtt)
        }
      }, LOOK_MS)

      if (isBusy) {
        void follow(network, target)
      }
    },
    take: () => {
      const taken = roundTrips
      roundTrips = []

      return taken
    },
    stop: async () => {
      clearInterval(looking)
      await network.stop()
    }
  }
}

async function libp2p (isBusy: boolean): Promise<Answers> {
  const node = await createStack({ isListening: false, services: { ping: ping({ maxOutboundStreams: 16 }) } })
  const stopping = new AbortController()
  let roundTrips: number[] = []
  let pinging: Promise<void> | undefined

  return {
    start: async (address: string) => {
      const { remotePeer } = await node.dial(multiaddr(address))

      if (isBusy) {
        const bulk = await node.dialProtocol(remotePeer, BULK_PROTOCOL)
        bulk.addEventListener('message', () => {})
      }

      pinging = repeat(stopping.signal, async () => {
        // what it returns is in whole milliseconds
        const start = performance.now()
        await node.services.ping.ping(remotePeer)
        roundTrips.push(performance.now() - start)
      })
      pinging.catch(() => {})
    },
    take: () => {
      const taken = roundTrips
      roundTrips = []

      return taken
    },
    stop: async () => {
      stopping.abort()
      await pinging
      await node.stop()
    }
  }
}

async function repeat (signal: AbortSignal, run: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await run()
    await new Promise((resolve) => { setTimeout(resolve, INTERVAL_MS) })
  }
}
