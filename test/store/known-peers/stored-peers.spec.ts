import assert from 'node:assert/strict'
import { createTracker, ManualStorage } from '../../support/manual-storage.ts'
import { StoredPeers } from '../../../src/store/known-peers/stored-peers.ts'
import { MAX_SOURCE_PEERS } from '../../../src/store/known-peers/peer-table.ts'
import { turns } from '../../support/eventually.ts'
import type { KnownPeer } from '../../../src/types/known-peers.ts'

const peer = (id: string, lastSuccess?: number): KnownPeer => ({ id, addresses: [], lastSuccess })

/** Lets everything that waits for nothing but promises run. */
const settle = (): Promise<void> => turns(1)

describe('store/known-peers/stored-peers', () => {
  let storage: ManualStorage
  let book: StoredPeers

  beforeEach(() => {
    storage = new ManualStorage()
    book = new StoredPeers(storage)
  })

  it('writes once for what changes at once', async () => {
    const { done, track } = createTracker()
    track('a', book.save(peer('a')))
    track('b', book.save(peer('b')))
    track('-a', book.remove('a'))
    track('failed', book.noteFailure('b', 7))
    track('anchors', book.setAnchors(['b']))
    await settle()

    assert.deepEqual(storage.log, [['-a', 'b']])
    assert.equal(storage.writes[0]!.changes.get('b'), '{"v":2,"addresses":[],"lastFailure":7,"anchor":true}')
    assert.deepEqual(done, [])

    storage.writes[0]!.resolve()
    await settle()
    assert.deepEqual(done, ['a', 'b', '-a', 'failed', 'anchors'])
  })

  it('removes who had to go in the same write', async () => {
    for (let i = 0; i <= MAX_SOURCE_PEERS; i++) {
      void book.save({ ...peer(`p${i}`, i), source: 'x' })
    }

    await settle()
    assert.equal(storage.log[0]![0], '-p0')
    assert.equal(storage.log[0]!.length, MAX_SOURCE_PEERS + 1)
  })

  it('writes nothing for the failure of a peer that is not known', async () => {
    await book.noteFailure('a', 7)
    assert.deepEqual(storage.writes, [])
  })

  it('writes the marks of anchors that come and go, and of no others', async () => {
    const { done, track } = createTracker()

    for (const id of ['a', 'b', 'c']) {
      track(id, book.save(peer(id)))
    }

    await settle()
    storage.writes[0]!.resolve()
    await settle()
    track('a and b', book.setAnchors(['a', 'b']))
    await settle()
    storage.writes[1]!.resolve()
    await settle()
    track('b', book.setAnchors(['b']))
    await settle()

    assert.deepEqual(storage.log.slice(1), [['a', 'b'], ['a', 'b']])
    const marks = storage.writes.map(({ changes }) => Array.from(changes, ([, value]) => value?.includes('anchor')))
    assert.deepEqual(marks.slice(1), [[true, true], [false, true]])
    assert.deepEqual(done, ['a', 'b', 'c', 'a and b'])
  })
})
