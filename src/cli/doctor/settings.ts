import { START_SETTINGS } from '../start/settings.ts'
import type { StartOptions } from '../start/settings.ts'
import type { Setting, Settings } from '../settings/setting.ts'

/** The settings of `vibecoin-network doctor`: those of `start` that decide who reaches the node, and two of its own. */
export interface DoctorOptions extends Pick<StartOptions, 'network' | 'listen' | 'seed' | 'dnsSeed' | 'dnsServer' | 'upnp' | 'json'> {
  /** How long it waits for what others find out, in ms. */
  wait: number
}

const OUTPUT: Pick<Setting, 'group'> = { group: 'Output' }

/** The settings of `doctor`. They are flags only. */
export const DOCTOR_SETTINGS: Settings<DoctorOptions> = {
  network: START_SETTINGS.network,
  listen: START_SETTINGS.listen,
  seed: START_SETTINGS.seed,
  dnsSeed: START_SETTINGS.dnsSeed,
  dnsServer: START_SETTINGS.dnsServer,
  upnp: { ...START_SETTINGS.upnp, preset: true, presetText: 'true', help: 'Ask the gateway to open the port, and have it closed at the end.' },
  wait: { ...OUTPUT, kind: { type: 'seconds' }, preset: 30_000, presetText: '30', help: 'How long to wait for what peers and the gateway say.' },
  json: { ...OUTPUT, kind: { type: 'switch' }, preset: false, help: 'One JSON object instead of text.' }
}
