import { hasRoomForHost, outweighs, weigher } from '../../address/host-limits.ts'
import type { HostLimits, Located } from '../../address/host-limits.ts'

/** A member that may have to make room: a client of a relay, or a circuit to a client. */
export interface Occupant extends Located {
  /** Whether it makes use of it now. */
  readonly isBusy: boolean
}

/** Whether a newcomer is refused, and which member makes room for it. */
export interface Admission<Member> {
  readonly isRefused: boolean
  readonly surplus?: Member
}

/**
 * Decides on a newcomer beside the members, the oldest first. A public host has a share, and gets no more. Where there is no room left,
 * the oldest member of the most crowded host and netgroup makes room, idle ones before busy ones. No member does for a newcomer whose
 * netgroup has as many members. Unlike a connection that waits for its encryption, a member is there to stay.
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
