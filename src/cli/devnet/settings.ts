import { DEFAULT_NETWORK } from '../start/settings.ts'
import { LOG_LEVELS } from '../output/report.ts'
import { refuse } from '../settings/values.ts'
import type { LogLevel } from '../output/report.ts'
import type { Setting, Settings } from '../settings/setting.ts'

/** The settings of `vibecoin-network devnet`. */
export interface DevnetOptions {
  nodes: number
  untilHeight?: number
  /** Seconds; counts only with `untilHeight`. */
  timeout: number
  /** Seconds. */
  blockTime: number
  basePort?: number
  dataDir?: string
  network: string
  logLevel: LogLevel
  json: boolean
  /** Whether it serves the live page. */
  web: boolean
  webPort?: number
}

const MAX_NODES = 50
const MAX_PORT = 65_535
const MAX_NAME_BYTES = 64
const OPTIONS: Pick<Setting, 'group'> = { group: 'Options' }

/** The settings of `devnet`. They are flags only. */
export const DEVNET_SETTINGS: Settings<DevnetOptions> = {
  nodes: { ...OPTIONS, kind: { type: 'integer', min: 2, max: MAX_NODES }, preset: 4, help: `How many nodes, 2 to ${MAX_NODES}.` },
  untilHeight: {
    ...OPTIONS, kind: { type: 'integer', min: 1, max: 1_000_000_000 }, placeholder: 'H', presetText: 'run until Ctrl-C',
    help: 'End once every node holds the same block H, one has joined late and one was killed and came back.'
  },
  timeout: {
    ...OPTIONS, kind: { type: 'number', min: 0.1, max: 86_400 }, placeholder: 'SECONDS', preset: 120,
    help: 'With --until-height: fail if that takes longer.', needs: 'untilHeight'
  },
  blockTime: { ...OPTIONS, kind: { type: 'number', min: 0.05, max: 3600 }, placeholder: 'SECONDS', preset: 2, help: 'From block to block.' },
  basePort: { ...OPTIONS, kind: { type: 'integer', min: 1, max: MAX_PORT }, placeholder: 'PORT', presetText: 'free ones', help: 'First of N ports in a row.' },
  dataDir: {
    ...OPTIONS, kind: { type: 'path' }, placeholder: 'DIR', presetText: 'a temporary directory, removed at the end',
    help: 'Where each node has its own directory.'
  },
  network: { ...OPTIONS, kind: { type: 'name', maxBytes: MAX_NAME_BYTES }, preset: DEFAULT_NETWORK, help: 'Name of the network.' },
  logLevel: {
    ...OPTIONS, kind: { type: 'choice', choices: LOG_LEVELS }, placeholder: 'LEVEL', preset: 'info', help: `One of ${LOG_LEVELS.join(', ')}.`
  },
  web: { ...OPTIONS, kind: { type: 'switch' }, preset: false, help: 'Serve a live page of the network on this machine, and print where it is.' },
  webPort: {
    ...OPTIONS, kind: { type: 'integer', min: 0, max: MAX_PORT }, placeholder: 'PORT', presetText: '9465, or a free one where that is taken',
    help: 'Port of the page.', needs: 'web'
  },
  json: { ...OPTIONS, kind: { type: 'switch' }, preset: false, help: 'One JSON object per line instead of text.' }
}

/** Throws a `UsageError` where the last node would have no port. */
export function checkPorts ({ nodes, basePort }: DevnetOptions): void {
  const max = MAX_PORT + 1 - nodes

  if (basePort != null && basePort > max) {
    refuse({ kind: { type: 'integer', min: 1, max } }, { label: '--base-port', directory: '' }, String(basePort))
  }
}
