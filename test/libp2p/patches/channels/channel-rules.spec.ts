import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ChannelRules, MAX_CHANNEL_FRAME_BYTES } from '../../../../src/libp2p/patches/channels/channel-rules.ts'
import { FULL_FRAME_BYTES } from '../../../../src/libp2p/patches/guard/muxer-limits.ts'

function lengthOf (value: number): number[] {
  return value < 0x80 ? [value] : [0x80 | (value % 0x80), ...lengthOf(Math.floor(value / 0x80))]
}

function frame (bytes: number): Uint8Array {
  return new Uint8Array([...lengthOf(bytes), ...new Uint8Array(bytes)])
}

/** What all these messages cost together. */
function costOf (rules: ChannelRules, messages: Iterable<Uint8Array>): number {
  return [...messages].reduce((sum, bytes) => sum + rules.push(bytes), 0)
}

describe('libp2p/patches/channels/channel-rules', () => {
  it('takes frames of the largest size, and none that is larger, on its length alone', () => {
    const rules = new ChannelRules()
    assert.equal(rules.push(Uint8Array.from(lengthOf(MAX_CHANNEL_FRAME_BYTES))) < 1, true)
    assert.equal(rules.push(new Uint8Array(MAX_CHANNEL_FRAME_BYTES)), 0)
    rules.push(frame(5))
    assert.throws(() => rules.push(Uint8Array.from(lengthOf(MAX_CHANNEL_FRAME_BYTES + 1))), { name: 'ProtocolViolationError' })
  })

  it('refuses a length without end at its third byte', () => {
    const rules = new ChannelRules()
    rules.push(Uint8Array.of(0xff))
    rules.push(Uint8Array.of(0xff))
    assert.throws(() => rules.push(Uint8Array.of(0xff)), { name: 'ProtocolViolationError' })
    // zeros in place of a number are no way around it
    assert.throws(() => new ChannelRules().push(Uint8Array.of(0x80, 0x80, 0x80)), { name: 'ProtocolViolationError' })
  })

  it('counts frames by what is missing of a full one, many in a message too, and pieces of a frame', () => {
    assert.equal(new ChannelRules().push(frame(FULL_FRAME_BYTES)), 0)
    assert.equal(new ChannelRules().push(new Uint8Array(1024)), 1024 * (1 - 1 / FULL_FRAME_BYTES))
    const rules = new ChannelRules()
    rules.push(frame(1000).subarray(0, 2))
    assert.equal(rules.push(new Uint8Array(10)), 1 - 10 / FULL_FRAME_BYTES)
  })

  it('finds the same frames however they are cut into messages', () => {
    fc.assert(fc.property(
      fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 }),
      (frames, cuts) => {
        const bytes = Buffer.concat(frames.map(frame))
        const messages: Uint8Array[] = []

        for (let at = 0, i = 0; at < bytes.byteLength; i++) {
          messages.push(bytes.subarray(at, at + cuts[i % cuts.length]!))
          at += cuts[i % cuts.length]!
        }

        const rules = new ChannelRules()
        costOf(rules, messages)
        // all frames are complete by now: what comes next is a length
        assert.throws(() => rules.push(Uint8Array.of(0xff, 0xff, 0xff)), { name: 'ProtocolViolationError' })
      }
    ))
  })
})
