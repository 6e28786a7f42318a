import { parseArgs } from 'node:util'
import { BOUNDS } from './verdict.ts'

/** Below this hardly anything can be told, in minutes. */
const MIN_MINUTES = 0.2
const MAX_MINUTES = 7 * 24 * 60

export const HELP = `npm run soak -- [--minutes M] [--seed S] [--leak BYTES]

  --minutes M   how long, ${MIN_MINUTES} to ${MAX_MINUTES} (default 30)
  --seed S      0 to 4294967295, for what breaks when (default: another one each time)
  --leak BYTES  keeps so many bytes for each reconnect, 0 to 1048576: to see it found (default 0)

Nodes in one process send each other transactions, blocks and pings while their sessions are broken again and again, and
strangers come to one of them, say what they are and go: many of them with as many tiny addresses and protocols as libp2p
reads. Beside that, circuits, the connections of a node to its relay, and the relay are cut. In 30 minutes there are at least
10,000 reconnects, 100,000 pings, 3,000 strangers and 600 cuts. From time to time it pauses, until all is at rest, and what is held then is
measured after garbage collection. What rises from one measurement to the next is a leak: it exits with 1 where a line through the last
three quarters of them rises faster than it may, by more than twice the error of that line, and with 130 after Ctrl-C. It may rise:

${BOUNDS.map(({ label, perHour, floor, unit }) => `  ${label}: ${perHour} ${unit} an hour, ${floor} ${unit} in all`).join('\n')}`

/** What to do. */
export interface SoakOptions {
  minutes: number
  seed: number
  leakBytes: number
}

/** Reads the command line. Throws an error that says what was expected; `undefined` where help is asked for. */
export function readArgs (args: string[]): SoakOptions | undefined {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h' },
      minutes: { type: 'string', default: '30' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
      leak: { type: 'string', default: '0' }
    }
  })

  if (values.help === true) {
    return undefined
  }

  return {
    minutes: number('--minutes', values.minutes, { min: MIN_MINUTES, max: MAX_MINUTES, isWhole: false }),
    seed: number('--seed', values.seed, { min: 0, max: 2 ** 32 - 1, isWhole: true }),
    leakBytes: number('--leak', values.leak, { min: 0, max: 1024 * 1024, isWhole: true })
  }
}

function number (name: string, text: string, { min, max, isWhole }: { min: number, max: number, isWhole: boolean }): number {
  const value = Number(text)

  if (text.trim() === '' || !(value >= min && value <= max) || (isWhole && !Number.isInteger(value))) {
    throw new RangeError(`Expected ${name} to be a ${isWhole ? 'whole ' : ''}number from ${min} to ${max}, got ${text}`)
  }

  return value
}
