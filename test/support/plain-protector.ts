import { byteStream } from '@libp2p/utils'
import { swarmKeyBytes } from '../../src/config/swarm-key.ts'
import { DirectionCipher, NONCE_BYTES } from '../../src/libp2p/private-network/cipher.ts'
import { ProtectedConnection } from '../../src/libp2p/private-network/connection.ts'
import type { ConnectionProtector, MultiaddrConnection } from '@libp2p/interface'

/** A private network as other implementations of libp2p have it: each end sends a nonce, and nothing more by itself. */
export function plainProtector (swarmKey: string): () => ConnectionProtector {
  const key = swarmKeyBytes(swarmKey)

  return () => ({
    protect: async (connection, options) => {
      const bytes = byteStream(connection as MultiaddrConnection)
      const nonce = globalThis.crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
      await bytes.write(nonce, options)
      const theirs = (await bytes.read({ ...options, bytes: NONCE_BYTES })).slice()

      return new ProtectedConnection({
        connection: bytes.unwrap(), inbound: new DirectionCipher({ key, nonce: theirs }), outbound: new DirectionCipher({ key, nonce })
      })
    }
  })
}
