import { yamux } from '@chainsafe/libp2p-yamux'
import { pingOnce } from '../patches/first-ping.ts'
import { guardMuxer } from '../patches/guard/guard.ts'
import type { GuardMuxerComponents } from '../patches/guard/guard.ts'
import type { YamuxMuxerInit } from '@chainsafe/libp2p-yamux'
import type { StreamMuxerFactory } from '@libp2p/interface'

/**
 * Yamux, guarded. Its keepalive is off, for the sessions have pings of their own. The keepalive is also what tells Yamux how far away
 * the peer is, without which no window ever grows: so each muxer pings once, when it begins.
 */
export function createMuxer (init: YamuxMuxerInit): (components: GuardMuxerComponents) => StreamMuxerFactory {
  return (components) => {
    const factory = guardMuxer(yamux({ ...init, enableKeepAlive: false }))(components)
    const createStreamMuxer = factory.createStreamMuxer.bind(factory)

    factory.createStreamMuxer = (connection) => {
      const muxer = createStreamMuxer(connection)
      pingOnce(muxer)

      return muxer
    }

    return factory
  }
}
