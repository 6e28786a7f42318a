import assert from 'node:assert/strict'
import { errorMessage } from '../src/errors.ts'

describe('errorMessage', () => {
  it('is the message of an error, and the text of anything else', () => {
    assert.equal(errorMessage(new Error('no')), 'no')
    assert.deepEqual(['no', 7, undefined, null, Symbol('no')].map(errorMessage), ['no', '7', 'undefined', 'null', 'Symbol(no)'])
  })

  it('is a text also of what cannot be made one', () => {
    const broken = Object.defineProperty(new Error('no'), 'message', { get: () => { throw new Error('a bug') } })

    assert.equal(errorMessage(broken), 'an error without a text')
    assert.equal(errorMessage(Object.create(null)), 'an error without a text')
  })

  it('is a text where the message of an error is none', () => {
    assert.equal(errorMessage(Object.assign(new Error('no'), { message: 7 })), '7')
  })
})
