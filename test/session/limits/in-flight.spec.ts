import assert from 'node:assert/strict'
import { MAX_IN_FLIGHT_BYTES, MAX_IN_FLIGHT_MESSAGES, InFlight } from '../../../src/session/limits/in-flight.ts'
import { isPending } from '../../support/eventually.ts'

/** A task that lasts until it is ended. */
function task (): PromiseWithResolvers<void> {
  return Promise.withResolvers<void>()
}

/** A workload of so many tasks of one byte, of which none asked to wait. */
function filled (messages: number): { workload: InFlight, tasks: ReturnType<typeof task>[] } {
  const workload = new InFlight()
  const tasks = Array.from({ length: messages }, task)

  for (const { promise } of tasks) {
    assert.equal(workload.add(promise, 1), undefined)
  }

  return { workload, tasks }
}

describe('session/limits/in-flight', () => {
  it('lets the next message be read while fewer than MAX_IN_FLIGHT_MESSAGES are handled', () => {
    const { workload } = filled(MAX_IN_FLIGHT_MESSAGES - 1)

    assert.equal(workload.messages, MAX_IN_FLIGHT_MESSAGES - 1)
  })

  it('holds reading up from the message that makes it MAX_IN_FLIGHT_MESSAGES', async () => {
    const { workload } = filled(MAX_IN_FLIGHT_MESSAGES - 1)
    const held = workload.add(task().promise, 1)

    assert(held != null)
    assert.equal(await isPending(held), true)
    assert.equal(workload.messages, MAX_IN_FLIGHT_MESSAGES)
  })

  it('goes on as soon as one of them is done', async () => {
    const { workload, tasks } = filled(MAX_IN_FLIGHT_MESSAGES - 1)
    const held = workload.add(task().promise, 1)
    tasks[5]!.resolve()
    await held

    assert.equal(workload.messages, MAX_IN_FLIGHT_MESSAGES - 1)
  })

  it('lets one byte less than MAX_IN_FLIGHT_BYTES be handled', () => {
    assert.equal(new InFlight().add(task().promise, MAX_IN_FLIGHT_BYTES - 1), undefined)
  })

  it('holds reading up from MAX_IN_FLIGHT_BYTES on, until there is room again', async () => {
    const workload = new InFlight()
    const [small, large] = [task(), task()]
    assert.equal(workload.add(small.promise, 1), undefined)
    const held = workload.add(large.promise, MAX_IN_FLIGHT_BYTES - 1)

    assert(held != null)
    assert.equal(await isPending(held), true)
    small.resolve()
    await held
    assert.equal(workload.messages, 1)
  })

  it('still holds where what is done makes too little room', async () => {
    const workload = new InFlight()
    const [small, large] = [task(), task()]
    assert.equal(workload.add(small.promise, 1), undefined)
    const held = workload.add(large.promise, MAX_IN_FLIGHT_BYTES)

    assert(held != null)
    small.resolve()
    assert.equal(await isPending(held), true)
    large.resolve()
    await held
    assert.equal(workload.messages, 0)
  })

  it('makes room for a task that rejects, tells of it, and ends no process', async () => {
    const errors: unknown[] = []
    const workload = new InFlight((err) => { errors.push(err) })
    const tasks = Array.from({ length: MAX_IN_FLIGHT_MESSAGES }, task)
    const held = tasks.map(({ promise }) => workload.add(promise, 1)).at(-1)
    const failure = new Error('could not be answered')
    tasks[5]!.reject(failure)
    await held
    assert.deepEqual([workload.messages, workload.bytes, errors], [MAX_IN_FLIGHT_MESSAGES - 1, MAX_IN_FLIGHT_MESSAGES - 1, [failure]])
  })

  it('can be filled and emptied again and again', async () => {
    const workload = new InFlight()

    for (let round = 0; round < 3; round++) {
      const tasks = Array.from({ length: MAX_IN_FLIGHT_MESSAGES }, task)
      const held = tasks.map(({ promise }) => workload.add(promise, 1000)).at(-1)
      assert(held != null)
      assert.equal(await isPending(held), true)
      tasks.forEach(({ resolve }) => { resolve() })
      await held
      assert.equal(workload.messages, 0)
    }
  })
})
