import assert from 'node:assert/strict'
import { backoff } from '../../../src/util/backoff.ts'
import { READ_PAUSE, READ_RETRIES, readAgain } from '../../../src/sync/serve/read-again.ts'
import { StorageError } from '../../../src/errors.ts'
import { isPending } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'

describe('sync/serve/read-again', () => {
  let clock: FakeClock
  let reads: number
  let isWanted: boolean

  beforeEach(() => {
    clock = new FakeClock()
    reads = 0
    isWanted = true
  })

  afterEach(() => { assert.equal(clock.pending, 0) })

  /** Reads what fails so many times before. */
  async function read (failures: number, error: Error = new Error('busy')): Promise<string> {
    return readAgain(() => {
      if (reads++ < failures) {
        throw error
      }

      return 'read'
    }, { clock, isWanted: () => isWanted })
  }

  it('reads once where that works', async () => {
    assert.equal(await read(0), 'read')
    assert.equal(reads, 1)
  })

  it(`reads ${READ_RETRIES} times more, each after its pause and not before`, async () => {
    const result = read(READ_RETRIES)

    for (let failures = 1; failures <= READ_RETRIES; failures++) {
      await clock.advance(backoff(READ_PAUSE, failures) - 1)
      assert.equal(reads, failures)
      await clock.advance(1)
      assert.equal(reads, failures + 1)
    }

    assert.equal(await result, 'read')
  })

  it(`throws the last error where it fails ${READ_RETRIES + 1} times`, async () => {
    const result = assert.rejects(read(READ_RETRIES + 1), { message: 'busy' })
    await clock.advance(10_000)
    await result
    assert.equal(reads, READ_RETRIES + 1)
  })

  it('reads no more where it is not wanted any more', async () => {
    const result = read(1)
    assert.ok(await isPending(result))
    const rejected = assert.rejects(result, { message: 'busy' })
    isWanted = false
    await clock.advance(READ_PAUSE.first)
    await rejected
    assert.equal(reads, 1)
  })

  it('does not read again what is wrong', async () => {
    await assert.rejects(read(1, new StorageError('no block')), { message: 'no block' })
    assert.equal(reads, 1)
  })
})
