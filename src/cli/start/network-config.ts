import { readFile } from 'node:fs/promises'
import { resolveConfig } from '../../config/resolve.ts'
import { NO_FEATURE } from './limit-settings.ts'
import { START_SETTINGS } from './settings.ts'
import { UsageError } from '../settings/usage-error.ts'
import type { Feature, NetworkConfig } from '../../index.ts'
import type { Resolved } from '../settings/given.ts'
import type { Setting } from '../settings/setting.ts'
import type { StartOptions } from './settings.ts'

/** The options of the network that settings decide. */
export type SettingsConfig = Omit<Partial<NetworkConfig>, 'genesisHash' | 'chain' | 'handlers' | 'dataDir'>

/** How an error of the network calls the settings that are no option by themselves. */
const ALIASES: Readonly<Record<string, keyof StartOptions>> = {
  'discovery.dht': 'dht', 'tls.cert': 'tlsCert', 'tls.key': 'tlsKey', tls: 'tlsCert', privateNetworkKey: 'privateNetworkKey',
  features: 'feature', outboxHardBytes: 'limitOutboxHardBytes'
}

/**
 * The options of the network, checked. Reads the files of the certificate and of the private network. Throws a {@link UsageError} that
 * names the flag, the variable or the key of the file that is wrong.
 */
export async function toNetworkConfig ({ options, labels }: Resolved<StartOptions>): Promise<SettingsConfig> {
  const config: Record<string, unknown> = {}

  for (const [key, { option }] of Object.entries<Setting>(START_SETTINGS)) {
    const value = options[key as keyof StartOptions]

    if (option != null && value != null) {
      setPath(config, option.split('.'), value)
    }
  }

  if (options.feature != null) {
    config['features'] = featuresOf(options.feature, labels.feature)
  }

  await addFiles(config, { options, labels })
  addDht(config, options)
  checkConfig(config, labels)

  return config
}

/** The features that are named: none for `none` alone. */
function featuresOf (names: NonNullable<StartOptions['feature']>, label: string): readonly Feature[] {
  const features = names.filter((name) => name !== NO_FEATURE)

  if (features.length > 0 && features.length < names.length) {
    throw new UsageError(`Expected ${label} to be ${NO_FEATURE} alone, or the names of features`)
  }

  return features
}

function setPath (config: Record<string, unknown>, [name = '', ...rest]: string[], value: unknown): void {
  if (rest.length === 0) {
    config[name] = value
    return
  }

  const inner = (config[name] ?? {}) as Record<string, unknown>
  config[name] = inner
  setPath(inner, rest, value)
}

function addDht (config: Record<string, unknown>, { dht }: StartOptions): void {
  if (dht != null && dht !== 'off') {
    setPath(config, ['discovery', 'dht'], dht === 'auto' ? true : dht)
  }
}

async function addFiles (config: Record<string, unknown>, { options, labels }: Pick<Resolved<StartOptions>, 'options' | 'labels'>): Promise<void> {
  const { tlsCert, tlsKey, privateNetworkKey } = options

  if ((tlsCert == null) !== (tlsKey == null)) {
    throw new UsageError(tlsCert == null ? `Expected --tls-cert with ${labels.tlsKey}` : `Expected --tls-key with ${labels.tlsCert}`)
  }

  if (tlsCert != null && tlsKey != null) {
    config['tls'] = { cert: await readText(tlsCert, labels.tlsCert), key: await readText(tlsKey, labels.tlsKey) }
  }

  if (privateNetworkKey != null) {
    config['privateNetworkKey'] = await readText(privateNetworkKey, labels.privateNetworkKey)
  }
}

async function readText (file: string, label: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (err) {
    throw new UsageError(`Could not read the file of ${label}`, { cause: err })
  }
}

/** Has the network check the options, and names those that are wrong as the operator wrote them. */
function checkConfig (config: SettingsConfig, labels: Resolved<StartOptions>['labels']): void {
  try {
    resolveConfig({ ...config, dataDir: '.', genesisHash: new Uint8Array(32) })
  } catch (err) {
    throw err instanceof Error && err.name === 'ConfigError' ? new UsageError(withLabels(err.message, labels)) : err
  }
}

function withLabels (message: string, labels: Resolved<StartOptions>['labels']): string {
  const keys = new Map(Object.entries<Setting>(START_SETTINGS).flatMap(([key, { option }]) => {
    return option == null ? [] : [[option, key]]
  }))

  return message.replace(/`([\w.]+)(\[\d+\])?`/g, (quoted, option: string) => {
    const name = option.replace(/\.(perSecond|burst)$/, '')
    const key = (keys.get(name) ?? ALIASES[name]) as keyof StartOptions | undefined

    return key == null ? quoted : labels[key]
  })
}
