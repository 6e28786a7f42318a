import assert from 'node:assert/strict'
import { TaskQueue } from '../../src/util/task-queue.ts'
import { isPending, turns } from '../support/eventually.ts'

describe('util/task-queue', () => {
  let queue: TaskQueue
  let log: string[]

  beforeEach(() => {
    queue = new TaskQueue()
    log = []
  })

  /** A task that ends when it is told to. */
  function task (name: string): { run: () => Promise<string>, end: (error?: Error) => void } {
    const { promise, resolve, reject } = Promise.withResolvers<string>()

    return {
      run: async () => {
        log.push(`begin ${name}`)
        return promise.finally(() => { log.push(`end ${name}`) })
      },
      end: (error) => { if (error == null) { resolve(name) } else { reject(error) } }
    }
  }

  it('runs tasks one after the other, in the order in which they came, and returns what each returns', async () => {
    const tasks = ['a', 'b', 'c'].map(task)
    const results = Promise.all(tasks.map(async ({ run }) => queue.run(run)))
    await turns(1)
    assert.deepEqual(log, ['begin a'])
    assert.equal(queue.waiting, 2)
    tasks[1]!.end()
    tasks[0]!.end()
    tasks[2]!.end()

    assert.deepEqual(await results, ['a', 'b', 'c'])
    assert.deepEqual(log, ['begin a', 'end a', 'begin b', 'end b', 'begin c', 'end c'])
    assert.equal(queue.waiting, 0)
  })

  it('goes on after a task that fails', async () => {
    const [a, b] = [task('a'), task('b')]
    const failed = assert.rejects(queue.run(a.run), { message: 'no luck' })
    const next = queue.run(b.run)
    a.end(new Error('no luck'))
    b.end()
    await failed

    assert.equal(await next, 'b')
  })

  it('lets no task in between the one that ends and the one that waits', async () => {
    const [a, b, c] = [task('a'), task('b'), task('c')]
    const first = queue.run(a.run)
    const second = queue.run(b.run)
    a.end()
    const third = first.then(async () => queue.run(c.run))
    b.end()
    c.end()
    await Promise.all([second, third])

    assert.deepEqual(log, ['begin a', 'end a', 'begin b', 'end b', 'begin c', 'end c'])
  })

  it('runs patient tasks after all others, in the order in which they came', async () => {
    const order: string[] = []
    const note = (name: string) => async (): Promise<void> => { order.push(name) }
    const first = Promise.withResolvers<void>()
    const all = [
      queue.run(() => first.promise),
      queue.run(note('patient 1'), { isPatient: true }),
      queue.run(note('a')),
      queue.run(note('patient 2'), { isPatient: true }),
      queue.run(note('b'))
    ]
    await turns(1)
    first.resolve()
    await Promise.all(all)
    assert.deepEqual(order, ['a', 'b', 'patient 1', 'patient 2'])
  })

  it('takes out a task whose signal is aborted while it waits, and no other', async () => {
    const [a, b, c] = [task('a'), task('b'), task('c')]
    const controller = new AbortController()
    const first = queue.run(a.run)
    const second = queue.run(b.run, { signal: controller.signal })
    const third = queue.run(c.run)
    controller.abort(new Error('no longer'))
    await assert.rejects(second, { message: 'no longer' })
    assert.equal(queue.waiting, 1)
    a.end()
    c.end()
    await Promise.all([first, third])

    assert.deepEqual(log, ['begin a', 'end a', 'begin c', 'end c'])
  })

  it('does not begin a task whose signal is aborted already, and does not interrupt one that has begun', async () => {
    const a = task('a')
    await assert.rejects(queue.run(a.run, { signal: AbortSignal.abort(new Error('no longer')) }), { message: 'no longer' })
    const controller = new AbortController()
    const running = queue.run(a.run, { signal: controller.signal })
    await turns(1)
    controller.abort(new Error('no longer'))
    assert.ok(await isPending(running))
    a.end()

    assert.equal(await running, 'a')
  })

  it('takes out no other task where a turn and an abort come in the same moment', async () => {
    const first = Promise.withResolvers<string>()
    const [b, c] = [task('b'), task('c')]
    const controller = new AbortController()
    const all = [queue.run(() => first.promise), queue.run(b.run, { signal: controller.signal }), queue.run(c.run)]
    await turns(1)
    // after the queue, and before the second task, has learnt of the end of the first
    void first.promise.then(() => { controller.abort(new Error('no longer')) })
    first.resolve('a')
    b.end()
    c.end()

    assert.deepEqual(await Promise.all(all), ['a', 'b', 'c'])
  })

  it('ends tasks that wait when it is closed, lets the running one go on, and takes no more until it is opened', async () => {
    const [a, b] = [task('a'), task('b')]
    const first = queue.run(a.run)
    const second = queue.run(b.run)
    queue.close(new Error('closed'))
    await assert.rejects(second, { message: 'closed' })
    await assert.rejects(queue.run(b.run), { message: 'closed' })
    a.end()
    assert.equal(await first, 'a')
    queue.open()
    b.end()

    assert.equal(await queue.run(b.run), 'b')
  })
})
