import { preSharedKey } from '@libp2p/pnet'
import type { StackPart } from './part.ts'

/** A network that only those can connect to who have the key, which is the text of a swarm key file. */
export function createPrivateNetwork (key: string): StackPart {
  return { connectionProtector: preSharedKey({ psk: new TextEncoder().encode(key) }) }
}
