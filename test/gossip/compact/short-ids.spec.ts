import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ShortIdTable, writeShortId } from '../../../src/gossip/compact/short-ids.ts'
import { SHORT_ID_BYTES } from '../../../src/codec/limits.ts'
import type { SipHash } from '../../../src/gossip/compact/siphash.ts'

interface Id { low: number, high: number }

const tableOf = (ids: readonly Id[], secret: readonly [number, number] = [1, 2]): ShortIdTable => {
  const bytes = new Uint8Array(SHORT_ID_BYTES * ids.length)
  ids.forEach((id, number) => { writeShortId(bytes, number, id as SipHash) })

  return new ShortIdTable(bytes, secret)
}

const find = (table: ShortIdTable, id: Id): number => table.find(id as SipHash)

describe('gossip/compact/short-ids', () => {
  // few values, so that many are equal in a half or in both
  const half = (most: number): fc.Arbitrary<number> => fc.oneof(fc.constantFrom(0, 1, most), fc.nat(most))
  const id = fc.record({ low: half(0xffffffff), high: half(0xffff) })

  it('finds each id that is there once, and no other, whatever the secret', () => {
    const [many, few] = [fc.array(id, { maxLength: 60 }), fc.array(id, { maxLength: 20 })]
    const secrets = fc.tuple(half(0xffffffff), half(0xffffffff))
    fc.assert(fc.property(many, few, secrets, (ids, others, secret) => {
      const table = tableOf(ids, secret)

      for (const wanted of [...ids, ...others]) {
        const numbers = ids.flatMap(({ low, high }, number) => low === wanted.low && high === wanted.high ? [number] : [])
        assert.equal(find(table, wanted), numbers.length === 1 ? numbers[0] : -1)
      }
    }))
  })

  it('finds nothing where there is none', () => {
    assert.equal(find(tableOf([]), { low: 0, high: 0 }), -1)
  })

  it('finds ids that share most of their bits, as many as a block has', () => {
    const ids = Array.from({ length: 40_000 }, (_, number) => ({ low: number * 0x10000 >>> 0, high: number >>> 8 }))
    const table = tableOf(ids, [0x12345678, 0x9abcdef0])
    assert.deepEqual(ids.map((id) => find(table, id)), ids.map((_, number) => number))
  })
})
