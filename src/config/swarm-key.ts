import { fail } from './checks.ts'
import type { Check } from './checks.ts'

/** What `libp2p-swarm-key-gen` writes: three lines, the last one 32 bytes in hexadecimal. */
const SWARM_KEY = /^\/key\/swarm\/psk\/1\.0\.0\/\r?\n\/base16\/\r?\n([0-9a-f]{64})\s*$/i

/** How long a key is, in bytes. */
const KEY_BYTES = 32

/** Makes a new key for `privateNetworkKey`: the text of a swarm key file, for the nodes of the network alone. */
export function createPrivateNetworkKey (): string {
  const key = globalThis.crypto.getRandomValues(new Uint8Array(KEY_BYTES))

  return `/key/swarm/psk/1.0.0/\n/base16/\n${Array.from(key, (byte) => byte.toString(16).padStart(2, '0')).join('')}\n`
}

/** The text of a swarm key file. Errors show nothing of it: it may be most of a secret. */
export const swarmKey: Check<string> = (value, name) => {
  if (typeof value !== 'string' || !SWARM_KEY.test(value)) {
    fail(name, 'the text of a swarm key file: "/key/swarm/psk/1.0.0/", "/base16/" and 64 hexadecimal digits, each on a line', 'something else')
  }

  return value
}

/** The key in a text that {@link swarmKey} takes: 32 bytes. */
export function swarmKeyBytes (text: string): Uint8Array {
  const [, digits = ''] = SWARM_KEY.exec(text) ?? []

  return Uint8Array.from(digits.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
}
