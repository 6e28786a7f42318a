import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ForkSchedule } from '../../src/session/fork-schedule.ts'

// The cases of EIP-2124, for the main network of Ethereum as it was up to Petersburg. Where the EIP has 2^64 - 1 for a fork in the
// future, this has the greatest height.
const GENESIS = new Uint8Array(Buffer.from('d4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3', 'hex'))
const MAINNET = new ForkSchedule(GENESIS, [1_150_000, 1_920_000, 2_463_000, 2_675_000, 4_370_000, 7_280_000])
const FUTURE = Number.MAX_SAFE_INTEGER

const IDS: [height: number, hash: number, next: number][] = [
  [0, 0xfc64ec04, 1_150_000],
  [1_149_999, 0xfc64ec04, 1_150_000],
  [1_150_000, 0x97c2c34c, 1_920_000],
  [1_919_999, 0x97c2c34c, 1_920_000],
  [1_920_000, 0x91d1f948, 2_463_000],
  [2_462_999, 0x91d1f948, 2_463_000],
  [2_463_000, 0x7a64da13, 2_675_000],
  [2_674_999, 0x7a64da13, 2_675_000],
  [2_675_000, 0x3edd5b10, 4_370_000],
  [4_369_999, 0x3edd5b10, 4_370_000],
  [4_370_000, 0xa00bc324, 7_280_000],
  [7_279_999, 0xa00bc324, 7_280_000],
  [7_280_000, 0x668db0af, 0],
  [7_987_396, 0x668db0af, 0]
]

const TAKEN: [why: string, height: number, hash: number, next: number][] = [
  ['is in the same state and plans nothing', 7_987_396, 0x668db0af, 0],
  ['is in the same state and plans a fork that this node does not know', 7_987_396, 0x668db0af, FUTURE],
  ['is in the same state and does not know the next fork yet', 7_279_999, 0xa00bc324, 0],
  ['is in the same state and knows the next fork', 7_279_999, 0xa00bc324, 7_280_000],
  ['is in the same state and plans another fork later', 7_279_999, 0xa00bc324, FUTURE],
  ['is a fork behind and knows that it comes', 7_987_396, 0xa00bc324, 7_280_000],
  ['is several forks behind and knows the next of them', 7_987_396, 0x3edd5b10, 4_370_000],
  ['is a fork ahead, which this node will pass', 7_279_999, 0x668db0af, 0],
  ['is a fork ahead and does not know the one after it', 4_369_999, 0xa00bc324, 0]
]

const REFUSED: [why: string, height: number, hash: number, next: number, detail: RegExp][] = [
  ['is a fork behind and does not know of it', 7_987_396, 0xa00bc324, 0, /missed a fork/],
  ['has passed a fork that this node does not know', 7_987_396, 0x5cddc0e1, 0, /passed other forks/],
  ['has passed a fork ahead that this node does not know', 7_279_999, 0x5cddc0e1, 0, /passed other forks/],
  ['is of another network', 7_987_396, 0xafec6b27, 0, /passed other forks/],
  ['plans a fork at a height that this node has passed without one', 88_888_888, 0x668db0af, 88_888_888, /no fork here/],
  ['plans a fork at the height of this node, which plans it later', 7_279_999, 0xa00bc324, 7_279_999, /no fork here/]
]

describe('session/fork-schedule', () => {
  for (const [height, hash, next] of IDS) {
    it(`has the fork id of EIP-2124 at height ${height}`, () => {
      assert.deepEqual(MAINNET.idAt(height), { hash, next })
    })
  }

  for (const [why, height, hash, next] of TAKEN) {
    it(`takes a peer that ${why}`, () => {
      assert.equal(MAINNET.refusal({ hash, next }, height), undefined)
    })
  }

  for (const [why, height, hash, next, detail] of REFUSED) {
    it(`refuses a peer that ${why}`, () => {
      assert.match(MAINNET.refusal({ hash, next }, height)!, detail)
    })
  }

  it('takes a peer without a fork id', () => {
    assert.equal(MAINNET.refusal(undefined, 7_987_396), undefined)
  })

  it('has the CRC-32 of the genesis hash and no next fork where there is no fork', () => {
    assert.deepEqual(new ForkSchedule(GENESIS, []).idAt(FUTURE), { hash: 0xfc64ec04, next: 0 })
  })

  it('has nodes of the same schedule take each other at any two heights', () => {
    const height = fc.nat({ max: 50 })
    const schedule = fc.uniqueArray(fc.integer({ min: 1, max: 50 }), { maxLength: 6 }).map((heights) => heights.sort((a, b) => a - b))

    fc.assert(fc.property(schedule, height, height, (heights, ours, theirs) => {
      const forks = new ForkSchedule(GENESIS, heights)

      assert.equal(forks.refusal(forks.idAt(theirs), ours), undefined)
    }))
  })

  it('has a node that has passed a fork part from each that does not plan it, from the fork on and not before', () => {
    const fork = fc.integer({ min: 1, max: 50 })

    fc.assert(fc.property(fork, fc.nat({ max: 100 }), (fork, height) => {
      const upgraded = new ForkSchedule(GENESIS, [fork])
      const old = new ForkSchedule(GENESIS, [])
      const refusals = [upgraded.refusal(old.idAt(height), height), old.refusal(upgraded.idAt(height), height)]

      assert.deepEqual(refusals.map((refusal) => refusal != null), height < fork ? [false, false] : [true, true])
    }))
  })
})
