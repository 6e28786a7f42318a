import { parseArgs } from 'node:util'
import { wholeNumber } from '../../fuzz/args.ts'
import { fromHex } from '../../fuzz/seeds.ts'
import type { Question } from './judgement.ts'

export const HELP = `npm run fuzz:interop -- [--inputs N] [--seed S] [--replay HEX [--first | --featured]]

  --inputs N    how many frames to judge (default 1000000), those of test/fixtures included
  --seed S      0 to 4294967295; the same seed makes the same frames (default: another one each time)
  --replay HEX  judges one frame, as a finding names it
  --first       it is the first frame of a session
  --featured    it comes in a session that uses every feature

Frames are made by the grammar of docs/protocol.md and from those of test/fixtures, with something changed at random. The decoders
of this package, of interop/rust and of interop/go have to make the same of each: what it means, or that it is ignored or refused.
What they do not agree on is made as short as possible, printed, and saved under test/interop/fuzz/findings. Exits with 1 where there is any.
docs/protocol.md says which one is wrong.`

/** What to do. */
export interface FuzzOptions {
  inputs: number
  seed: number
  replay: Question | undefined
}

/** Reads the command line. Throws a RangeError that says what was expected; `undefined` where help is asked for. */
export function readArgs (args: string[]): FuzzOptions | undefined {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h' },
      inputs: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
      replay: { type: 'string' },
      first: { type: 'boolean', default: false },
      featured: { type: 'boolean', default: false }
    }
  })

  if (values.help === true) {
    return undefined
  }

  if (values.replay != null && !/^([0-9a-f]{2})*$/i.test(values.replay)) {
    throw new RangeError('Expected --replay to be bytes in hex')
  }

  if ((values.first || values.featured) && values.replay == null) {
    throw new RangeError(`Expected --${values.first ? 'first' : 'featured'} to come with --replay`)
  }

  if (values.first && values.featured) {
    throw new RangeError('Expected --featured to come without --first: features are used after the handshakes')
  }

  return {
    inputs: wholeNumber('--inputs', values.inputs, { min: 1, max: Number.MAX_SAFE_INTEGER }),
    seed: wholeNumber('--seed', values.seed, { min: 0, max: 2 ** 32 - 1 }),
    replay: values.replay == null ? undefined : { isFirst: values.first, isFeatured: values.featured, frame: fromHex(values.replay) }
  }
}
