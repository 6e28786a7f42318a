import type { MessageStream, Transport, Upgrader } from '@libp2p/interface'

/** What is made of a connection, and what of it nothing is negotiated. */
export interface UpgradeOptions {
  skipEncryption?: boolean | undefined
}

/** Called with each connection of a transport before libp2p has read anything of it. */
export type OnRawConnection = (connection: MessageStream, upgrader: Upgrader, options: UpgradeOptions) => void

/** The same transport, of which `onRaw` sees all connections, in the turn in which they are there. */
export function withRawConnections<Components extends object> (
  create: (components: Components) => Transport, onRaw: OnRawConnection
): (components: Components) => Transport {
  return (components) => {
    const watch = (upgrader: Upgrader): Upgrader => watchUpgrader(upgrader, onRaw)
    // some have the upgrader from here. It is a proxy that writes to all parts of libp2p: what is changed must not get there
    const transport = create(Object.create(components, {
      upgrader: { get: () => watch((components as { upgrader: Upgrader }).upgrader) }
    }) as Components)

    const dial = transport.dial.bind(transport)
    const createListener = transport.createListener.bind(transport)
    transport.dial = async (address, options) => dial(address, { ...options, upgrader: watch(options.upgrader) })
    transport.createListener = (options) => createListener({ ...options, upgrader: watch(options.upgrader) })

    return transport
  }
}

function watchUpgrader (upgrader: Upgrader, onRaw: OnRawConnection): Upgrader {
  // what comes first has to be seen: both are called in this turn
  const upgradeInbound: Upgrader['upgradeInbound'] = async (connection, options) => {
    onRaw(connection, upgrader, options as UpgradeOptions)

    return upgrader.upgradeInbound(connection, options)
  }

  const upgradeOutbound: Upgrader['upgradeOutbound'] = async (connection, options) => {
    onRaw(connection, upgrader, options as UpgradeOptions)

    return upgrader.upgradeOutbound(connection, options)
  }

  return Object.assign(Object.create(upgrader) as Upgrader, { upgradeInbound, upgradeOutbound })
}
