import assert from 'node:assert/strict'
import { isolate } from '../../src/util/isolate.ts'
import { turns } from '../support/eventually.ts'

describe('util/isolate', () => {
  let errors: unknown[]

  const onError = (error: unknown): void => { errors.push(error) }

  beforeEach(() => {
    errors = []
  })

  it('gives what is returned', async () => {
    assert.equal(isolate(() => 7, onError), 7)
    assert.equal(await isolate(async () => Promise.resolve(7), onError), 7)
    await turns(1)
    assert.deepEqual(errors, [])
  })

  // anything can be thrown
  for (const thrown of [new Error('a bug'), undefined, null, Object.create(null) as unknown]) {
    it(`ends an exception of type ${typeof thrown}`, () => {
      isolate(() => { throw thrown }, onError)
      assert.deepEqual(errors, [thrown])
    })

    it(`ends a rejection of type ${typeof thrown}`, async () => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- see above
      void isolate(async () => Promise.reject(thrown), onError)
      await turns(1)
      assert.deepEqual(errors, [thrown])
    })
  }

  it('ends a promise that cannot be asked', () => {
    const error = new Error('a bug')
    const broken = { get then (): unknown { throw error } }

    assert.equal(isolate(() => broken, onError), undefined)
    assert.deepEqual(errors, [error])
  })
})
