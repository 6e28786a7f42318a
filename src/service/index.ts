import { serviceCapabilities, serviceDependencies } from '@libp2p/interface'
import { VibeCoinService } from './service.ts'
import { resolveServiceConfig } from '../config/resolve.ts'
import { assertRuntime } from '../util/runtime.ts'
import type { VibeCoin, VibeCoinComponents, VibeCoinExtras } from './api.ts'
import type { ServiceConfig, ServiceInit } from '../config/resolve.ts'

/**
 * The VibeCoin network as a service of libp2p: `createLibp2p({ services: { identify: identify(), vibecoin: vibecoin({ ... }) } })`.
 * Throws a `ConfigError` for an option that cannot be used. A second one on the same node is a `ConfigError` when the node starts.
 */
export function vibecoin (init: ServiceInit): (components: VibeCoinComponents) => VibeCoin {
  return createService(resolveServiceConfig(init))
}

/** The service of a config that is resolved already. */
export function createService (config: ServiceConfig, extras: VibeCoinExtras = {}): (components: VibeCoinComponents) => VibeCoinService {
  assertRuntime()

  return (components) => Object.assign(new VibeCoinService(components, config, extras), {
    [serviceCapabilities]: ['@vibecoin/network'],
    [serviceDependencies]: ['@libp2p/identify']
  })
}
