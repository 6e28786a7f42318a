import type { StreamMuxer } from '@libp2p/interface'

/** The inside of the muxers of @chainsafe/libp2p-yamux 8. */
interface MuxerInside {
  ping?: () => Promise<number>
}

/** Has a muxer ping once, in the next turn: Yamux raises the windows of a connection only when it knows how far away the peer is. */
export function pingOnce (muxer: StreamMuxer): void {
  const inside: MuxerInside = muxer as StreamMuxer & MuxerInside

  // where this fails the muxer has ended before it began, and nothing waits for the answer
  queueMicrotask(() => { inside.ping?.().catch(() => {}) })
}
