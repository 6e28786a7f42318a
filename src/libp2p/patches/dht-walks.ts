/** The inside of the DHT of @libp2p/kad-dht 16. */
interface DhtInside {
  /** Walks about every five minutes, and sets a timer after the stop. */
  routingTableRefresh?: { refreshTable: () => void }
}

/** Keeps a DHT from walking about by the clock: the node looks for peers when they run short. Returns the DHT. */
export function withoutWalks<Dht extends object> (dht: Dht): Dht {
  const { routingTableRefresh } = dht as DhtInside

  if (routingTableRefresh != null) {
    routingTableRefresh.refreshTable = () => {}
  }

  return dht
}
