import { privateKeyFromProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { PrivateKey } from '@libp2p/interface'

/** Signed to see whether the two halves of a key belong together. Means nothing to anyone. */
const PROBE = new TextEncoder().encode('vibecoin-network identity check')

/** The private key in libp2p's protobuf form. Throws where a node cannot be known by it. */
export async function decodeKey (bytes: Uint8Array): Promise<PrivateKey> {
  if (bytes.byteLength === 0) {
    throw new Error('it is empty')
  }

  const key = privateKeyFromProtobuf(bytes)
  // an ECDSA key decodes, but no node can be told by it
  peerIdFromPrivateKey(key)

  // decoding looks at lengths only: a flipped bit would show as handshakes that fail everywhere
  await tryKey(key)

  return key
}

/** Throws where the two halves of a key do not belong together. */
export async function tryKey (key: PrivateKey): Promise<void> {
  if (!await key.publicKey.verify(PROBE, await key.sign(PROBE))) {
    throw new Error('its public and private half do not belong together')
  }
}
