import { Registry } from 'prom-client'
import { prometheusMetrics } from '../../../src/prometheus/prometheus.ts'
import type { NetworkConfig } from '../../../src/index.ts'

/** Metrics as `start --http` has them. */
export const metrics: NonNullable<NetworkConfig['metrics']> = prometheusMetrics({ registry: new Registry() })
