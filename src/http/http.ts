/**
 * Pages over HTTP of how a node is: for Prometheus, for health checks, and for operators.
 *
 * @packageDocumentation
 */
import { createPages } from './pages.ts'
import { listen } from './server.ts'
import { checkBind } from './bind.ts'
import { describe } from '../config/checks.ts'
import { refuseUnknown } from '../config/unknown-option.ts'
import { ConfigError } from '../errors.ts'
import type { HttpServer } from './server.ts'
import type { MetricsPage, StatusSource } from './pages.ts'

export type { HttpServer } from './server.ts'
export type { MetricsPage, StatusSource } from './pages.ts'

/** The port that {@link serveStatus} listens on unless told otherwise. */
export const HTTP_PORT = 9464

/** Options of {@link serveStatus}. */
export interface HttpOptions {
  /**
   * The IP address to listen on, or `localhost`. Any other address than one of loopback needs `public` too.
   *
   * @default '127.0.0.1'
   */
  host?: string

  /**
   * The port to listen on: 0 for a free one.
   *
   * @default 9464
   */
  port?: number

  /**
   * Whether `host` may be an address that others can reach. The pages have no password, and tell everything of the node.
   *
   * @default false
   */
  public?: boolean

  /**
   * Names that the pages are asked for by, beside `localhost` and IP addresses: such as that of a proxy. A request with another name is
   * refused: a web page could have led its own name here.
   *
   * @default []
   */
  names?: readonly string[]

  /**
   * What `/metrics` shows: a registry of `prom-client`. Without it there is no such page.
   *
   * @default undefined
   */
  registry?: MetricsPage

  /**
   * The sessions that a node needs to be ready.
   *
   * @default 1
   */
  minPeers?: number

  /**
   * The blocks that a node may be behind its peers and still be ready: a block that has just been found is on its way.
   *
   * @default 2
   */
  maxBehind?: number
}

const OPTIONS: Record<keyof HttpOptions, true> = {
  host: true, port: true, public: true, names: true, registry: true, minPeers: true, maxBehind: true
}

const MAX_PORT = 65_535

/**
 * Serves pages of a running network over HTTP, until `close` is called: `/metrics`, `/healthz`, `/readyz` and `/status`.
 * Throws a `ConfigError` for an option that cannot be used, and a `ListenError` for an address that cannot be listened on.
 */
export async function serveStatus (network: StatusSource, options: HttpOptions = {}): Promise<HttpServer> {
  refuseUnknown(options, Object.keys(OPTIONS))
  const { host = '127.0.0.1', port = HTTP_PORT, names = [], minPeers = 1, maxBehind = 2, registry } = options
  checkInteger('port', port, MAX_PORT)
  checkInteger('minPeers', minPeers, Number.MAX_SAFE_INTEGER)
  checkInteger('maxBehind', maxBehind, Number.MAX_SAFE_INTEGER)
  checkBind(host, options.public ?? false)

  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) {
    throw new ConfigError('Expected `names` to be an array of host names')
  }

  return listen({ host, port, names, pages: createPages({ network, ready: { minPeers, maxBehind }, registry }) })
}

function checkInteger (name: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new ConfigError(`Expected \`${name}\` to be an integer from 0 to ${max}, got ${describe(value)}`)
  }
}
