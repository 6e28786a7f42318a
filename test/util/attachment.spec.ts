import assert from 'node:assert/strict'
import { Attachment } from '../../src/util/attachment.ts'

describe('util/attachment', () => {
  it('has the listener that was attached', () => {
    const attachment = new Attachment<string>()
    attachment.attach('listener')

    assert.equal(attachment.listener, 'listener')
  })

  it('has no listener before', () => {
    const attachment = new Attachment<string>()

    assert.throws(() => attachment.listener, { message: 'Expected to be attached to before the first event' })
  })

  it('takes one listener, and not a second one', () => {
    const attachment = new Attachment<string>()
    attachment.attach('listener')

    assert.throws(() => { attachment.attach('another') }, { message: 'Expected to be attached to once' })
    assert.equal(attachment.listener, 'listener')
  })
})
