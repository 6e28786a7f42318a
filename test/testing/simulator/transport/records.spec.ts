import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { readRecord } from '../../../../src/address/peer-records.ts'
import { MAX_READ_RECORDS, RecordReader, unsignedRecord } from '../../../../src/testing/simulator/transport/records.ts'
import { peerIdOf } from '../../../../src/testing/simulator/world/addresses.ts'

const PEER = peerIdOf('seed', 1)
const ADDRESS = multiaddr('/ip4/20.0.0.1/tcp/8765')

describe('testing/simulator/transport/records', () => {
  it('reads what a record says as a node does, and each record once', () => {
    const reader = new RecordReader()
    const record = unsignedRecord(PEER, [ADDRESS], 7n)
    const read = reader.read(record)

    assert.equal(read?.id, PEER.toString())
    assert.equal(read?.sequence, 7n)
    assert.deepEqual(read, readRecord(record))
    // another node has a copy of it, somewhere in its memory
    assert.equal(reader.read(Buffer.concat([Buffer.alloc(3), record]).subarray(3)), read)
    assert.equal(reader.read(unsignedRecord(PEER, [ADDRESS], 8n))?.sequence, 8n)
    assert.equal(reader.size, 2)
  })

  it('reads what is no record as none, each time', () => {
    const reader = new RecordReader()

    assert.equal(reader.read(new Uint8Array(3)), undefined)
    assert.equal(reader.read(new Uint8Array(3)), undefined)
    assert.equal(reader.size, 1)
  })

  it(`remembers ${MAX_READ_RECORDS} of them, and begins anew with one more`, () => {
    const reader = new RecordReader()
    const madeUp = (number: number): Uint8Array => new Uint8Array(new Uint32Array([number]).buffer)

    for (let number = 0; number < MAX_READ_RECORDS; number++) {
      reader.read(madeUp(number))
    }

    assert.equal(reader.size, MAX_READ_RECORDS)
    reader.read(madeUp(MAX_READ_RECORDS - 1))
    assert.equal(reader.size, MAX_READ_RECORDS)
    reader.read(madeUp(MAX_READ_RECORDS))
    assert.equal(reader.size, 1)
  })
})
