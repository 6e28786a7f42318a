import assert from 'node:assert/strict'
import { describeArrival } from '../../../src/check/peer/describe.ts'
import { sampleBlock, sampleHash } from '../../support/sample.ts'
import type { WireMessage } from '../../../src/types/message.ts'

function describeIt (message: WireMessage, requestId?: bigint): string {
  return describeArrival({ message, requestId, bytes: new Uint8Array(3), at: 0, fault: undefined })
}

describe('check/peer/describe', () => {
  it('tells responses and requests by what is in them and their ids, also where these are missing', () => {
    assert.equal(describeIt({ type: 'responseBlock' }, 5n), 'ResponseBlock(not found, request id 5)')
    assert.equal(describeIt({ type: 'responseBlock', block: sampleBlock({ height: 7 }) }), 'ResponseBlock(block 7, no request id)')
    assert.equal(describeIt({ type: 'requestBlockRange', startHeight: 2, endHeight: 4 }, 1n), 'RequestBlockRange(2 to 4, request id 1)')
  })

  it('tells others by their names alone, and a Disconnect with what it says', () => {
    assert.equal(describeIt({ type: 'ping', nonce: 1n, bestHeight: 2 }), 'Ping')
    assert.equal(describeIt({ type: 'disconnect', reason: 'SHUTDOWN', detail: 'bye\u001b[2J' }), 'Disconnect(SHUTDOWN, "bye [2J")')
  })

  it('says how the first digests begin, and how many more there are', () => {
    const digests = [1, 2, 3, 4].map((i) => sampleHash(i))
    const begin = (i: number): string => `${Buffer.from(digests[i]!).toString('hex').slice(0, 8)}..`
    assert.equal(describeIt({ type: 'have', digests: digests.slice(0, 1) }), `Have(${begin(0)})`)
    assert.equal(describeIt({ type: 'want', digests }), `Want(${begin(0)}, ${begin(1)}, 2 more)`)
    const shortDigests = Buffer.concat(digests.slice(0, 3).map((digest) => digest.subarray(0, 16)))
    assert.equal(describeIt({ type: 'have', digests: [], shortDigests }), `Have(${begin(0)}, ${begin(1)}, 1 more)`)
  })

  it('says of other frames what is wrong with them', () => {
    const frame = { message: undefined, requestId: undefined, bytes: new Uint8Array(3), at: 0 }
    assert.equal(describeArrival({ ...frame, fault: undefined }), 'a message of an unknown kind (3 bytes)')
    assert.equal(describeArrival({ ...frame, fault: 'a hash of 31 bytes' }), 'a frame that breaks the rules (a hash of 31 bytes)')
  })
})
