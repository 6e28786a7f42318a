import { join } from 'node:path'
import { generateKeyPair, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { ensureDataDir } from '../data-dir.ts'
import { decodeKey } from './decode-key.ts'
import { createKeyFile, readKeyFile } from './key-file.ts'
import { StorageError, errorMessage } from '../../errors.ts'
import type { StoreOptions } from '../data-dir.ts'
import type { PrivateKey } from '@libp2p/interface'

const KEY_FILE = 'identity.key'

/**
 * The node's identity: the key in `<dataDir>/identity.key` (libp2p's protobuf form), or a new Ed25519 one that is stored there. The node
 * never overwrites an existing file. Several processes that start at once all get the same key.
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

function refuse (file: string, why: string, cause?: unknown): never {
  throw new StorageError(
    `Could not read the identity in ${file}: ${why}. Restore the file from a backup, or remove it to get a new identity.`,
    { cause }
  )
}
