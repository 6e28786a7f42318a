import assert from 'node:assert/strict'
import { CROWDS } from '../attacks/crowd.ts'
import { Battle } from '../attacks/measure.ts'
import { judge } from '../attacks/verdict.ts'

/** How long each crowd sends, in ms, and how many peers it has. `npm run attacks` has 10 s of 24 peers each. */
const CROWD_MS = 3000
const PEERS = 8

describe('a crowd of peers', function () {
  this.timeout(180_000)

  for (const crowd of CROWDS) {
    it(`that sends what it may, ${PEERS} ${crowd.title}, keeps no honest peer waiting, and no session of it ends`, async () => {
      const battle = await Battle.start()

      try {
        const outcome = await battle.run({ ...crowd, peers: PEERS }, CROWD_MS)
        assert.deepEqual(judge(crowd, outcome), [], JSON.stringify(outcome))
      } finally {
        await battle.stop()
      }
    })
  }
})
