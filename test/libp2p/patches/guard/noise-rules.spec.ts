import assert from 'node:assert/strict'
import { MAX_EMPTY_NOISE_MESSAGES, MAX_READ_MESSAGES } from '../../../../src/libp2p/patches/guard/muxer-limits.ts'
import { NoiseRules } from '../../../../src/libp2p/patches/guard/noise-rules.ts'

const VIOLATION = { name: 'ProtocolViolationError' }
const TOO_MUCH = { name: 'MuxerLimitError' }

function noiseMessage (bytes: number): Buffer {
  const message = Buffer.alloc(2 + bytes)
  message.writeUInt16BE(bytes)

  return message
}

const times = (count: number, message: Buffer): Buffer => Buffer.concat(Array.from({ length: count }, () => message))

describe('libp2p/patches/guard/noise-rules', () => {
  it('takes messages of every length from one byte with its tag on, cut anywhere', () => {
    const bytes = Buffer.concat([noiseMessage(32), noiseMessage(17), noiseMessage(65_535)])
    const guard = new NoiseRules()
    let isWhole = 0

    for (const byte of bytes) {
      guard.push(Uint8Array.of(byte))
      isWhole += guard.openBytes === 0 ? 1 : 0
    }

    assert.equal(isWhole, 3)
  })

  it('says how much of what came last belongs to a message that is not complete', () => {
    const guard = new NoiseRules()
    guard.push(Buffer.concat([noiseMessage(20), noiseMessage(20).subarray(0, 1)]))
    assert.equal(guard.openBytes, 1)
    guard.push(noiseMessage(20).subarray(1, 10))
    assert.equal(guard.openBytes, 9)
    guard.push(Buffer.concat([noiseMessage(20).subarray(10), noiseMessage(20).subarray(0, 7)]))
    assert.equal(guard.openBytes, 7)
    guard.push(noiseMessage(20).subarray(7))
    assert.equal(guard.openBytes, 0)
  })

  it('refuses a message that is too short for a tag, on its length', () => {
    for (const length of [0, 1, 15]) {
      assert.throws(() => { new NoiseRules().push(noiseMessage(length).subarray(0, 2)) }, VIOLATION)
    }
  })

  it(`takes ${MAX_EMPTY_NOISE_MESSAGES} messages that hold nothing, and no more`, () => {
    const guard = new NoiseRules()
    guard.push(times(MAX_EMPTY_NOISE_MESSAGES, noiseMessage(16)))
    assert.throws(() => { guard.push(noiseMessage(16)) }, TOO_MUCH)
  })

  it(`takes ${MAX_READ_MESSAGES} messages at once, and no more`, () => {
    const guard = new NoiseRules()
    guard.push(times(MAX_READ_MESSAGES, noiseMessage(17)))
    guard.push(times(MAX_READ_MESSAGES, noiseMessage(17)))
    assert.throws(() => { guard.push(times(MAX_READ_MESSAGES + 1, noiseMessage(17))) }, TOO_MUCH)
  })

  it('counts pieces by what is missing of 1 KiB', () => {
    const guard = new NoiseRules()
    assert.equal(guard.push(noiseMessage(510)), 0.5)
    assert.equal(guard.push(noiseMessage(2000)), 0)
  })
})
