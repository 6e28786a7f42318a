import assert from 'node:assert/strict'
import { Traffic } from '../../src/session/traffic.ts'
import { BODY_FIELDS } from '../../src/codec/wire/schema.ts'
import type { MessageType } from '../../src/types/message.ts'

describe('session/traffic', () => {
  it('counts messages and bytes of each type, and of those that are not known', () => {
    const traffic = new Traffic()
    assert.deepEqual(traffic.status(), { bytes: 0, byType: {} })
    traffic.add('ping', 10)
    traffic.add('ping', 12)
    traffic.add('newBlock', 1000)
    traffic.add(undefined, 3)

    assert.deepEqual(traffic.status(), {
      bytes: 1025, byType: { unknown: { messages: 1, bytes: 3 }, newBlock: { messages: 1, bytes: 1000 }, ping: { messages: 2, bytes: 22 } }
    })
  })

  it('has room for every type', () => {
    const traffic = new Traffic()
    const types = Object.keys(BODY_FIELDS) as MessageType[]
    types.forEach((type, index) => { traffic.add(type, index + 1) })

    assert.deepEqual(traffic.byType(), Object.fromEntries(types.map((type, index) => [type, { messages: 1, bytes: index + 1 }])))
  })

  it('counts for a total too', () => {
    const total = new Traffic()
    const [a, b] = [new Traffic(total), new Traffic(total)]
    a.add('ping', 10)
    b.add('ping', 5)
    b.add('pong', 1)

    assert.deepEqual(total.status(), { bytes: 16, byType: { ping: { messages: 2, bytes: 15 }, pong: { messages: 1, bytes: 1 } } })
    assert.deepEqual(a.byType(), { ping: { messages: 1, bytes: 10 } })
  })
})
