import assert from 'node:assert/strict'
import { POISON_NETWORKS, poisonedSlots } from './poisoned-table.ts'

const RUNS = 40

/** Ten whole answers, more than the netgroups of the attacker have room for. */
const RECORDS = 640

describe('connect/exchange: a table that an attacker fills with records of 4 networks', () => {
  for (const isFirst of [true, false]) {
    for (const [honest, most] of [[16, 2], [64, 1]] as const) {
      it(`leads to it with ${most} of 8 slots at most on average, beside ${honest} honest peers that are told of ${isFirst ? 'later' : 'before'}`, () => {
        const slots = poisonedSlots({ honest, records: RECORDS, runs: RUNS, seed: 'poisoned', isFirst })
        const mean = slots.reduce((sum, count) => sum + count, 0) / slots.length

        assert(mean <= most, `${mean} on average`)
        assert(Math.max(...slots) <= POISON_NETWORKS, `at most ${Math.max(...slots)}`)
      })
    }
  }
})
