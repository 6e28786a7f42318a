import type { Setting, Settings } from '../settings/setting.ts'

/** The settings of `vibecoin-network check`. */
export interface CheckOptions {
  only: string[]
  list: boolean
  gentle: boolean
  strict: boolean
  /** Whole milliseconds. */
  timeout: number
  parallel: number
  source: string[]
  listen?: string
  dialWith?: string
  json: boolean
  junit?: string
}

const CHECKS: Pick<Setting, 'group'> = { group: 'Checks' }
const TARGET: Pick<Setting, 'group'> = { group: 'The node' }
const OUTPUT: Pick<Setting, 'group'> = { group: 'Output' }

/** The settings of `check`. They are flags only. */
export const CHECK_SETTINGS: Settings<CheckOptions> = {
  only: {
    ...CHECKS, kind: { type: 'text' }, placeholder: 'PATTERN', multiple: true, preset: [], presetText: 'all',
    help: 'Run the checks that have this in their id or section; with * in it, those whose whole id it fits.'
  },
  list: { ...CHECKS, kind: { type: 'switch' }, preset: false, help: 'List the checks and run none. No address is needed.' },
  gentle: {
    ...CHECKS, kind: { type: 'switch' }, preset: false,
    help: 'Run only what no node holds against a peer: for a node that others use.'
  },
  strict: { ...CHECKS, kind: { type: 'switch' }, preset: false, help: 'Count a check that is skipped as one that has failed.' },
  timeout: { ...TARGET, kind: { type: 'seconds' }, preset: 5000, presetText: '5', help: 'How long the node may take to react.' },
  parallel: { ...TARGET, kind: { type: 'integer', min: 1, max: 32 }, preset: 6, help: 'How many checks run at a time where each has a local address of its own.' },
  source: {
    ...TARGET, kind: { type: 'text' }, placeholder: 'IP', multiple: true, preset: [],
    presetText: 'on loopback a new one for each peer, else what the system chooses',
    help: 'A local IP address to dial from.'
  },
  listen: {
    ...TARGET, kind: { type: 'address' }, presetText: 'not at all',
    help: 'Where the node can dial the tester: needed for what it does when it dials.'
  },
  dialWith: {
    ...TARGET, kind: { type: 'text' }, placeholder: 'COMMAND', presetText: 'wait until it dials by itself',
    help: 'A shell command that has the node dial the address that stands for {} in it.'
  },
  json: { ...OUTPUT, kind: { type: 'switch' }, preset: false, help: 'One JSON object instead of text.' },
  junit: { ...OUTPUT, kind: { type: 'path' }, presetText: 'none', help: 'Also write the results to this file, as JUnit XML.' }
}
