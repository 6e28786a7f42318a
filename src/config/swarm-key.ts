import { fail } from './checks.ts'
import type { Check } from './checks.ts'

/** What `libp2p-swarm-key-gen` and `generateKey` of `@libp2p/pnet` write: three lines, the last one 32 bytes in hexadecimal. */
const SWARM_KEY = /^\/key\/swarm\/psk\/1\.0\.0\/\r?\n\/base16\/\r?\n[0-9a-f]{64}\s*$/i

/** The text of a swarm key file. What is wrong is not shown: it may be most of a secret. */
export const swarmKey: Check<string> = (value, name) => {
  if (typeof value !== 'string' || !SWARM_KEY.test(value)) {
    fail(name, 'the text of a swarm key file: "/key/swarm/psk/1.0.0/", "/base16/" and 64 hexadecimal digits, each on a line', 'something else')
  }

  return value
}
