import { noteSessionStream } from '../../libp2p/patches/guard/session-streams.ts'
import type { ManagerInit, ManagerListener } from './types.ts'
import type { SessionEntry } from './session-table.ts'
import type { Session } from '../../session/session.ts'
import type { SessionHooks } from '../../session/types.ts'

/** What the manager decides, and takes note of. */
export interface ManagerHooks extends Pick<SessionHooks<Session>, 'admit' | 'onReady' | 'onViolation' | 'onClosed'> {
  /** The entry of a session that has not ended. */
  entryOf: (session: Session) => SessionEntry | undefined
}

/** What all sessions of a manager ask and tell. They share it: each would need eight functions of its own. */
export function createHooks (
  { clock, meters, bestHeight, localNode, penalties, reserved, upgradeOf }: ManagerInit,
  listener: ManagerListener,
  { entryOf, admit, onReady, onViolation, onClosed }: ManagerHooks
): SessionHooks<Session> {
  return {
    localNode: async (session) => {
      const local = await localNode(session.address)

      return entryOf(session)?.slot?.isBlockOnly === true ? { ...local, blockOnly: true } : local
    },
    bestHeight,
    admit,
    standing: ({ id }) => ({ isReserved: reserved.has(id), score: penalties.scores.score(id), upgrade: upgradeOf?.(id) }),
    onReady: (session) => {
      const { stream, openedAt } = entryOf(session)!
      noteSessionStream(stream)
      meters?.readied(session.direction, clock.now() - openedAt)
      onReady(session)
    },
    onLow: (session) => { listener.onLow?.(session) },
    onViolation,
    onMessage: (envelope, session) => listener.onMessage(session, envelope),
    onClosed
  }
}
