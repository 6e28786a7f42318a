import { hasRoomForHost, outweighs, weigher } from '../../address/host-limits.ts'
import type { HostLimits, Located } from '../../address/host-limits.ts'

/** Who has a place that somebody else may need: a client of a relay, or a call to one. */
export interface Occupant extends Located {
  /** Whether it makes use of it now. */
  readonly isBusy: boolean
}

/** What is to be done with a newcomer: it is refused, or let in, for which somebody may have to go. */
export interface Admission<Member> {
  readonly isRefused: boolean
  readonly surplus?: Member
}

/**
 * Where a newcomer stands beside the members, the oldest first. A public host has a share, and gets no more. Where all places are taken,
 * the oldest of those where it is the most crowded has to go, and whoever is idle before others: but nobody for a newcomer of whose
 * network there are as many. Other than a connection that waits for its encryption, a place is there to be kept.
 */
export function admit<Member extends Occupant> (
  newcomer: Located, members: readonly Member[], { max, maxPerHost }: HostLimits
): Admission<Member> {
  if (!hasRoomForHost(newcomer.location, members.map(({ location }) => location), maxPerHost)) {
    return { isRefused: true }
  }

  if (members.length < max) {
    return { isRefused: false }
  }

  const weigh = weigher<Located>([...members, newcomer])
  const surplus = members.reduce((chosen, member) => goesBefore(member, chosen, weigh) ? member : chosen)

  return outweighs(weigh(surplus), weigh(newcomer)) ? { isRefused: false, surplus } : { isRefused: true }
}

function goesBefore (member: Occupant, chosen: Occupant, weigh: ReturnType<typeof weigher<Located>>): boolean {
  if (outweighs(weigh(member), weigh(chosen))) {
    return true
  }

  return chosen.isBusy && !member.isBusy && !outweighs(weigh(chosen), weigh(member))
}
