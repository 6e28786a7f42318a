/** A node of a devnet, before it runs. */
export interface PlannedNode {
  name: string
  /** Of 127.0.0.1. */
  port: number
  /** Where it takes WebSockets: of 127.0.0.1. A web page joins the network there. */
  webSocketPort?: number | undefined
  /** Whether it lends others its reach: the page calls a node through it. */
  isRelay: boolean
  /** Whether it is reachable through the relay and over WebRTC, as a node at home is. */
  isHome: boolean
  /** Multiaddrs of nodes that were planned before it. */
  seeds: string[]
  makesBlocks: boolean
  joinsLate: boolean
  /** Killed once, and restarted. */
  isKilled: boolean
}

/** The times of the steps, in blocks made since the devnet started. */
export interface Schedule {
  /** The late node starts. */
  joinAt: number
  /** At the earliest; the late node has to have caught up. */
  killAt: number
  /** Blocks that the killed node misses. */
  restartAfter: number
}

/** A run at least this long has time for a late node with something to catch up. */
const UNHURRIED_HEIGHT = 12

/** What a page needs of a devnet: a port for WebSockets, and whether nodes have WebRTC. */
export interface PagePlan { webSocketPort?: number | undefined, hasWebRtc?: boolean }

/**
 * The nodes of a devnet, one for each port. The first makes the blocks, and takes WebSockets at `webSocketPort`. It is the relay of the
 * second then, where there is WebRTC. The last joins late, the one before it is killed.
 */
export function planNodes (ports: number[], { webSocketPort, hasWebRtc = false }: PagePlan = {}): PlannedNode[] {
  const last = ports.length - 1
  const killed = Math.max(last - 1, 1)

  return ports.map((port, i) => ({
    name: `node-${i + 1}`,
    port,
    webSocketPort: i === 0 ? webSocketPort : undefined,
    isRelay: i === 0 && webSocketPort != null && hasWebRtc,
    isHome: i === 1 && webSocketPort != null && hasWebRtc,
    seeds: seedsOf(i).map((seed) => addressOf(ports[seed] ?? 0)),
    makesBlocks: i === 0,
    joinsLate: i === last,
    isKilled: i === killed
  }))
}

/** The multiaddr that a node listens on. */
export function addressOf (port: number): string {
  return `/ip4/127.0.0.1/tcp/${port}`
}

/** What happens at which height in a run that ends at `untilHeight`, or never. */
export function planSchedule (untilHeight: number | undefined): Schedule {
  return untilHeight != null && untilHeight < UNHURRIED_HEIGHT
    ? { joinAt: 1, killAt: 2, restartAfter: 0 }
    : { joinAt: 5, killAt: 8, restartAfter: 2 }
}

/** Its two neighbours make a chain; the one half-way to the first makes it short. */
function seedsOf (i: number): number[] {
  const seeds = new Set([i - 1, i - 2, Math.floor(i / 2)].filter((seed) => seed >= 0 && seed < i))

  return Array.from(seeds)
}
