import assert from 'node:assert/strict'
import { checkStories } from './properties.ts'
import { tell } from './tell.ts'
import type { Story } from './story.ts'

/** Stories in `npm test`. `npm run simulate -- properties` tells as many as it is asked for. */
const RUNS = 50

describe('simulate/properties', function () {
  this.timeout(600_000)

  it(`hold in ${RUNS} random stories: every honest node gets every block, none is banned, slots hold, all are in step at rest`, async () => {
    const { failure } = await checkStories({ seed: 1, runs: RUNS })

    assert.equal(failure, undefined, JSON.stringify(failure))
  })

  it('fail where an honest node cannot get a block', async () => {
    const story: Story = { seed: 1, honest: 4, bad: [], kinds: [], lossesPerHour: 0, actions: [{ do: 'mine', node: 0, bytes: 0 }] }
    const cut = tell(story, undefined, { upload: 10 })

    await assert.rejects(cut, { name: 'SimulationError', message: /in vain for a newBlock to be everywhere/ })
  })
})
