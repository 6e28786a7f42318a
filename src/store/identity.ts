import { join } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ensureDataDir } from './data-dir.ts'
import { createKeyFile, readKeyFile } from './key-file.ts'
import { StorageError, errorMessage } from '../errors.ts'
import type { StoreOptions } from './data-dir.ts'
import type { PrivateKey } from '@libp2p/interface'

const KEY_FILE = 'identity.key'

/** Signed to see whether the two halves of a key belong together. Means nothing to anyone. */
const PROBE = new TextEncoder().encode('vibecoin-network identity check')

/**
 * The node's identity: the key in `<dataDir>/identity.key` (libp2p's protobuf form), or a new Ed25519 one that is kept
 * there. An existing file is never overwritten, also when several processes start at once: they all get the same key.
 * Throws a {@link StorageError} for a file that cannot be read or is damaged, which stays as it is.
 */
export async function loadIdentity (dataDir: string, options: StoreOptions = {}): Promise<PrivateKey> {
  const file = join(await ensureDataDir(dataDir), KEY_FILE)
  const existing = await readKey(file, options)

  if (existing != null) {
    return existing
  }

  const key = await generateKeyPair('Ed25519')

  if (await createKey(file, key)) {
    return key
  }

  // another process was faster: the key on disk is the one that counts
  return await readKey(file, options) ?? refuse(file, 'it appeared and went while the node started')
}

async function createKey (file: string, key: PrivateKey): Promise<boolean> {
  try {
    return await createKeyFile(file, privateKeyToProtobuf(key))
  } catch (err) {
    throw new StorageError(`Could not write a new identity to ${file}: ${errorMessage(err)}`, { cause: err })
  }
}

async function readKey (file: string, options: StoreOptions): Promise<PrivateKey | undefined> {
  try {
    const bytes = await readKeyFile(file, options)

    return bytes == null ? undefined : await decodeKey(bytes)
  } catch (err) {
    return refuse(file, errorMessage(err), err)
  }
}

async function decodeKey (bytes: Uint8Array): Promise<PrivateKey> {
  if (bytes.byteLength === 0) {
    throw new Error('it is empty')
  }

  const key = privateKeyFromProtobuf(bytes)
  // an ECDSA key decodes, but no node can be told by it
  peerIdFromPrivateKey(key)

  // decoding looks at lengths only: a flipped bit would show as handshakes that fail everywhere
  if (!await key.publicKey.verify(PROBE, await key.sign(PROBE))) {
    throw new Error('its public and private half do not belong together')
  }

  return key
}

function refuse (file: string, why: string, cause?: unknown): never {
  throw new StorageError(
    `Could not read the identity in ${file}: ${why}. Restore the file from a backup, or remove it to get a new identity.`,
    { cause }
  )
}
