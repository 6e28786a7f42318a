import assert from 'node:assert/strict'
import { Screen } from '../../../src/cli/output/screen.ts'
import { TestTerminal } from '../../support/test-terminal.ts'

describe('cli/output/screen', () => {
  it('hides the cursor on its own screen, and brings everything back once', () => {
    const terminal = new TestTerminal()
    const screen = new Screen(terminal)
    screen.open()
    screen.open()
    assert.equal(terminal.take(), '\x1b[?1049h\x1b[?25l\x1b[?7l')
    screen.close()
    screen.close()
    assert.equal(terminal.take(), '\x1b[?7h\x1b[?25h\x1b[?1049l')
  })

  it('draws from the top and clears what is left over, in one write', () => {
    const terminal = new TestTerminal()
    const screen = new Screen(terminal)
    screen.open()
    terminal.take()
    screen.draw(['a', 'b'])
    assert.equal(terminal.take(), '\x1b[H\x1b[Ka\r\n\x1b[Kb\x1b[J')
    screen.close()
  })

  it('draws nothing while the terminal is behind, nor when closed', () => {
    const terminal = new TestTerminal()
    const screen = new Screen(terminal)
    screen.draw(['a'])
    assert.equal(terminal.take(), '')
    screen.open()
    terminal.take()
    terminal.writableNeedDrain = true
    screen.draw(['a'])
    assert.equal(terminal.take(), '')
    screen.close()
  })

  it('listens for the end of the process only while it is open', () => {
    const before = process.listenerCount('exit')
    const terminal = new TestTerminal()
    const screen = new Screen(terminal)
    screen.open()
    assert.equal(process.listenerCount('exit'), before + 1)
    screen.close()
    assert.equal(process.listenerCount('exit'), before)
  })

  it('has a size where the terminal does not tell', () => {
    assert.deepEqual(new Screen(new TestTerminal()).size, { columns: 80, rows: 24 })
  })
})
