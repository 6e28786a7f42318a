import { multiaddr } from '@multiformats/multiaddr'
import { locationOf, locationOfIp } from '../../../src/address/location.ts'
import { DialOrder } from '../../../src/connect/targets/dial-order.ts'
import { Targets } from '../../../src/connect/targets/targets.ts'
import { seededChance } from '../../../src/util/chance.ts'

/** Networks of the attacker. */
export const POISON_NETWORKS = 4

const SLOTS = 8

/** What {@link poisonedSlots} plays. */
export interface PoisonedTable {
  /** Honest peers that one honest peer has told of, each in a netgroup of its own. */
  honest: number
  /** Records that the attacker tells. */
  records: number
  /** Fresh nodes. */
  runs: number
  seed: string
  /** Whether the attacker tells of its records first. */
  isFirst: boolean
}

/**
 * How many of 8 outbound slots of fresh nodes go to an attacker that tells of its own records in 4 networks, from each of these networks.
 * The targets and the order of dials are those of a node, and every dial makes a session.
 */
export function poisonedSlots ({ honest, records, runs, seed, isFirst }: PoisonedTable): number[] {
  return Array.from({ length: runs }, (_, run) => {
    const chance = seededChance(`${seed} ${honest} ${run}`)
    const targets = new Targets((address) => locationOf(multiaddr(address), locationOfIp).netgroup, chance.fill(new Uint32Array(2)))
    const tellHonest = (): void => {
      for (let index = 0; index < honest; index++) {
        tell(targets, { id: `honest ${index}`, ip: `20.${index}.1.1`, toldBy: '1414' })
      }
    }
    const tellPoison = (): void => {
      for (let index = 0; index < records; index++) {
        const ip = `66.${index % POISON_NETWORKS}.${index >> 8}.${index & 255}`
        tell(targets, { id: `bad ${index}`, ip, toldBy: `420${(index >> 2) % POISON_NETWORKS}` })
      }
    }

    for (const turn of isFirst ? [tellPoison, tellHonest] : [tellHonest, tellPoison]) {
      turn()
    }

    const order = new DialOrder(targets, { taken: new Set(), random: chance.random })

    return Array.from({ length: SLOTS }, () => order.next()?.target.key).filter((key) => key?.startsWith('bad') === true).length
  })
}

function tell (targets: Targets, { id, ip, toldBy }: { id: string, ip: string, toldBy: string }): void {
  targets.add('discovered', { peerId: id, addresses: [`/ip4/${ip}/tcp/8765`], toldBy }, 'peers')
}
