import type { PeerId } from '@libp2p/interface'

/** The inside of the digests of multiformats 14. */
interface DigestInside {
  /** All of it, in memory of its own. */
  readonly bytes?: Uint8Array
  /** The end of the same bytes. Noise cuts it from a pool. */
  digest?: Uint8Array
}

/**
 * Has the peer id of a connection keep no memory but its own. libp2p keeps a key of 36 bytes that is a view of a pool of Node.js, which is
 * 64 KiB: a connection would keep all of it for as long as it lasts, with whatever else was cut from it. Returns the peer id.
 */
export function ownPeerId<Id extends PeerId> (peer: Id): Id {
  const inside = peer.toMultihash() as DigestInside
  const { bytes, digest } = inside

  if (bytes != null && digest != null && digest.buffer !== bytes.buffer) {
    inside.digest = bytes.subarray(bytes.byteLength - digest.byteLength)
  }

  return peer
}
