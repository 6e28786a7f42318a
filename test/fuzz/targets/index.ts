import { addresses } from './addresses.ts'
import { blocks } from './blocks.ts'
import { entries } from './entries.ts'
import { frames } from './frames.ts'
import { grammar } from './grammar.ts'
import { messages } from './messages.ts'
import { muxer } from './muxer.ts'
import { session } from './session.ts'
import type { Target } from '../target.ts'

/** Everything that is fuzzed. */
export const TARGETS: readonly Target[] = [frames, messages, grammar, blocks, addresses, entries, muxer, session]
