import assert from 'node:assert/strict'
import { createTracker, ManualStorage } from '../../support/manual-storage.ts'
import { MAX_WAITING_KEYS, NO_STORAGE, WriteQueue } from '../../../src/store/entries/write-queue.ts'
import { turns } from '../../support/eventually.ts'

describe('store/entries/write-queue', () => {
  let storage: ManualStorage
  let queue: WriteQueue
  let done: string[]
  let track: (name: string, work: Promise<void>) => void

  /** Lets everything that waits for nothing but promises run. */
  const settle = (): Promise<void> => turns(1)

  beforeEach(() => {
    storage = new ManualStorage()
    queue = new WriteQueue(storage, 'things')
    ;({ done, track } = createTracker())
  })

  it('writes once for what changes at once, of each key the last', async () => {
    track('a', queue.write([['a', '1']]))
    track('b', queue.write([['b', '2'], ['c', undefined]]))
    track('-a', queue.write([['a', undefined]]))
    await settle()

    assert.deepEqual(storage.log, [['-a', 'b', '-c']])
    assert.deepEqual(done, [])

    storage.writes[0]!.resolve()
    await settle()
    assert.deepEqual(done, ['a', 'b', '-a'])
  })

  it('never begins a write while another is under way', async () => {
    for (const value of ['1', '2', '3']) {
      track(value, queue.write([['a', value]]))
      await settle()
    }

    assert.deepEqual(storage.log, [['a']])

    storage.writes[0]!.resolve()
    await settle()
    assert.deepEqual(storage.log, [['a'], ['a']])
    assert.equal(storage.writes[1]!.changes.get('a'), '3')
    assert.deepEqual(done, ['1'])

    storage.writes[1]!.resolve()
    await settle()
    assert.deepEqual(done, ['1', '2', '3'])
  })

  it('tells those whose change was not written, and goes on with the next', async () => {
    track('first', queue.write([['a', '1']]))
    await settle()
    track('second', queue.write([['b', '2']]))
    storage.writes[0]!.reject(new Error('no space left'))
    await settle()
    assert.deepEqual(done, ['first: no space left'])
    assert.deepEqual(storage.log, [['a'], ['b']])

    storage.writes[1]!.resolve()
    await settle()
    assert.deepEqual(done, ['first: no space left', 'second'])
  })

  it('closes after the write under way and the one after it, once', async () => {
    track('first', queue.write([['a', '1']]))
    await settle()
    track('second', queue.write([['b', '2']]))
    track('closed', queue.close())
    track('closed again', queue.close())
    assert.throws(() => { queue.checkOpen() }, { name: 'NotRunningError', message: 'The things are closed' })
    await settle()
    assert.equal(storage.closed, 0)

    storage.writes[0]!.resolve()
    await settle()
    assert.equal(storage.closed, 0)

    storage.writes[1]!.resolve()
    await settle()
    assert.equal(storage.closed, 1)
    assert.deepEqual(done, ['first', 'second', 'closed', 'closed again'])
  })

  it('closes after a write that failed', async () => {
    track('first', queue.write([['a', '1']]))
    await settle()
    track('closed', queue.close())
    storage.writes[0]!.reject(new Error('no space left'))
    await settle()

    assert.equal(storage.closed, 1)
    assert.deepEqual(done, ['first: no space left', 'closed'])
  })

  it('lets so many keys wait for a disk that does not answer, and no more', async () => {
    queue = new WriteQueue(storage, 'things', 2)
    track('written', queue.write([['a', '1']]))
    await settle()
    track('b', queue.write([['b', '2']]))
    track('c', queue.write([['c', '3']]))
    track('too many', queue.write([['d', '4']]))
    track('b again', queue.write([['b', '5']]))
    await settle()
    assert.deepEqual(done, ['too many: Could not write the things: too much waits for the disk'])

    storage.writes[0]!.resolve()
    await settle()
    track('after that', queue.write([['d', '6']]))
    storage.writes[1]!.resolve()
    await settle()
    storage.writes[2]!.resolve()
    await settle()

    assert.deepEqual(storage.log, [['a'], ['b', 'c'], ['d']])
    assert.deepEqual(done.slice(1), ['written', 'b', 'c', 'b again', 'after that'])
    assert.equal(MAX_WAITING_KEYS, 50_000)
  })

  it('takes no change where nothing is kept, so that none is encoded', async () => {
    const encode = function * (): Iterable<[string, string]> {
      assert.fail('a change was taken')
    }

    await new WriteQueue(NO_STORAGE, 'things').write(encode())
  })
})
