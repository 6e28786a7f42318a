import assert from 'node:assert/strict'
import { stripVTControlCharacters } from 'node:util'
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

  it('draws from the top, then only what has changed', () => {
    const terminal = new TestTerminal(80, 24)
    const screen = new Screen(terminal)
    screen.open()
    terminal.take()
    screen.draw(['a', 'b', 'c'])
    assert.equal(terminal.take(), '\x1b[2J\x1b[Ha\nb\nc\n')
    screen.draw(['a', 'x', 'c'])
    assert.equal(stripVTControlCharacters(terminal.take()).trimEnd(), 'x')
    screen.draw(['a', 'x', 'c'])
    assert.equal(terminal.take(), '')
    screen.close()
  })

  it('draws all of it again where the terminal has another size', () => {
    const terminal = new TestTerminal(80, 24)
    const screen = new Screen(terminal)
    screen.open()
    screen.draw(['a', 'b'])
    terminal.take()
    terminal.rows = 2
    screen.draw(['a', 'b'])
    assert.equal(terminal.take(), '\x1b[2J\x1b[Ha\n')
    screen.close()
  })

  it('draws nothing while the terminal is behind, nor when closed', () => {
    const terminal = new TestTerminal()
    const screen = new Screen(terminal)
    screen.draw(['a'])
    assert.equal(terminal.take(), '')
    screen.open()
    terminal.take()
    Object.defineProperty(terminal, 'writableNeedDrain', { value: true })
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
    assert.deepEqual(new Screen(new TestTerminal()).size, { columns: 80, rows: 23 })
  })
})
