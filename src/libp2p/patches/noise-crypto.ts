import {
  createCipheriv, createDecipheriv, createPublicKey, createSecretKey, diffieHellman, generateKeyPairSync, getCiphers
} from 'node:crypto'
import { asCrypto, defaultCrypto } from '@chainsafe/libp2p-noise/crypto'
import { Uint8ArrayList } from 'uint8arraylist'
import { fillsMemory, freeGiven, freeMemory } from '../../memory/free-memory.ts'
import type { ICryptoInterface } from '@chainsafe/libp2p-noise'
import type { KeyObject } from 'node:crypto'

const CIPHER = 'chacha20-poly1305'
const TAG_BYTES = 16

/** Below so many bytes WebAssembly, which libp2p takes then, is the faster one. */
const MIN_BYTES = 512

/** What is to be encrypted or decrypted, the nonce, what belongs to it, and the key; and, where it is decrypted, the text as one piece. */
type Args = readonly [text: Bytes, nonce: Uint8Array, ad: Uint8Array, key: Uint8Array, memory?: Uint8Array]
type Bytes = Parameters<ICryptoInterface['chaCha20Poly1305Encrypt']>[0]
/** Noise has the types of an older uint8arraylist, which takes what ours is. */
type Output = ReturnType<ICryptoInterface['chaCha20Poly1305Encrypt']>

/** Whether the runtime itself has the cipher of Noise. Bun has not, nor have some builds of Node.js. */
export const hasCipher: boolean = getCiphers().includes(CIPHER)

/**
 * The cryptography of Noise, by Node.js as libp2p's own, but with the keys of each direction, and those of our own, made once: to make
 * one anew from its bytes takes a fifth of the time of a message of 64 KiB, and half of that of an exchange of keys. What is decrypted
 * is in memory of its own: that of the encrypted message may be freed.
 */
const nativeCrypto: ICryptoInterface = {
  ...defaultCrypto,
  generateX25519KeyPair: generateKeyPair,
  generateX25519SharedKey: sharedKey,
  chaCha20Poly1305Encrypt: (...args) => isSmall(args) ? defaultCrypto.chaCha20Poly1305Encrypt(...args) : encrypt(args),
  chaCha20Poly1305Decrypt: (...args) => isSmall(args) ? decryptSmall(args) : decrypt(args)
}

/**
 * The same where the runtime has no such cipher. libp2p has one in WebAssembly, and takes it for small messages only. It asks the
 * runtime for the others, and each connection would end with the first of them.
 */
export const wasmCrypto: ICryptoInterface = {
  ...defaultCrypto,
  chaCha20Poly1305Encrypt: (...args) => asCrypto.chaCha20Poly1305Encrypt(...args),
  chaCha20Poly1305Decrypt: (...args) => asCrypto.chaCha20Poly1305Decrypt(...args)
}

/** What this runtime takes. */
export const noiseCrypto: ICryptoInterface | undefined = hasCipher ? nativeCrypto : wasmCrypto

/** By the bytes of each: those of a direction, and private ones that were made here. libp2p has one array for each and never changes it. */
const keys = new WeakMap<Uint8Array, KeyObject>()

function keyOf (bytes: Uint8Array): KeyObject {
  let key = keys.get(bytes)

  if (key == null) {
    key = createSecretKey(bytes)
    keys.set(bytes, key)
  }

  return key
}

/** X25519. The private key is remembered: it is used two times or, where it is that of the node, with each peer. */
function generateKeyPair (): ReturnType<ICryptoInterface['generateX25519KeyPair']> {
  const { privateKey: key } = generateKeyPairSync('x25519')
  const { x = '', d = '' } = key.export({ format: 'jwk' })
  const privateKey = fromBase64Url(d)
  keys.set(privateKey, key)

  return { publicKey: fromBase64Url(x), privateKey }
}

/** Throws for a public key that is invalid, or that leads to a secret known to all. */
function sharedKey (...[privateKey, publicKey]: Parameters<ICryptoInterface['generateX25519SharedKey']>): Uint8Array {
  const key = privateKey instanceof Uint8Array ? keys.get(privateKey) : undefined

  if (key == null) {
    return defaultCrypto.generateX25519SharedKey(privateKey, publicKey)
  }

  const x = Buffer.from(publicKey.subarray()).toString('base64url')

  return diffieHellman({ privateKey: key, publicKey: createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' }) })
}

function fromBase64Url (text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64url'))
}

function encrypt ([plaintext, nonce, ad, key]: Args): Output {
  const cipher = createCipheriv(CIPHER, keyOf(key), nonce, { authTagLength: TAG_BYTES })
  const output = new Uint8ArrayList()
  cipher.setAAD(ad, { plaintextLength: plaintext.byteLength })

  for (const part of partsOf(plaintext)) {
    output.append(cipher.update(part))
    freeGiven(part)
  }

  cipher.final()
  output.append(cipher.getAuthTag())

  return output as never
}

/** The memory that libp2p has for it, which is not used, is the message's own. */
function decryptSmall ([ciphertext, nonce, ad, key]: Args): Output {
  return defaultCrypto.chaCha20Poly1305Decrypt(ciphertext, nonce, ad, key)
}

/** Throws where the tag is not that of the message. */
function decrypt ([ciphertext, nonce, ad, key, memory]: Args): Output {
  const length = ciphertext.byteLength - TAG_BYTES
  const decipher = createDecipheriv(CIPHER, keyOf(key), nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(ad, { plaintextLength: length })
  decipher.setAuthTag(ciphertext.subarray(length))
  // what came in parts gives one piece, and not one for each part: the garbage collector would have the small ones
  const isJoined = memory?.byteLength === length
  const text = decipher.update(isJoined ? memory : ciphertext.subarray(0, length))
  decipher.final()

  // libp2p has joined the parts for this, and does not look at them again
  if (isJoined && !(ciphertext instanceof Uint8Array) && hasParts(ciphertext, length) && fillsMemory(memory)) {
    freeMemory(memory)
  }

  return text
}

/** Whether the first bytes of a list are of more than one piece: to join them is to copy them. */
function hasParts (list: Exclude<Bytes, Uint8Array>, length: number): boolean {
  return [...list.sublist(0, length)].length > 1
}

function isSmall ([text]: Args): boolean {
  return text.byteLength < MIN_BYTES
}

function partsOf (bytes: Bytes): Iterable<Uint8Array> {
  return bytes instanceof Uint8Array ? [bytes] : bytes
}
