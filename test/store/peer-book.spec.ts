import assert from 'node:assert/strict'
import { errorMessage } from '../../src/errors.ts'
import { PeerBook } from '../../src/store/peer-book.ts'
import type { PeerStorage } from '../../src/store/peer-book.ts'
import type { KnownPeer } from '../../src/types/known-peers.ts'

type Changes = Map<string, Readonly<KnownPeer> | undefined>

/** Keeps nothing, and lets a test end each write by hand. */
class ManualStorage implements PeerStorage {
  readonly writes: (PromiseWithResolvers<void> & { changes: Changes })[] = []
  closed = 0

  write (changes: Changes): Promise<void> {
    const write = { ...Promise.withResolvers<void>(), changes }
    this.writes.push(write)

    return write.promise
  }

  async close (): Promise<void> {
    this.closed++
  }

  /** The ids of each write so far, those that were removed with a minus. */
  get log (): string[][] {
    return this.writes.map(({ changes }) => Array.from(changes, ([id, peer]) => peer == null ? `-${id}` : id))
  }
}

const peer = (id: string, lastSuccess?: number): KnownPeer => ({ id, addresses: [], lastSuccess })

/** Lets everything that waits for nothing but promises run. */
const settle = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })

describe('store/peer-book', () => {
  let storage: ManualStorage
  let book: PeerBook
  let done: string[]

  beforeEach(() => {
    storage = new ManualStorage()
    book = new PeerBook(storage)
    done = []
  })

  function track (name: string, work: Promise<void>): void {
    void work.then(() => { done.push(name) }).catch((err: unknown) => { done.push(`${name}: ${errorMessage(err)}`) })
  }

  it('writes once for what changes at once', async () => {
    track('a', book.save(peer('a')))
    track('b', book.save(peer('b')))
    track('-a', book.remove('a'))
    await settle()

    assert.deepEqual(storage.log, [['-a', 'b']])
    assert.deepEqual(done, [])

    storage.writes[0]!.resolve()
    await settle()
    assert.deepEqual(done, ['a', 'b', '-a'])
  })

  it('never begins a write while another is under way', async () => {
    track('first', book.save(peer('a', 1)))
    await settle()
    track('second', book.save(peer('a', 2)))
    await settle()
    track('third', book.save(peer('a', 3)))
    await settle()
    assert.deepEqual(storage.log, [['a']])

    storage.writes[0]!.resolve()
    await settle()
    assert.deepEqual(storage.log, [['a'], ['a']])
    assert.equal(storage.writes[1]!.changes.get('a')?.lastSuccess, 3)
    assert.deepEqual(done, ['first'])

    storage.writes[1]!.resolve()
    await settle()
    assert.deepEqual(done, ['first', 'second', 'third'])
  })

  it('tells those whose change was not written, and goes on with the next', async () => {
    track('first', book.save(peer('a')))
    await settle()
    track('second', book.save(peer('b')))
    storage.writes[0]!.reject(new Error('no space left'))
    await settle()
    assert.deepEqual(done, ['first: no space left'])
    assert.deepEqual(storage.log, [['a'], ['b']])

    storage.writes[1]!.resolve()
    await settle()
    assert.deepEqual(done, ['first: no space left', 'second'])
  })

  it('closes after the write under way and the one after it', async () => {
    track('first', book.save(peer('a')))
    await settle()
    track('second', book.save(peer('b')))
    track('closed', book.close())
    track('closed again', book.close())
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
    track('first', book.save(peer('a')))
    await settle()
    track('closed', book.close())
    storage.writes[0]!.reject(new Error('no space left'))
    await settle()

    assert.equal(storage.closed, 1)
    assert.deepEqual(done, ['first: no space left', 'closed'])
  })
})
