import assert from 'node:assert/strict'
import { renderAnswer } from '../../../src/cli/admin/ask.ts'
import { renderBlocks } from '../../../src/cli/admin/lists-view.ts'
import type { BlockTimeline } from '../../../src/index.ts'

describe('cli/admin/ask', () => {
  it('says what to do where a node of another version leaves something out', () => {
    const render = (blocks: BlockTimeline[], columns: number): string[] => renderBlocks(blocks, { names: new Map(), columns })

    assert.throws(() => renderAnswer(render, [{} as BlockTimeline], 80), {
      message: /^Could not read the answer: the node may run another version than this command \(\d+\.\d+\.\d+\S*\)\. Restart it, or ask with --json$/
    })
    assert.match(renderAnswer(render, [], 80)[0]!, /^No peer has brought a block/)
  })
})
