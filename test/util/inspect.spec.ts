import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { setInspect } from '../../src/util/inspect.ts'

describe('util/inspect', () => {
  it('decides how Node.js shows an object, with the options of the caller, and adds nothing to what it holds', () => {
    class Box {
      readonly #secret = 1
      readonly content = ['a', { b: { c: 'd' } }]
      get secret (): number { return this.#secret }
    }

    setInspect(Box.prototype, ({ content }, options, inspect) => `Box ${inspect(content, options)}`)
    const box = new Box()
    assert.equal(inspect(box), 'Box [ \'a\', { b: { c: \'d\' } } ]')
    assert.equal(inspect([box], { depth: 0 }), '[ Box [ \'a\', [Object] ] ]')
    assert.deepEqual(Object.keys(box), ['content'])
  })
})
