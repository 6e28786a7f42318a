import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { toCommandLine } from '../../../src/cli/node/parent-command.ts'
import { MAX_EARLY_COMMANDS, readParent } from '../../../src/cli/start/parent.ts'
import { turns } from '../../support/eventually.ts'
import type { ParentCommand } from '../../../src/cli/node/parent-command.ts'

const ID = 'ab'.repeat(32)

describe('cli/start/parent', () => {
  async function read (lines: string, later = ''): Promise<ParentCommand[]> {
    const input = new PassThrough()
    const commands = readParent(input, () => {})
    const obeyed: ParentCommand[] = []
    input.write(lines)
    await turns(2)
    commands.attach((command) => { obeyed.push(command) })
    input.end(later)
    await once(input, 'end')

    return obeyed
  }

  it('has commands carried out, those first that came before the node ran', async () => {
    const follow: ParentCommand = { command: 'follow', id: ID }
    const [first, second] = [toCommandLine({ command: 'watch' }), toCommandLine(follow)]
    assert.deepEqual(await read(first + second.slice(0, 9), second.slice(9) + toCommandLine({ command: 'pay' })), [
      { command: 'watch' }, follow, { command: 'pay' }
    ])
  })

  it('passes over what is no command', async () => {
    const lines = ['', 'x', '1', 'null', '{}', '{"command":"stop"}', '{"command":"follow"}', '{"command":"follow","id":"ab"}', `{"command":"follow","id":"${ID}"}`]
    assert.deepEqual(await read(`${lines.join('\n')}\n`), [{ command: 'follow', id: ID }])
  })

  it(`keeps ${MAX_EARLY_COMMANDS} commands until the node runs, and no more`, async () => {
    assert.equal((await read(toCommandLine({ command: 'pay' }).repeat(MAX_EARLY_COMMANDS + 1))).length, MAX_EARLY_COMMANDS)
  })

  it('tells when the parent has ended', async () => {
    const input = new PassThrough()
    const ended = new Promise<void>((resolve) => { readParent(input, resolve) })
    input.end()
    await ended
  })
})
