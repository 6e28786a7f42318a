import { isLoopback } from '../../http/bind.ts'
import { UsageError } from '../settings/usage-error.ts'
import { isIP } from 'node:net'
import type { HttpOptions } from '../../http/http.ts'
import type { Resolved } from '../settings/given.ts'
import type { StartOptions } from './settings.ts'

/** The options of the pages over HTTP; `undefined` where none are asked for. Throws a {@link UsageError} for what cannot be used. */
export function toHttpOptions ({ options, labels }: Resolved<StartOptions>): HttpOptions | undefined {
  const { http, httpPublic, httpName } = options

  if (http == null) {
    return undefined
  }

  const [, shown = '127.0.0.1', port = ''] = /^(?:(\[[^\]]*\]|[^:[\]]+):)?(\d{1,5})$/.exec(http) ?? []
  const host = shown.replace(/^\[(.*)\]$/, '$1')

  if (port === '' || Number(port) > 65_535 || (host !== 'localhost' && isIP(host) === 0)) {
    throw new UsageError(`Expected ${labels.http} to be an address such as 127.0.0.1:9464, got ${http}`)
  }

  if (!httpPublic && !isLoopback(host)) {
    throw new UsageError(`Expected ${labels.http} to be an address of loopback, got ${http}: the pages have no password, and tell everything of the node. Add --http-public where others may read them`)
  }

  return { host, port: Number(port), public: httpPublic, names: httpName ?? [] }
}
