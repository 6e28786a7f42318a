import { identify } from '@libp2p/identify'
import { multiaddr } from '@multiformats/multiaddr'
import { pEvent } from 'p-event'
import { BARE_PROTOCOL, BENCH_NETWORK } from './server.ts'
import { NO_LIMITS } from '../limits.ts'
import { createStack } from '../stack.ts'
import { startNetwork } from '../../../src/index.ts'
import type { AcceptKind } from './server.ts'
import type { Answers } from '../../workers/program.ts'
import type { Libp2p } from '@libp2p/interface'

/** How many connections are made at a time. */
const CONCURRENT = 4

/** What is sent on a bare connection, and comes back: about as much as a handshake has. */
const HELLO_BYTES = 128

/** Somebody who connects, in the hands of a scenario. */
interface Caller {
  call: (address: string, isIdle: boolean) => Promise<void>
  hangUp: () => void
  stop: () => Promise<void>
}

/** Connects with many identities, and waits until both sides are ready. */
export async function client ({ kind, callers: count }: { kind: AcceptKind, callers: number }): Promise<Answers> {
  const callers: Caller[] = []
  const stopping = new AbortController()
  let failed = 0

  while (callers.length < count) {
    callers.push(kind === 'ours' ? await ourCaller() : await bareCaller(kind))
  }

  /** Each has a pause in which the other side hears of its end. */
  const repeat = async (address: string, share: Caller[]): Promise<void> => {
    for (let turn = 0; !stopping.signal.aborted; turn++) {
      const caller = share[turn % share.length]!

      try {
        await caller.call(address, false)
        caller.hangUp()
      } catch {
        failed++
      }
    }
  }

  return {
    /** Connects with everybody, and stays. */
    stay: async (address: string) => {
      for (const caller of callers) {
        await caller.call(address, true)
      }
    },
    /** Connects, hangs up and connects again, for as long as there is somebody. */
    repeat: (address: string) => {
      for (let worker = 0; worker < CONCURRENT; worker++) {
        void repeat(address, callers.filter((_, index) => index % CONCURRENT === worker))
      }
    },
    failed: () => failed,
    stop: async () => {
      stopping.abort()
      await Promise.all(callers.map(async (caller) => { await caller.stop() }))
    }
  }
}

async function ourCaller (): Promise<Caller> {
  const network = await startNetwork({
    ...BENCH_NETWORK,
    ...NO_LIMITS,
    listen: [],
    maxOutbound: 1,
    reconnectDelay: 86_400_000,
    maxReconnectDelay: 86_400_000,
    // there are hundreds of them in a process, and nothing is broadcast
    limits: { seenDigests: 1024 }
  })

  let pinged = Promise.withResolvers<void>()
  network.router.handle('ping', () => { pinged.resolve() })
  network.addEventListener('peer:closed', ({ detail: { detail } }) => { pinged.reject(new Error(detail)) })

  return {
    call: async (address) => {
      pinged = Promise.withResolvers()
      // a session that does not come about has its own error
      pinged.promise.catch(() => {})
      await network.connect(address)
      // here the session is ready when the server's handshake has come, and there when ours has: its first ping says so
      await pinged.promise
    },
    hangUp: () => { hangUp(network.libp2p) },
    stop: async () => { await network.stop() }
  }
}

async function bareCaller (kind: AcceptKind): Promise<Caller> {
  const node = await createStack({ isListening: false, ...(kind === 'identify' ? { services: { identify: identify() } } : {}) })

  return {
    call: async (address, isIdle) => {
      if (isIdle) {
        await node.dial(multiaddr(address))
        return
      }

      const stream = await node.dialProtocol(multiaddr(address), BARE_PROTOCOL)
      const answer = pEvent(stream, 'message', { rejectionEvents: ['close'] })
      // it is waited for below, unless the stream has ended already
      answer.catch(() => {})
      stream.send(new Uint8Array(HELLO_BYTES))
      await answer
    },
    hangUp: () => { hangUp(node) },
    stop: async () => { await node.stop() }
  }
}

/** At once: how long a goodbye may take is not what is measured. */
function hangUp (node: Libp2p): void {
  node.getConnections().forEach((connection) => { connection.abort(new Error('That was all')) })
}
