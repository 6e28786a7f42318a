import assert from 'node:assert/strict'
import { FIRST_REQUEST_BYTES, MAX_IN_FLIGHT, MAX_REQUEST_BYTES, MAX_SHORT_IN_FLIGHT, MIN_REQUEST_BYTES, Throughput, TARGET_MS } from '../../../src/sync/download/throughput.ts'

const FAST = MAX_REQUEST_BYTES * 100

/** A peer that has answered a first request with so many bytes in so many ms. */
function throughputOf (bytes: number, ms: number): Throughput {
  const throughput = new Throughput()
  throughput.onStart(0)
  throughput.onFirstAnswer(ms)
  throughput.onBytes(bytes, ms)
  throughput.onEnd(ms)

  return throughput
}

describe('sync/download/throughput', () => {
  it('asks for a fixed amount as long as nothing is known, and then for what a peer delivers in a while', () => {
    assert.equal(new Throughput().requestBytes(0), FIRST_REQUEST_BYTES)
    assert.equal(throughputOf(1_000_000, 1000).requestBytes(1000), 1000 * TARGET_MS)
  })

  it('asks for no more and no less than there are bounds for', () => {
    assert.equal(throughputOf(1, 1000).requestBytes(1000), MIN_REQUEST_BYTES)
    assert.equal(throughputOf(FAST, 1000).requestBytes(1000), MAX_REQUEST_BYTES)
  })

  it('takes one request of a peer that has sent nothing, and not for a second', () => {
    const throughput = new Throughput()
    assert.equal(throughput.hasRoom(0, MAX_REQUEST_BYTES), true)
    throughput.onStart(0)
    assert.equal(throughput.hasRoom(0, MAX_REQUEST_BYTES), false)
  })

  it(`takes ${MAX_IN_FLIGHT} requests of a fast one, and not for one more`, () => {
    const throughput = throughputOf(FAST, 1000)

    for (let i = 0; i < MAX_IN_FLIGHT; i++) {
      assert.equal(throughput.hasRoom(1000, MAX_REQUEST_BYTES), true, `request ${i}`)
      throughput.onStart(1000)
    }

    assert.equal(throughput.hasRoom(1000, MAX_REQUEST_BYTES), false)
  })

  for (const [what, maxBytes, most] of [
    ['as much as it is asked for at least', MIN_REQUEST_BYTES, MAX_IN_FLIGHT],
    ['half of that', MIN_REQUEST_BYTES / 2, 2 * MAX_IN_FLIGHT],
    ['seven small blocks', 7 * 1024, MAX_SHORT_IN_FLIGHT],
    ['one byte', 1, MAX_SHORT_IN_FLIGHT]
  ] as const) {
    it(`has room for ${most} requests of a fast one that answers with ${what}, and not for one more`, () => {
      const throughput = throughputOf(FAST, 1000)

      for (let i = 0; i < most; i++) {
        assert.equal(throughput.hasRoom(1000, maxBytes), true, `request ${i}`)
        throughput.onStart(1000)
      }

      assert.equal(throughput.hasRoom(1000, maxBytes), false)
    })
  }

  it('has room for no more short answers than what a slow one sends in a while', () => {
    const throughput = throughputOf(10_000, 1000)
    Array.from({ length: 2 }, () => { throughput.onStart(1000) })
    assert.equal(throughput.hasRoom(1000, 7 * 1024), false)
  })

  it('takes one request of a slow one: what waits at its end would be late', () => {
    const throughput = throughputOf(50_000, 1000)
    assert.equal(throughput.hasRoom(1000, MAX_REQUEST_BYTES), true)
    throughput.onStart(1000)
    assert.equal(throughput.hasRoom(1000, MAX_REQUEST_BYTES), false)
  })

  it('counts no time in which nothing was under way', () => {
    const throughput = throughputOf(1000, 10)
    assert.equal(throughput.rate(10), 100)
    assert.equal(throughput.rate(1_000_000), 100)
  })
})
