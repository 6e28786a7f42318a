import type { Listener } from '@libp2p/interface'

/** A web page has no listeners. */
export function boundListener (listener: Listener): Listener {
  return listener
}
