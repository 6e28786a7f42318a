import { ConfigError } from '../errors.ts'

/** A web page has no sockets. The options are refused before. */
export async function openAdmin (): Promise<never> {
  throw new ConfigError('A web page cannot use `admin`: it has no sockets')
}
