import assert from 'node:assert/strict'
import { StorageError } from '../../src/errors.ts'
import { levelReason } from '../../src/leveldb/errors.ts'

describe('leveldb/errors', () => {
  const CASES: [what: string, error: unknown, reason: string][] = [
    ['an error of the disk', new Error('IO error: /var/lib/vibecoin/chain/000003.log: No space left on device'), 'No space left on device'],
    ['an odd path', new Error('IO error: /srv/a: b c/000003.log: Input/output error'), 'Input/output error'],
    ['an error of opening', new Error('Database failed to open', { cause: new Error('IO error: lock /a/LOCK: already held by process') }), 'already held by process'],
    ['damage', new Error('Corruption: bad record: 7'), 'Corruption: bad record: 7'],
    ['an error of this package', new StorageError('IO error: x', { cause: new Error('y') }), 'IO error: x']
  ]

  for (const [what, error, reason] of CASES) {
    it(`has the reason of ${what}, and not the file`, () => {
      assert.equal(levelReason(error), reason)
    })
  }
})
