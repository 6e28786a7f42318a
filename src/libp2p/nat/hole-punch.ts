import { dcutr } from '@libp2p/dcutr'
import { systemClock } from '../../util/clock.ts'
import { isRelayed } from '../../address/multiaddr.ts'
import { PROTOCOL_ID } from '../../types/message.ts'
import type { Clock } from '../../util/clock.ts'
import type { DCUtRServiceComponents } from '@libp2p/dcutr'
import type { Connection, Stream } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

/** How long a relayed connection is kept for the session on it to move to the direct one. */
export const MOVE_PATIENCE_MS = 4000

/**
 * One try to get a direct connection, the move of the session to it included. DCUtR tries three times.
 *
 * @remarks The session stays on the relay.
 */
export const HOLE_PUNCH_TIMEOUT_MS = 10_000

/**
 * libp2p's DCUtR, which closes the relayed connection as soon as there is a direct one. It hears of that one when our session
 * has moved to it, so that nothing is lost which is on its way.
 */
export function holePunch (clock: Clock = systemClock): (components: DCUtRServiceComponents) => unknown {
  return (components) => {
    const { connectionManager } = components

    const patient = Object.assign(Object.create(connectionManager) as ConnectionManager, {
      openConnection: async (...args: Parameters<ConnectionManager['openConnection']>): Promise<Connection> => {
        const connection = await connectionManager.openConnection(...args)
        await untilMoved(connectionManager.getConnections(connection.remotePeer), clock)

        return connection
      }
    })

    // the components are a proxy that writes to all parts of libp2p: what is changed here must not get there
    const changed = Object.create(components, { connectionManager: { value: patient } }) as DCUtRServiceComponents

    return dcutr({ timeout: HOLE_PUNCH_TIMEOUT_MS })(changed)
  }
}

/** Resolves when no session of ours is left on those of the connections that are relayed, or when that takes too long. */
async function untilMoved (connections: readonly Connection[], clock: Clock): Promise<void> {
  const streams = connections.filter(isRelayed).flatMap(({ streams }) => streams).filter(({ protocol }) => protocol === PROTOCOL_ID)
  const patience = Promise.withResolvers<void>()
  const timer = clock.setTimeout(patience.resolve, MOVE_PATIENCE_MS)

  try {
    await Promise.race([Promise.all(streams.map(whenClosed)), patience.promise])
  } finally {
    clock.clearTimeout(timer)
  }
}

async function whenClosed (stream: Stream): Promise<void> {
  if (stream.status === 'open' || stream.status === 'closing') {
    await new Promise<void>((resolve) => { stream.addEventListener('close', () => { resolve() }, { once: true }) })
  }
}
