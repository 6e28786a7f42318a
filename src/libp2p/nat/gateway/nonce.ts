import { createHmac } from 'node:crypto'
import { NONCE_BYTES } from './pcp.ts'
import type { PrivateKey } from '@libp2p/interface'

/**
 * What a gateway knows the mappings of this node by. It is the same after a restart with the same key, so that the node gets the ports
 * again that it could not give back, and tells nothing of the key.
 */
export function nonceOf ({ raw }: Pick<PrivateKey, 'raw'>): Uint8Array {
  return createHmac('sha256', raw).update('vibecoin gateway').digest().subarray(0, NONCE_BYTES)
}
