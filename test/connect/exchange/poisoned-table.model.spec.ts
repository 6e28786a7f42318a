import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { locationOf, locationOfIp } from '../../../src/address/location.ts'
import { DialOrder } from '../../../src/connect/targets/dial-order.ts'
import { Targets } from '../../../src/connect/targets/targets.ts'
import { seededChance } from '../../../src/util/chance.ts'

const SLOTS = 8
const RUNS = 40

/** What the attacker tells: ten whole answers, more than its netgroups have room for. */
const POISON_RECORDS = 640
const POISON_NETWORKS = 4

function tell (targets: Targets, { id, ip, toldBy }: { id: string, ip: string, toldBy: string }): void {
  targets.add('discovered', { peerId: id, addresses: [`/ip4/${ip}/tcp/8765`], toldBy }, 'peers')
}

/** The slots of fresh nodes that go to an attacker. One honest peer has told of `honest` others, each in a netgroup of its own. */
function poisonedSlots (honest: number, isFirst: boolean): number[] {
  return Array.from({ length: RUNS }, (_, run) => {
    const chance = seededChance(`poisoned ${honest} ${run}`)
    const targets = new Targets((address) => locationOf(multiaddr(address), locationOfIp).netgroup, chance.fill(new Uint32Array(2)))
    const honestly = (): void => {
      for (let index = 0; index < honest; index++) {
        tell(targets, { id: `honest ${index}`, ip: `20.${index}.1.1`, toldBy: '1414' })
      }
    }
    const poison = (): void => {
      for (let index = 0; index < POISON_RECORDS; index++) {
        const network = index % POISON_NETWORKS
        tell(targets, { id: `bad ${index}`, ip: `66.${network}.${index >> 8}.${index & 255}`, toldBy: `420${index % 16 >> 2}` })
      }
    }

    for (const turn of isFirst ? [poison, honestly] : [honestly, poison]) {
      turn()
    }

    const order = new DialOrder(targets, { taken: new Set(), random: chance.random })

    return Array.from({ length: SLOTS }, () => order.next()?.target.key).filter((key) => key?.startsWith('bad') === true).length
  })
}

describe('connect/exchange: a table that an attacker fills with records of 4 networks', () => {
  for (const isFirst of [true, false]) {
    for (const [honest, most] of [[16, 2], [64, 1]] as const) {
      it(`leads to it with ${most} of 8 slots at most on average, beside ${honest} honest peers that are told of ${isFirst ? 'later' : 'before'}`, () => {
        const slots = poisonedSlots(honest, isFirst)
        const mean = slots.reduce((sum, count) => sum + count, 0) / slots.length

        assert(mean <= most, `${mean} on average`)
        assert(Math.max(...slots) <= POISON_NETWORKS, `at most ${Math.max(...slots)}`)
      })
    }
  }
})
