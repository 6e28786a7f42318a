import type { NodeStatus } from '../integration/node-status.ts'

/** A node that is up, as it says it is. */
export interface MemberState {
  name: string
  /** Its peer id. */
  id: string
  status: NodeStatus
  height: number
  /** The hash of its best block. */
  hash: string
}

/** Timers of a node at rest, whatever its sessions, and for each of them. Two of each three are there. */
export const MAX_TIMERS = 10
export const MAX_TIMERS_PER_SESSION = 2

/** Why a network is not at rest; nothing where it is. `maxOutbound` is that of each node. */
export function unrest (members: readonly MemberState[], maxOutbound: number): string[] {
  const highest = members.reduce((best, member) => member.height > best.height ? member : best, members[0]!)
  const sessions = new Map(members.map(({ id, status }) => [id, new Set(status.peers)]))

  return members.flatMap(({ name, id, height, hash, status }) => {
    const { counts, peers, connections, streams } = status
    const isFull = counts.outbound === maxOutbound || peers.length === members.length - 1
    const oneSided = peers.filter((peer) => sessions.get(peer)?.has(id) !== true)

    return [
      ...(isFull ? [] : [`${name} has ${counts.outbound} of ${maxOutbound} outbound sessions`]),
      ...(hash === highest.hash ? [] : [`${name} is at block ${height}, which is not that of ${highest.name} at ${highest.height}`]),
      ...(counts.pending === 0 ? [] : [`${name} has ${counts.pending} pending sessions`]),
      ...(counts.inbound + counts.outbound === peers.length ? [] : [`${name} counts other sessions than it has`]),
      ...(oneSided.length === 0 ? [] : [`${name} has ${oneSided.length} sessions that their peers do not have`]),
      ...(connections === peers.length && streams === connections
        ? []
        : [`${name} has ${connections} connections and ${streams} streams for ${peers.length} sessions`])
    ]
  })
}

/** What a node at rest has more of than it should, compared with what it had at rest before anything went wrong. */
export function leftOver ({ name, status }: MemberState, before: NodeStatus): string[] {
  const [was, is] = [countKinds(before.resources), countKinds(status.resources)]
  const bounds = new Map(was)
  bounds.set('TCPSocketWrap', status.connections)
  bounds.set('Timeout', MAX_TIMERS + MAX_TIMERS_PER_SESSION * status.connections)

  return [
    ...[...is].flatMap(([kind, count]) => {
      const most = bounds.get(kind) ?? 0

      return count <= most ? [] : [`${name} has ${count} of ${kind} open, where ${most} are due`]
    }),
    ...(status.listeners <= before.listeners ? [] : [`${name} has ${status.listeners} listeners, where it had ${before.listeners}`])
  ]
}

/** How often each kind is there. */
export function countKinds (resources: readonly string[]): Map<string, number> {
  return new Map(Object.entries(Object.groupBy(resources, (kind) => kind)).map(([kind, all]) => [kind, all?.length ?? 0]))
}
