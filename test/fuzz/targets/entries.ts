import assert from 'node:assert/strict'
import { mutateBytes } from '../mutate.ts'
import { decodeEntry, encodeEntry } from '../../../src/store/known-peers/peer-entry.ts'
import { PeerTable } from '../../../src/store/known-peers/peer-table.ts'
import type { Target } from '../target.ts'

const ID = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'

const SEEDS = [
  '{"v":1,"addresses":["/ip4/8.8.8.8/tcp/8765"],"lastSuccess":1790000000000,"lastFailure":1790000000001}',
  '{"v":2,"addresses":["/ip4/8.8.8.8/tcp/8765"],"lastSuccess":1790000000000,"source":"0808","anchor":true}',
  '{"v":1,"addresses":["/ip4/8.8.8.8/tcp/1"]}', '{"v":2}', '{"v":99,"more":{}}', '{"v":1,"addresses":[null,{}],"lastSuccess":-1}', '{"v":1,"addresses":[],"lastSuccess":-0}', '[]', 'null', '"', '',
  '{"v":1,"addresses":["\\ud800"],"lastSuccess":1e300,"__proto__":{"v":3}}'
]

/** What is found on disk as a known peer: it is one, or said to be damaged or newer. */
export const entries: Target = {
  name: 'entries',
  share: 6,
  seeds: () => SEEDS.map((text) => new Uint8Array(Buffer.from(text, 'latin1'))),
  mutate: mutateBytes,
  run: (input) => {
    const entry = decodeEntry(ID, Buffer.from(input).toString('latin1'))

    if (typeof entry === 'string') {
      assert(entry === 'damaged' || entry === 'newer', entry)
      return
    }

    assert.deepEqual(decodeEntry(ID, encodeEntry(entry.peer, entry)), entry)
    const table = new PeerTable()
    table.set(entry.peer)
    assert.equal(table.list().length, 1)
  }
}
