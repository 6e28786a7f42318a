import { bytesEqual } from '../util/bytes.ts'
import type { ConnectionEncrypter, PrivateKey } from '@libp2p/interface'

/**
 * Has an encrypter remember what it has signed last. With each handshake Noise signs its own key, which is the same for as long as the
 * node runs: the same signature each time, and the key object of the node is made anew for it.
 */
export function signOnce<Components extends { privateKey: PrivateKey }> (
  create: (components: Components) => ConnectionEncrypter
): (components: Components) => ConnectionEncrypter {
  return (components) => {
    // the components are a proxy that writes to all parts of libp2p: what is changed here must not get there
    return create(Object.create(components, { privateKey: { value: remembering(components.privateKey) } }) as Components)
  }
}

function remembering (key: PrivateKey): PrivateKey {
  let last: { message: Uint8Array, signature: Uint8Array } | undefined

  const sign: PrivateKey['sign'] = async (data, options) => {
    const message = data.slice()

    if (last == null || !bytesEqual(last.message, message)) {
      last = { message, signature: await key.sign(message, options) }
    }

    return last.signature
  }

  return Object.create(key, { sign: { value: sign } }) as PrivateKey
}
