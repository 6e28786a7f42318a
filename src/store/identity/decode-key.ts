import { privateKeyFromProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { PrivateKey } from '@libp2p/interface'

/** Signed to check whether the two halves of a key belong together. */
const PROBE = new TextEncoder().encode('vibecoin-network identity check')

/** Decodes a private key in libp2p's protobuf form. Throws where it cannot be the identity of a node. */
export async function decodeKey (bytes: Uint8Array): Promise<PrivateKey> {
  if (bytes.byteLength === 0) {
    throw new Error('it is empty')
  }

  const key = privateKeyFromProtobuf(bytes)
  // an ECDSA key decodes, but has no peer id
  peerIdFromPrivateKey(key)

  // decoding checks lengths only: with a flipped bit every handshake would fail
  await tryKey(key)

  return key
}

/** Throws where the two halves of a key do not belong together. */
export async function tryKey (key: PrivateKey): Promise<void> {
  if (!await key.publicKey.verify(PROBE, await key.sign(PROBE))) {
    throw new Error('its public and private half do not belong together')
  }
}
