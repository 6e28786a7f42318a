import { FEATURES } from '../../index.ts'
import type { Feature, Limits, Rate, RateLimits } from '../../index.ts'
import type { Kind, Setting, Settings } from '../settings/setting.ts'

/** What stands for no feature, where a text has to say it. */
export const NO_FEATURE = 'none'

type LimitKey = `limit${Capitalize<keyof Limits>}`
type RateKey = `rate${Capitalize<keyof RateLimits>}`

/** The settings for what one peer may send, for the bounds of parts, and for additions to the protocol. */
export type LimitSettings = { [Key in LimitKey]?: number } & { [Key in RateKey]?: Rate } & { feature?: (Feature | typeof NO_FEATURE)[] }

/** A setting that becomes an option of the same name in a group of options. */
interface Entry { kind: Kind, help: string }

const INTEGER: Kind = { type: 'integer' }
const SIZE: Kind = { type: 'size' }
const SECONDS: Kind = { type: 'seconds' }
const RATE: Kind = { type: 'rate' }

const RATES: { readonly [Name in keyof RateLimits]: Entry } = {
  transactions: { kind: RATE, help: 'New transactions that one peer may send, a second and at once.' },
  blocks: { kind: RATE, help: 'New blocks that one peer may send.' },
  blocksAsked: { kind: RATE, help: 'Blocks that one peer may ask for.' },
  digests: { kind: RATE, help: 'Announced and wanted items of one peer.' },
  pings: { kind: RATE, help: 'Pings of one peer.' },
  others: { kind: RATE, help: 'Messages of one peer that are of no known kind, or answer nothing.' },
  bytes: { kind: RATE, help: 'Bytes of one peer. It is only read more slowly, and never disconnected for it.' }
}

const LIMITS: { readonly [Name in keyof Limits]: Entry } = {
  servedBlocks: { kind: INTEGER, help: 'Blocks in the answer to one request.' },
  servedBytes: { kind: SIZE, help: 'Bytes in the answer to one request.' },
  servedRequests: { kind: INTEGER, help: 'Requests of one peer that are served at a time.' },
  outboxSoftBytes: { kind: SIZE, help: 'Bytes that wait for one peer before transactions for it are dropped.' },
  outboxHardBytes: { kind: SIZE, help: 'Bytes that wait for one peer before its session ends.' },
  seenDigests: { kind: INTEGER, help: 'Digests of blocks and transactions that are remembered: a power of two.' },
  seenDuration: { kind: SECONDS, help: 'How long they are remembered.' },
  bans: { kind: INTEGER, help: 'Bans at a time.' }
}

const FEATURE: Setting = {
  group: 'Limits', kind: { type: 'choice', choices: [NO_FEATURE, ...FEATURES] }, placeholder: 'NAME', multiple: true, presetText: 'all that this version offers',
  help: 'Addition to the protocol that this node offers. A session uses those that both sides offer.'
}

/** See {@link LimitSettings}. */
export const LIMIT_SETTINGS: Settings<LimitSettings> = {
  ...settingsOf('rate', 'rateLimits', RATES) as Settings<{ [Key in RateKey]: Rate }>,
  ...settingsOf('limit', 'limits', LIMITS) as Settings<{ [Key in LimitKey]: number }>,
  feature: FEATURE
}

function settingsOf (prefix: string, group: string, entries: Readonly<Record<string, Entry>>): Record<string, Setting> {
  return Object.fromEntries(Object.entries(entries).map(([name, { kind, help }]) => {
    return [`${prefix}${name[0]!.toUpperCase()}${name.slice(1)}`, { group: 'Limits', kind, help, option: `${group}.${name}` }]
  }))
}
