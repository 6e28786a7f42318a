import { parseArgs } from 'node:util'
import { MAX_NODES, MIN_NODES } from './plan.ts'

export const HELP = `npm run chaos -- [--seconds S] [--nodes N] [--older N] [--seed S]

  --seconds S  how long links and nodes fail, 5 to 86400 (default 120); starting and settling down come on top of that
  --nodes N    ${MIN_NODES} to ${MAX_NODES}, each in a process of its own (default 12)
  --older N    how many of them run the code from before features were negotiated, 0 to all (default 0); needs the history of git
  --seed S     0 to 4294967295; the same seed makes the same things fail at the same times (default: another one each time)

Nodes that hold one chain and make blocks are killed, paused and cut off from each other, by links that are slow, that swallow everything
or that break. In the end all of it works again, and each node has to be back at its outbound sessions, on the same chain, with
nothing left of what was. Exits with 1 where that is not so, and with 130 after Ctrl-C.`

/** What to do. */
export interface ChaosOptions {
  seconds: number
  nodes: number
  /** Of the nodes, how many run older code. */
  older: number
  seed: number
}

/** Reads the command line. Throws an error that says what was expected; `undefined` where help is asked for. */
export function readArgs (args: string[]): ChaosOptions | undefined {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h' },
      seconds: { type: 'string', default: '120' },
      nodes: { type: 'string', default: '12' },
      older: { type: 'string', default: '0' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) }
    }
  })

  if (values.help === true) {
    return undefined
  }

  const nodes = wholeNumber('--nodes', values.nodes, { min: MIN_NODES, max: MAX_NODES })

  return {
    seconds: wholeNumber('--seconds', values.seconds, { min: 5, max: 86_400 }),
    nodes,
    older: wholeNumber('--older', values.older, { min: 0, max: nodes }),
    seed: wholeNumber('--seed', values.seed, { min: 0, max: 2 ** 32 - 1 })
  }
}

function wholeNumber (name: string, text: string, { min, max }: { min: number, max: number }): number {
  const value = Number(text)

  if (!Number.isSafeInteger(value) || value < min || value > max || text.trim() === '') {
    throw new RangeError(`Expected ${name} to be a whole number from ${min} to ${max}, got ${text}`)
  }

  return value
}
