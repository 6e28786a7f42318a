import assert from 'node:assert/strict'
import { minimise } from './minimise.ts'
import { mutateFields } from './mutate-fields.ts'
import { MAX_INPUT_BYTES, mutateBytes, varint } from './mutate.ts'
import { Random } from './random.ts'
import { SharedInput } from './shared-input.ts'
import { signatureOf } from './signature.ts'
import { Standstill } from './standstill.ts'
import { readEnvelope } from '../../src/codec/envelope.ts'
import { readItem } from '../../src/codec/items/items.ts'
import { encodeMessage } from '../../src/codec/message.ts'
import { sampleBlock } from '../support/sample.ts'

describe('fuzz/mutate', () => {
  it('make the same of the same seed, and something else of another', () => {
    const make = (seed: number): string => {
      const random = new Random(seed)

      return Array.from({ length: 100 }, () => Buffer.from(mutateBytes(new Uint8Array(20), random, new Uint8Array(5))).toString('hex')).join()
    }

    assert.equal(make(1), make(1))
    assert.notEqual(make(1), make(2))
  })

  it('change inputs, leave what they are given as it is, and keep them short', () => {
    const random = new Random(1)
    const input = new Uint8Array(MAX_INPUT_BYTES)
    const results = Array.from({ length: 1000 }, () => mutateBytes(input, random, input))

    assert(results.every(({ byteLength }) => byteLength <= MAX_INPUT_BYTES))
    assert(results.filter((result) => !Buffer.from(result).equals(input)).length > 500)
    assert(input.every((byte) => byte === 0))
  })

  it('change the length of messages so that the lengths in them still hold', () => {
    const random = new Random(1)
    const message = new Uint8Array(encodeMessage({ type: 'newBlock', block: sampleBlock() }))

    function isWhole (bytes: Uint8Array): boolean {
      try {
        return bytes.byteLength !== message.byteLength && readItem(readEnvelope(bytes).body) != null
      } catch {
        return false
      }
    }

    const count = (mutate: typeof mutateFields): number => {
      return Array.from({ length: 1000 }, () => mutate(message, random, message)).filter(isWhole).length
    }

    assert(count(mutateFields) > 2 * count(mutateBytes))
  })

  it('write numbers as varints, longer ones too', () => {
    assert.deepEqual(varint(0n), [0])
    assert.deepEqual(varint(300n), [0xac, 0x02])
    assert.deepEqual(varint(1n, 2), [0x81, 0x80, 0x00])
    assert.equal(varint(2n ** 64n - 1n).length, 10)
  })

  it('leave out of an input, or make 0, what it does not need', async () => {
    const given = Uint8Array.from({ length: 300 }, (_, index) => index & 0xff)
    const isSame = async (input: Uint8Array): Promise<boolean> => input.includes(7) && input.includes(200) && input.byteLength >= 3

    assert.deepEqual([...await minimise(given, isSame)].sort((a, b) => a - b), [0, 7, 200])
  })

  it('tell findings apart by what happened and where, not by the values', () => {
    const errors = [1, 2].map((value) => new RangeError(`got ${value}`))

    assert.equal(signatureOf(errors[0]!), signatureOf(errors[1]!))
    assert.notEqual(signatureOf(errors[0]!), signatureOf(new RangeError('got 1')))
    assert.notEqual(signatureOf(errors[0]!), signatureOf(Object.assign(new Error('got 1'), { stack: errors[0]!.stack })))
  })

  it('know what is run from another thread', () => {
    const shared = new SharedInput()
    const other = new SharedInput(shared.buffer)
    shared.set(3, Uint8Array.of(1, 2, 3))
    assert.deepEqual(other.current, { target: 3, input: Uint8Array.of(1, 2, 3) })
    assert.equal(other.turn, 1)
    shared.set(0, new Uint8Array(0))
    assert.deepEqual(other.current, { target: 0, input: new Uint8Array(0) })
    assert.equal(other.turn, 2)
  })

  it('notice what stands still for longer than it may', () => {
    const standstill = new Standstill(100)

    assert.deepEqual([[1, 0], [1, 100], [2, 101], [2, 201], [2, 202], [3, 203]].map(([value, now]) => standstill.check(value!, now!)), [
      false, false, false, false, true, false
    ])
  })
})
