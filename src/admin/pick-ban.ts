import { RPC_ERRORS, RpcError } from './rpc.ts'
import { MIN_END_LENGTH } from './pick-peer.ts'
import { MAX_REASON_CHARS } from '../peers/penalties/bans.ts'
import type { Ban } from '../types/ban.ts'

const MAX_SHOWN = 64
/** The characters of the shortest peer id, less a few: shorter texts are names, or ends of ids. */
const MIN_ID_LENGTH = 40

/** A text that no ready peer goes by, for the network to check and to ban. Throws an {@link RpcError} for a name, or the end of an id. */
export function checkBannable (given: string): string {
  if (!isSubject(given)) {
    throw failed(`No ready peer has the name or the end \`${given.slice(0, MAX_SHOWN)}\`: give its whole id, or an IP address`)
  }

  return given
}

/**
 * The reason of a ban of a peer with a name, by which the ban is found later. The name is quoted, so that none ends like another. It comes
 * last, and `reason` is cut to make room for it.
 */
export function reasonFor (nodeId: string, reason = 'by the operator'): string {
  const ending = `, as ${JSON.stringify(nodeId)}`

  return reason.slice(0, Math.max(MAX_REASON_CHARS - ending.length, 0)) + ending
}

/**
 * The subject of the ban that a text stands for: a subject, the end of a peer id, or the name that the peer had when it was banned. A
 * subject that is not banned stands for itself.
 * Throws an {@link RpcError} for any other text.
 */
export function pickBan (bans: readonly Pick<Ban, 'subject' | 'kind' | 'reason'>[], given: string): string {
  if (isSubject(given)) {
    return given
  }

  const end = given.replace(/^\.\./, '')
  const [ban, other] = bans.filter(({ subject, kind, reason }) => {
    return kind === 'peer' && (reason.endsWith(reasonFor(given, '')) || (end.length >= MIN_END_LENGTH && subject.endsWith(end)))
  })

  if (ban == null) {
    throw failed(`No banned peer has the name or the end \`${given.slice(0, MAX_SHOWN)}\`: give its id, or the IP address, as \`bans\` shows it`)
  }

  if (other != null) {
    throw failed(`More than one banned peer has the name or the end \`${given.slice(0, MAX_SHOWN)}\`: give the whole id`)
  }

  return ban.subject
}

/** Whether a text may be a whole peer id, an IP address or a /64: the network checks the rest. */
function isSubject (text: string): boolean {
  return text.length >= MIN_ID_LENGTH || /[.:]/.test(text.replace(/^\.\./, ''))
}

function failed (message: string): RpcError {
  return new RpcError(message, RPC_ERRORS.FAILED)
}
