import type { Closure } from './types.ts'

/** The most characters of the text. */
const MAX_TEXT_CHARS = 256

/** Why a session has ended, for people to read: who said so, the reason, and what goes with it. A peer may have written that. */
export function closureText ({ reason, detail, byRemote }: Closure): string {
  const why = reason == null ? 'the connection broke' : `${byRemote ? 'the peer' : 'this node'} said ${reason}`

  return (detail === '' ? why : `${why} (${detail})`).slice(0, MAX_TEXT_CHARS)
}
