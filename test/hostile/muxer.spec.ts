import assert from 'node:assert/strict'
import { ATTACKS } from '../attacks/attacks.ts'
import { Battle } from '../attacks/measure.ts'
import { judge } from '../attacks/verdict.ts'

/** How long each attack lasts, in ms. `npm run attacks` has 10 s of each. */
const ATTACK_MS = 700

describe('a hostile muxer', function () {
  this.timeout(60_000)

  let battle: Battle

  before(async () => { battle = await Battle.start() })

  after(async () => { await battle.stop() })

  for (const attack of ATTACKS) {
    it(`that sends ${attack.title} keeps no honest peer waiting and leaves nothing behind`, async () => {
      const outcome = await battle.run(attack, ATTACK_MS)
      assert.deepEqual(judge(attack, outcome), [], JSON.stringify(outcome))
    })
  }
})
