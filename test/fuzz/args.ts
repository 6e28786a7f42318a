import { parseArgs } from 'node:util'
import { fromHex } from './seeds.ts'

export const HELP = `npm run fuzz -- [--inputs N] [--minutes M] [--seed S] [--target NAME] [--replay HEX] [--save-corpus]

  --inputs N     how many inputs to run (default 1000000), those to begin with included
  --minutes M    ends after so many minutes, whatever is left
  --seed S       0 to 4294967295; the same seed makes the same inputs (default: another one each time)
  --target NAME  only this one of: NAMES
  --replay HEX   runs one input of --target, as a finding names it
  --save-corpus  keeps the shortest inputs that take all branches that were taken, in place of test/fuzz/corpus

Inputs are changed at random, and kept to go on from where they made the code take a branch that none before did. What is
found is made as short as possible, printed, and saved under test/fuzz/findings. Exits with 1 where there is any.`

/** What to do. */
export interface FuzzOptions {
  inputs: number
  minutes: number
  seed: number
  target: string | undefined
  replay: Uint8Array | undefined
  saveCorpus: boolean
}

/** Reads the command line. Throws a RangeError that says what was expected; `undefined` where help is asked for. */
export function readArgs (args: string[], targets: readonly string[]): FuzzOptions | undefined {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h' },
      inputs: { type: 'string', default: '1000000' },
      minutes: { type: 'string', default: 'Infinity' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
      target: { type: 'string' },
      replay: { type: 'string' },
      'save-corpus': { type: 'boolean', default: false }
    }
  })

  if (values.help === true) {
    return undefined
  }

  if (values.target != null && !targets.includes(values.target)) {
    throw new RangeError(`Expected --target to be one of ${targets.join(', ')}, got ${values.target}`)
  }

  if (values.replay != null && (values.target == null || !/^([0-9a-f]{2})*$/i.test(values.replay))) {
    throw new RangeError('Expected --replay to be bytes in hex, and --target to be named')
  }

  return {
    inputs: wholeNumber('--inputs', values.inputs, { min: 1, max: Number.MAX_SAFE_INTEGER }),
    minutes: positive('--minutes', values.minutes),
    seed: wholeNumber('--seed', values.seed, { min: 0, max: 2 ** 32 - 1 }),
    target: values.target,
    replay: values.replay == null ? undefined : fromHex(values.replay),
    saveCorpus: values['save-corpus']
  }
}

/** A whole number of the command line. Throws a RangeError that says what was expected. */
export function wholeNumber (name: string, text: string, { min, max }: { min: number, max: number }): number {
  const value = Number(text)

  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new RangeError(`Expected ${name} to be a whole number from ${min} to ${max}, got ${text}`)
  }

  return value
}

function positive (name: string, text: string): number {
  const value = Number(text)

  if (!(value > 0)) {
    throw new RangeError(`Expected ${name} to be a number above 0, got ${text}`)
  }

  return value
}
