import type { HttpOptions, HttpServer } from '../../http/http.ts'
import type { Network, NetworkConfig } from '../../index.ts'

/** What a node needs for pages over HTTP: metrics from its start on, and a server as soon as it runs. */
export interface Pages {
  metrics: NonNullable<NetworkConfig['metrics']>
  serve: (network: Network) => Promise<HttpServer>
}

/** Loads what pages over HTTP need. A node without them loads nothing of it. */
export async function loadPages (options: HttpOptions): Promise<Pages> {
  const [{ serveStatus }, { prometheusMetrics, Registry }] = await Promise.all([
    import('../../http/http.ts'), import('../../prometheus/prometheus.ts')
  ])
  const registry = new Registry()

  return {
    metrics: prometheusMetrics({ registry }),
    serve: async (network) => serveStatus(network, { ...options, registry })
  }
}
