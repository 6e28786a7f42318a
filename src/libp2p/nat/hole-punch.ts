import { dcutr } from '@libp2p/dcutr'
import { systemClock } from '../../util/clock.ts'
import { isRelayed } from '../../address/multiaddr.ts'
import { closeWhenUnused } from '../../connect/connection.ts'
import { PROTOCOL_ID } from '../../types/message.ts'
import type { Clock } from '../../util/clock.ts'
import type { DCUtRServiceComponents } from '@libp2p/dcutr'
import type { Connection, Stream } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

/**
 * How long a session may take to move from a relayed connection to the direct one.
 *
 * @remarks The session stays on the relay.
 */
export const MOVE_PATIENCE_MS = 4000

/**
 * One try to get a direct connection, the move of the session to it included. DCUtR tries three times.
 *
 * @remarks The session stays on the relay.
 */
export const HOLE_PUNCH_TIMEOUT_MS = 10_000

/**
 * libp2p's DCUtR, which closes the relayed connection as soon as there is a direct one. It hears of that one when our session
 * has moved to it, so that nothing is lost which is on its way. Where the session does not move, since one of the two has no room for it
 * there, DCUtR hears of a failure.
 */
export function holePunch (clock: Clock = systemClock): (components: DCUtRServiceComponents) => unknown {
  return (components) => {
    const { connectionManager } = components

    const patient = Object.assign(Object.create(connectionManager) as ConnectionManager, {
      openConnection: async (...args: Parameters<ConnectionManager['openConnection']>): Promise<Connection> => {
        const connection = await connectionManager.openConnection(...args)
        const relayed = connectionManager.getConnections(connection.remotePeer).filter(isRelayed)

        if (!await hasMoved(relayed, clock)) {
          closeWhenUnused(connection, clock)
          // for the library it is as if there were no connection: it keeps the relayed one
          throw new Error(`The session with ${connection.remotePeer.toString()} did not move to the direct connection, and stays on the relay`)
        }

        return connection
      }
    })

    // the components are a proxy that writes to all parts of libp2p: what is changed here must not get there
    const changed = Object.create(components, { connectionManager: { value: patient } }) as DCUtRServiceComponents

    return dcutr({ timeout: HOLE_PUNCH_TIMEOUT_MS })(changed)
  }
}

/** Resolves to true when no session of ours is left on these connections, and to false when that takes too long. */
async function hasMoved (relayed: readonly Connection[], clock: Clock): Promise<boolean> {
  const streams = relayed.flatMap(({ streams }) => streams).filter(({ protocol }) => protocol === PROTOCOL_ID)
  const patience = Promise.withResolvers<boolean>()
  const timer = clock.setTimeout(() => { patience.resolve(false) }, MOVE_PATIENCE_MS)

  try {
    return await Promise.race([Promise.all(streams.map(whenClosed)).then(() => true), patience.promise])
  } finally {
    clock.clearTimeout(timer)
  }
}

async function whenClosed (stream: Stream): Promise<void> {
  if (stream.status === 'open' || stream.status === 'closing') {
    await new Promise<void>((resolve) => { stream.addEventListener('close', () => { resolve() }, { once: true }) })
  }
}
