import assert from 'node:assert/strict'
import fc from 'fast-check'
import { EventHeap } from '../../../../src/testing/simulator/time/event-heap.ts'
import type { Event } from '../../../../src/testing/simulator/time/event.ts'

function eventAt (at: number, order: number): Event {
  return { at, order, process: undefined, run: () => {} }
}

/** Everything that has not been cancelled, in the order in which it comes. */
function drain (heap: EventHeap): Event[] {
  const events: Event[] = []

  for (let event = heap.pop(); event != null; event = heap.pop()) {
    if (event.run != null) {
      events.push(event)
    }
  }

  return events
}

describe('testing/simulator/time/event-heap', () => {
  it('gives events in the order of their times, and those of one time in the order of their numbers', () => {
    fc.assert(fc.property(fc.array(fc.nat(20)), fc.array(fc.nat(100)), (times, cancelled) => {
      const heap = new EventHeap()
      const events = times.map(eventAt)
      events.forEach((event) => { heap.push(event) })
      const gone = new Set(cancelled.filter((index) => index < events.length))
      gone.forEach((index) => { heap.cancel(events[index]!) })
      const expected = events.filter((_, index) => !gone.has(index)).sort((a, b) => a.at - b.at || a.order - b.order)

      assert.deepEqual(drain(heap), expected)
    }))
  })

  it('lets go of cancelled events once they are more than a thousand and the most of all, and keeps the order', () => {
    const heap = new EventHeap()
    const events = Array.from({ length: 3000 }, (_, index) => eventAt(index * 7919 % 3001, index))
    events.forEach((event) => { heap.push(event) })
    events.slice(0, 1500).forEach((event) => { heap.cancel(event) })
    assert.equal(heap.size, 3000)
    heap.cancel(events[1500]!)
    assert.equal(heap.size, 1499)

    assert.deepEqual(drain(heap), events.slice(1501).sort((a, b) => a.at - b.at))
  })
})
