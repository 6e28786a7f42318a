import { yamux } from '@chainsafe/libp2p-yamux'
import { guardMuxer } from '../patches/guarded.ts'
import type { GuardMuxerComponents } from '../patches/guarded.ts'
import type { YamuxMuxerInit } from '@chainsafe/libp2p-yamux'
import type { StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'

/** The inside of the muxers of @chainsafe/libp2p-yamux 8. */
interface MuxerInside {
  ping?: () => Promise<number>
}

/**
 * Yamux, guarded. Its keepalive is off, for the sessions have pings of their own. It is also what tells Yamux how far away the peer is,
 * without which no window ever grows: so each muxer pings once, when it begins.
 */
export function createMuxer (init: YamuxMuxerInit): (components: GuardMuxerComponents) => StreamMuxerFactory {
  return (components) => {
    const factory = guardMuxer(yamux({ ...init, enableKeepAlive: false }))(components)
    const createStreamMuxer = factory.createStreamMuxer.bind(factory)

    factory.createStreamMuxer = (connection) => {
      const muxer = createStreamMuxer(connection)
      queueMicrotask(() => { pingOnce(muxer) })

      return muxer
    }

    return factory
  }
}

function pingOnce (muxer: StreamMuxer & MuxerInside): void {
  // it has ended before it began where this fails, and nobody waits for the answer
  muxer.ping?.().catch(() => {})
}
