import assert from 'node:assert/strict'
import { Throttle } from '../../src/bandwidth/throttle.ts'
import { isPending } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import type { Bandwidth } from '../../src/types/limits.ts'

const RATE = 100_000
const NONE: Bandwidth = { upload: Infinity, download: Infinity, peerUpload: Infinity, peerDownload: Infinity }

describe('bandwidth/throttle', () => {
  let clock: FakeClock

  beforeEach(() => {
    clock = new FakeClock()
  })

  function throttle (limits: Partial<Bandwidth> = {}): Throttle {
    return new Throttle({ clock, limits: { ...NONE, ...limits } })
  }

  describe('set', () => {
    it('changes what is given and leaves the rest', () => {
      const caps = throttle({ upload: 1, peerDownload: 2 })
      caps.set({ upload: 3, download: 4, peerUpload: undefined })
      assert.deepEqual(caps.limits, { upload: 3, download: 4, peerUpload: Infinity, peerDownload: 2 })
      caps.set({ upload: Infinity, peerUpload: 5 })
      assert.deepEqual(caps.limits, { upload: Infinity, download: 4, peerUpload: 5, peerDownload: 2 })
    })

    it('gives limits that no caller can change', () => {
      const limits = { ...NONE }
      const caps = new Throttle({ clock, limits })
      limits.upload = 1
      assert.equal(caps.limits.upload, Infinity)
      assert.ok(Object.isFrozen(caps.limits))
    })

    it('caps the upload and the download apart', () => {
      const caps = throttle({ upload: RATE })
      assert.equal(caps.upload.isLimited, true)
      assert.equal(caps.openDownload().pieceBytes, Infinity)
      caps.set({ upload: Infinity, peerDownload: RATE })
      assert.equal(caps.upload.isLimited, false)
      assert.equal(caps.openDownload().pieceBytes, RATE / 10)
    })
  })

  describe('download', () => {
    it('waits for nothing where there is no cap, however much comes', () => {
      const lane = throttle({ upload: 1, peerUpload: 1 }).openDownload()
      assert.equal(lane.take(1e12), undefined)
      assert.equal(lane.take(1e12), undefined)
    })

    for (const name of ['download', 'peerDownload'] as const) {
      it(`waits under a cap of ${name} once the burst is used up, and not before`, async () => {
        const lane = throttle({ [name]: RATE }).openDownload()
        assert.equal(lane.take(14_999), undefined)
        assert.equal(lane.take(1), undefined)
        const wait = lane.take(RATE)
        assert.ok(wait != null && await isPending(wait))
        await clock.advance(1)
        await wait
        // what was read is paid off before more is
        const next = lane.take(1)
        await clock.advance(998)
        assert.ok(next != null && await isPending(next))
        await clock.advance(2)
        await next
        assert.equal(clock.pending, 0)
      })
    }

    it('keeps to the cap', async () => {
      const lane = throttle({ download: RATE }).openDownload()
      let bytes = 0
      const state = { isReading: true }
      const read = async (): Promise<void> => {
        while (state.isReading) {
          bytes += 1400
          await lane.take(1400)
        }
      }
      const reading = read()
      await clock.advance(10_000)
      assert.ok(Math.abs(bytes - 10 * RATE) <= RATE / 4, `${bytes}`)
      state.isReading = false
      lane.close()
      await reading
    })

    it('gives who comes as much as who was there', async () => {
      const caps = throttle({ download: RATE })
      const lanes = [caps.openDownload(), caps.openDownload()]
      const bytes = [0, 0]
      const state = { isReading: true }
      const read = async (index: number, size: number): Promise<void> => {
        while (state.isReading) {
          bytes[index] = bytes[index]! + size
          await lanes[index]!.take(size)
        }
      }
      const reading = [read(0, 10_000)]
      await clock.advance(5000)
      bytes[0] = 0
      reading.push(read(1, 200))
      await clock.advance(10_000)
      assert.ok(Math.abs(bytes[0] - bytes[1]!) <= 20_000, bytes.join())
      state.isReading = false
      lanes.forEach((lane) => { lane.close() })
      await Promise.all(reading)
    })

    it('ends the wait when the cap is lifted', async () => {
      const caps = throttle({ peerDownload: RATE })
      const lane = caps.openDownload()
      void lane.take(10 * RATE)
      const wait = lane.take(1)!
      assert.equal(await isPending(wait), true)
      caps.set({ peerDownload: Infinity })
      await wait
      assert.equal(lane.take(RATE), undefined)
      assert.equal(clock.pending, 0)
    })

    it('ends the wait when the lane is closed, and makes no caller wait afterwards', async () => {
      const lane = throttle({ download: RATE }).openDownload()
      void lane.take(RATE)
      const wait = lane.take(1)!
      lane.close()
      await wait
      assert.equal(lane.take(RATE), undefined)
      lane.close()
      assert.equal(clock.pending, 0)
    })

    it('leaves nothing behind of 1000 sessions', async () => {
      const caps = throttle({ download: RATE, peerDownload: RATE })
      const lanes = Array.from({ length: 1000 }, () => caps.openDownload())
      const waits = lanes.flatMap((lane) => [lane.take(RATE), lane.take(1)]).filter((wait) => wait != null)
      assert.ok(waits.length >= 1000)
      assert.equal(clock.pending, 1)
      lanes.forEach((lane) => { lane.close() })
      assert.equal(clock.pending, 0)
    })
  })
})
