import { shuffle } from '../../../util/shuffle.ts'
import { raceSignal } from '../../../util/race-signal.ts'
import type { Host } from '../transport/host.ts'
import type { World } from '../transport/world.ts'
import type { PeerSource } from '../../../types/peer-source.ts'

/** Peers that one search finds. */
const FOUND = 20

/** How long a search takes, in ms. */
const SEARCH_MS = 500

/** A source of peers in the place of a DHT: it finds some of the nodes that run and can be dialled, others each time. */
export function discovery (world: World, host: Host): PeerSource {
  return {
    name: 'simulated',
    find: async function * (signal) {
      await raceSignal(new Promise<void>((resolve) => { host.process?.clock.setTimeout(resolve, SEARCH_MS) }), signal)
      const others = [...world.hosts.values()].filter((other) => {
        return other !== host && host.mayDial(other.index) && other.isReachable && other.process != null && !world.isCut(host, other)
      })

      for (const { id, address } of shuffle(others, world.chance.random).slice(0, FOUND)) {
        yield { peerId: id, addresses: [address.toString()] }
      }
    }
  }
}
