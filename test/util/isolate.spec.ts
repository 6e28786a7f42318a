import assert from 'node:assert/strict'
import { isolate } from '../../src/util/isolate.ts'
import { turns } from '../support/eventually.ts'

describe('util/isolate', () => {
  let errors: unknown[]

  const onError = (error: unknown): void => { errors.push(error) }

  beforeEach(() => {
    errors = []
  })

  it('returns what the function returns', async () => {
    assert.equal(isolate(() => 7, onError), 7)
    assert.equal(await isolate(async () => Promise.resolve(7), onError), 7)
    await turns(1)
    assert.deepEqual(errors, [])
  })

  // anything can be thrown
  for (const thrown of [new Error('a bug'), undefined, null, Object.create(null) as unknown]) {
    it(`hands on an exception of type ${typeof thrown}, and throws nothing`, () => {
      isolate(() => { throw thrown }, onError)
      assert.deepEqual(errors, [thrown])
    })

    it(`hands on a rejection of type ${typeof thrown}, and throws nothing`, async () => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- see above
      void isolate(async () => Promise.reject(thrown), onError)
      await turns(1)
      assert.deepEqual(errors, [thrown])
    })
  }

  it('survives a promise whose `then` throws', () => {
    const error = new Error('a bug')
    const broken = { get then (): unknown { throw error } }

    assert.equal(isolate(() => broken, onError), undefined)
    assert.deepEqual(errors, [error])
  })
})
