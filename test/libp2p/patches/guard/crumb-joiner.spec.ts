import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { CRUMB_BYTES, CrumbJoiner, JOINED_CRUMB_BYTES } from '../../../../src/libp2p/patches/guard/crumb-joiner.ts'

const SMALL = new Uint8Array(CRUMB_BYTES - 1).fill(1)
const LARGE = new Uint8Array(CRUMB_BYTES).fill(2)

describe('libp2p/patches/guard/crumb-joiner', () => {
  it('passes large pieces on as they are, and small ones that end something', () => {
    const joiner = new CrumbJoiner()
    assert.equal(joiner.push(LARGE, LARGE.byteLength), LARGE)
    assert.equal(joiner.push(SMALL, 0), SMALL)
  })

  it('holds small pieces back until something is whole', () => {
    const joiner = new CrumbJoiner()
    assert.equal(joiner.push(SMALL, SMALL.byteLength), undefined)
    assert.equal(joiner.heldBytes, SMALL.byteLength)
    assert.deepEqual(joiner.push(Uint8Array.of(3), 0), new Uint8Array([...SMALL, 3]))
    assert.equal(joiner.heldBytes, 0)
  })

  it(`holds no more than ${JOINED_CRUMB_BYTES} bytes back`, () => {
    const joiner = new CrumbJoiner()
    const one = Uint8Array.of(1)

    for (let i = 1; i < JOINED_CRUMB_BYTES; i++) {
      assert.equal(joiner.push(one, 1), undefined)
    }

    assert.equal(joiner.push(one, 1)?.byteLength, JOINED_CRUMB_BYTES)
  })

  it('passes what it holds on before a large piece, and does not copy that', () => {
    const joiner = new CrumbJoiner()
    joiner.push(Uint8Array.of(7), 1)
    const joined = joiner.push(LARGE, LARGE.byteLength)
    assert.deepEqual([...(joined as Uint8ArrayList)].map(({ byteLength }) => byteLength), [1, LARGE.byteLength])
    assert.equal([...(joined as Uint8ArrayList)][1], LARGE)
  })

  it('holds back only what belongs to what is not complete', () => {
    const joiner = new CrumbJoiner()
    assert.deepEqual(joiner.push(Uint8Array.of(1, 2, 3), 1), Uint8Array.of(1, 2))
    assert.equal(joiner.heldBytes, 1)
    assert.deepEqual(joiner.push(Uint8Array.of(4, 5, 6), 2), Uint8Array.of(3, 4))
    assert.deepEqual(joiner.flush(), Uint8Array.of(5, 6))
  })

  it('makes one piece of a list of small ones', () => {
    const list = new Uint8ArrayList(...Array.from({ length: 5000 }, () => Uint8Array.of(1)))
    assert.deepEqual(new CrumbJoiner().push(list, 0), new Uint8Array(5000).fill(1))
  })

  it('copies what it holds: the memory of a piece may be used again', () => {
    const joiner = new CrumbJoiner()
    const piece = Uint8Array.of(5)
    joiner.push(piece, 1)
    piece.fill(0)
    assert.deepEqual(joiner.flush(), Uint8Array.of(5))
    assert.equal(joiner.flush(), undefined)
  })

  it('loses nothing, and changes no order', () => {
    const piece = fc.record({ size: fc.oneof(fc.nat(50), fc.nat(4 * CRUMB_BYTES)), open: fc.nat(100) })

    fc.assert(fc.property(fc.array(piece, { maxLength: 50 }), (pieces) => {
      const joiner = new CrumbJoiner()
      const all: number[] = []
      const passed: number[] = []

      for (const { size, open } of pieces) {
        const bytes = Uint8Array.from({ length: size }, (_, i) => all.length + i)
        all.push(...bytes)
        passed.push(...joiner.push(bytes, Math.min(size, open))?.subarray() ?? [])

        if (open === 0 && size > 0) {
          assert.equal(joiner.heldBytes, 0)
        }
      }

      passed.push(...joiner.flush() ?? [])
      assert.deepEqual(passed, all)
    }))
  })
})
