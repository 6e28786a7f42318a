import type { MessageStream, Transport, Upgrader } from '@libp2p/interface'

/** What is made of a connection, and what of it nothing is negotiated. */
export interface UpgradeOptions {
  skipEncryption?: boolean | undefined
}

/** Callbacks for the connections of a transport. */
export interface TransportHooks {
  /** Called with each of them before libp2p has read anything of it, in the turn in which it is there. */
  onConnection?: (connection: MessageStream, upgrader: Upgrader, options: UpgradeOptions) => void
  /** Called when it is encrypted and its muxer agreed on, or whatever else it was to be. */
  onUpgraded?: (connection: MessageStream) => void
}

/** The same transport, which calls back for each of its connections. */
export function hookTransport<Components extends object> (
  create: (components: Components) => Transport, hooks: TransportHooks
): (components: Components) => Transport {
  return (components) => {
    const watch = (upgrader: Upgrader): Upgrader => hookUpgrader(upgrader, hooks)
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

function hookUpgrader (upgrader: Upgrader, { onConnection: onRaw, onUpgraded }: TransportHooks): Upgrader {
  // what comes first has to be seen: both are called in this turn
  const upgradeInbound: Upgrader['upgradeInbound'] = async (connection, options) => {
    onRaw?.(connection, upgrader, options as UpgradeOptions)
    await upgrader.upgradeInbound(connection, options)
    onUpgraded?.(connection)
  }

  const upgradeOutbound: Upgrader['upgradeOutbound'] = async (connection, options) => {
    onRaw?.(connection, upgrader, options as UpgradeOptions)
    const upgraded = await upgrader.upgradeOutbound(connection, options)
    onUpgraded?.(connection)

    return upgraded
  }

  return Object.assign(Object.create(upgrader) as Upgrader, { upgradeInbound, upgradeOutbound })
}
