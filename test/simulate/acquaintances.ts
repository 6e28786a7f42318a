import { multiaddr } from '@multiformats/multiaddr'
import { EPOCH_MS } from '../../src/testing/simulator/time/process.ts'
import { unsignedRecord } from '../../src/testing/simulator/transport/records.ts'
import { ipOf, peerIdOf, PORT } from '../../src/testing/simulator/world/addresses.ts'
import { seededChance } from '../../src/util/chance.ts'
import { MINUTE } from './scenario.ts'
import type { NodeOptions } from '../../src/testing/index.ts'
import type { KnownPeer } from '../../src/types/known-peers.ts'

/** When the nodes have met, before the simulation begins, in ms. */
const AGO: number = 10 * MINUTE

/** Options of {@link acquaintances}. */
export interface AcquaintancesInit {
  seed: number | string
  nodes: number
  /** How many others each node has met, or all others where they are fewer. */
  met: number
}

/**
 * What is different about each node of a network whose nodes have run before: it knows others that it has met, with their records. A fresh
 * node tries twelve peers a minute until it has met enough of them, and one that has run for long tries one in two minutes.
 */
export function acquaintances ({ seed, nodes, met }: AcquaintancesInit): (index: number) => NodeOptions {
  const all = Array.from({ length: nodes }, (_, index) => knownPeer(String(seed), index))

  return (index) => {
    const chance = seededChance(`${seed} acquaintances ${index}`)
    const known = new Set<KnownPeer>()

    while (known.size < Math.min(met, nodes - 1)) {
      const other = Math.floor(chance.random() * nodes)

      if (other !== index) {
        known.add(all[other]!)
      }
    }

    return { knownPeers: [...known] }
  }
}

function knownPeer (seed: string, index: number): KnownPeer {
  const peerId = peerIdOf(seed, index)
  const source = ipOf(index, index)
  const address = `/ip4/${source}/tcp/${PORT}`

  return {
    id: peerId.toString(),
    addresses: [address],
    lastSuccess: EPOCH_MS - AGO,
    source,
    record: unsignedRecord(peerId, [multiaddr(address)], BigInt(EPOCH_MS - AGO))
  }
}
