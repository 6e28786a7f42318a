import { ConfigError } from '../errors.ts'
import type { NetworkConfig } from './options.ts'

/** The default of `listen`. */
export const DEFAULT_LISTEN: readonly string[] = Object.freeze(['/ip4/0.0.0.0/tcp/8765'])

/** Throws a {@link ConfigError} for options that do not go together on this platform. */
export function checkPlatform ({ listen = [], tls }: Readonly<Partial<NetworkConfig>>): void {
  const secure = listen.find((address) => /\/(tls|wss)(\/|$)/.test(address))

  if (secure != null && tls == null) {
    throw new ConfigError(`Expected \`tls\` with the certificate for "${secure}"`)
  }
}
