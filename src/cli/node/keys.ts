import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

// Ed25519 by Node.js, with public keys as the 32 bytes that travel in a transaction.

/** The keys of a signer. */
export interface KeyPair {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** Never leaves the process. */
  readonly privateKey: KeyObject
}

/** The size of an Ed25519 signature. */
export const SIGNATURE_BYTES = 64

/** RFC 8410: the prefix of the 32 bytes of a private key in PKCS #8. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/** A new key pair. */
export function createKeyPair (): KeyPair {
  return toKeyPair(generateKeyPairSync('ed25519').privateKey)
}

/** The key pair of a seed of 32 bytes: always the same one. */
export function keyPairFromSeed (seed: Uint8Array): KeyPair {
  return toKeyPair(createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' }))
}

/** A signature of 64 bytes. */
export function signBytes (bytes: Uint8Array, key: KeyPair): Uint8Array {
  return new Uint8Array(sign(null, bytes, key.privateKey))
}

/**
 * Whether the holder of `publicKey` signed `bytes`. Never throws, whatever the key and the signature are. To import 32 bytes costs a fifth
 * of the whole: a key that comes again is best imported once.
 */
export function verifyBytes (bytes: Uint8Array, publicKey: Uint8Array | KeyObject, signature: Uint8Array): boolean {
  if (signature.byteLength !== SIGNATURE_BYTES) {
    return false
  }

  try {
    return verify(null, bytes, publicKey instanceof Uint8Array ? importPublicKey(publicKey) : publicKey, signature)
  } catch {
    return false
  }
}

/** A public key of 32 bytes. Throws where they are none. */
export function importPublicKey (publicKey: Uint8Array): KeyObject {
  const x = Buffer.from(publicKey).toString('base64url')

  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
}

function toKeyPair (privateKey: KeyObject): KeyPair {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })

  return { publicKey: new Uint8Array(Buffer.from(String(x), 'base64url')), privateKey }
}
