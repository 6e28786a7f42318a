import assert from 'node:assert/strict'
import { disable, enable } from '@libp2p/logger'
import { lazyLogger } from '../../src/libp2p/lazy-logger.ts'

/** The lines that `write` shows. */
function linesOf (write: () => void): string[] {
  const lines: string[] = []
  const real = process.stderr.write.bind(process.stderr)
  process.stderr.write = (line: string | Uint8Array) => lines.push(String(line)) > 0

  try {
    write()
  } finally {
    process.stderr.write = real
  }

  return lines
}

describe('the lazy logger', () => {
  const before = process.env['DEBUG'] ?? ''

  beforeEach(() => { disable() })
  afterEach(() => { enable(before) })

  it('shows nothing unless it is asked for', () => {
    const log = lazyLogger().forComponent('test:lazy')

    assert.deepEqual(linesOf(() => {
      log('a line')
      log.error('an error')
      log.trace('a step')
    }), [])
    assert.equal(log.enabled, false)
  })

  it('shows what is switched on after the log was made, with its values', () => {
    const log = lazyLogger().forComponent('test:lazy')
    log('before')
    enable('test:lazy')
    const [line, ...others] = linesOf(() => { log('%d of %s', 3, 'four') })

    assert.match(line!, /test:lazy.*3 of four/)
    assert.deepEqual(others, [])
    assert.equal(log.enabled, true)
  })

  it('shows nothing more when it is switched off', () => {
    const log = lazyLogger().forComponent('test:lazy')
    enable('test:*')
    linesOf(() => { log('a line') })
    disable()

    assert.deepEqual(linesOf(() => {
      log('a line')
      log.error('an error')
    }), [])
    assert.equal(log.enabled, false)
  })

  it('shows errors and steps by the names that libp2p gives them', () => {
    const log = lazyLogger().forComponent('test:lazy')
    enable('test:lazy:error,test:lazy:trace')
    const lines = linesOf(() => {
      log('a line')
      log.error('an error')
      log.trace('a step')
    })

    assert.equal(lines.length, 2)
    assert.match(lines[0]!, /test:lazy:error.*an error/)
    assert.match(lines[1]!, /test:lazy:trace.*a step/)
  })

  it('shows steps only where they are named, as libp2p does', () => {
    const log = lazyLogger().forComponent('test:lazy')
    enable('test:*')

    assert.deepEqual(linesOf(() => { log.trace('a step') }), [])
  })

  it('has scopes below it', () => {
    enable('test:lazy:inbound:7')
    const lines = linesOf(() => { lazyLogger().forComponent('test:lazy').newScope('inbound').newScope('7')('a line') })

    assert.equal(lines.length, 1)
    assert.match(lines[0]!, /test:lazy:inbound:7.*a line/)
  })

  it('is a function like any other', () => {
    const log = lazyLogger().forComponent('test:lazy')
    enable('test:lazy')

    assert.match(linesOf(() => { log.call(undefined, 'called') })[0]!, /called/)
  })
})
