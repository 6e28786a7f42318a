import assert from 'node:assert/strict'
import { isolatedLogger } from '../../../src/service/isolate/logger.ts'
import { turns } from '../../support/eventually.ts'
import type { ComponentLogger, Logger } from '@libp2p/interface'

const ERROR = new Error('a full disk')

/** A logger that does the same whatever is written. */
function scripted (write: (...args: unknown[]) => unknown): Logger {
  const log = (kind: string) => (...args: unknown[]): unknown => write(kind, ...args)

  return Object.assign(log('log'), {
    error: log('error'), trace: log('trace'), enabled: true, newScope: (name: string) => scripted((...args) => write(name, ...args))
  })
}

describe('service/isolate/logger', () => {
  let lines: unknown[][]
  let errors: unknown[]

  const wrap = (forComponent: ComponentLogger['forComponent']): Logger =>
    isolatedLogger({ forComponent }, (err) => { errors.push(err) }).forComponent('part')

  function writeAll (log: Logger): void {
    log('a %s', 1)
    log.error('b')
    log.trace('c', 2, 3)
    log.newScope('scope')('d')
  }

  beforeEach(() => {
    lines = []
    errors = []
  })

  it('passes everything on', () => {
    const log = wrap((name) => scripted((...args) => { lines.push([name, ...args]) }))
    writeAll(log)

    assert.deepEqual(lines, [
      ['part', 'log', 'a %s', 1], ['part', 'error', 'b'], ['part', 'trace', 'c', 2, 3], ['part', 'scope', 'log', 'd']
    ])
    assert.equal(log.enabled, true)
    assert.deepEqual(errors, [])
  })

  it('sees when the logger is switched on and off', () => {
    const inner = scripted(() => {})
    const log = wrap(() => inner)
    inner.enabled = false
    assert.equal(log.enabled, false)
    inner.enabled = true
    assert.equal(log.enabled, true)
  })

  for (const [how, write] of [
    ['throws', () => { throw ERROR }], ['rejects', async () => Promise.reject(ERROR)]
  ] as const) {
    it(`does nothing where the logger ${how}, and tells of it`, async () => {
      writeAll(wrap(() => scripted(write)))
      await turns(1)

      assert.deepEqual(errors, [ERROR, ERROR, ERROR, ERROR])
    })
  }

  it('is silent where there is no logger to be had', () => {
    for (const make of [() => { throw ERROR }, () => undefined as unknown as Logger]) {
      const log = wrap(make)
      writeAll(log)
      assert.equal(log.enabled, false)
    }

    assert.deepEqual(errors, [ERROR])
  })
})
