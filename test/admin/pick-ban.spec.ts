import assert from 'node:assert/strict'
import { checkBannable, pickBan, reasonFor } from '../../src/admin/pick-ban.ts'
import { MAX_REASON_CHARS } from '../../src/peers/penalties/bans.ts'
import type { Ban } from '../../src/types/ban.ts'

const ALICE = '12D3KooWGaNs8rXF8SWqEc4KiK3oSEcTEDjstUoe49m9E9CxfWdd'
const BOB = '12D3KooWEixXrv8XRM3ActBshpzvzWCfSGC5yTUvihAkeMYfR1Wdd'
const BANS: Pick<Ban, 'subject' | 'kind' | 'reason'>[] = [
  { subject: ALICE, kind: 'peer', reason: 'noisy' }, { subject: BOB, kind: 'peer', reason: reasonFor('bob') },
  { subject: '203.0.113.7', kind: 'host', reason: reasonFor('host') }
]

describe('admin/pick-ban', () => {
  for (const [text, subject] of [[ALICE, ALICE], ['fWdd', ALICE], ['..CxfWdd', ALICE], ['R1Wdd', BOB], ['bob', BOB], ['203.0.113.7', '203.0.113.7'], ['203.0.113.8', '203.0.113.8']] as const) {
    it(`takes ${text} for the ban of ${subject}`, () => {
      assert.equal(pickBan(BANS, text), subject)
    })
  }

  for (const [text, message] of [['Wdd', /^No banned peer has the name or the end `Wdd`/], ['113', /^No banned peer/], ['alice', /^No banned peer has the name or the end `alice`/], ['host', /^No banned peer/]] as const) {
    it(`finds no ban for ${text}`, () => {
      assert.throws(() => pickBan(BANS, text), { name: 'RpcError', message })
    })
  }

  it('finds a ban by the name also where the operator has said why, however long that is, and only by the whole name', () => {
    const [reason, long] = [reasonFor('carol', 'sends nonsense'), reasonFor('c"a', 'x'.repeat(300))]
    assert.deepEqual([reason, long.length], ['sends nonsense, as "carol"', MAX_REASON_CHARS])
    const find = (reason: string, name: string): string => pickBan([{ subject: ALICE, kind: 'peer', reason }], name)
    assert.deepEqual([find(reason, 'carol'), find(long, 'c"a')], [ALICE, ALICE])

    for (const [other, name] of [[reason, 'arol'], [reasonFor('x, as "carol"'), 'carol'], [reasonFor('x, as "carol'), 'carol'], ['carol', 'carol']] as const) {
      assert.throws(() => find(other, name), { message: /^No banned peer/ })
    }
  })

  it('asks for the whole id where the end, or the name, is that of two', () => {
    assert.throws(() => pickBan([...BANS, { subject: ALICE, kind: 'peer', reason: reasonFor('bob') }], 'bob'), { message: /^More than one banned peer/ })
    const twin = `${ALICE.slice(0, 10)}z${ALICE.slice(11)}`
    assert.throws(() => pickBan([...BANS, { subject: twin, kind: 'peer', reason: '' }], 'CxfWdd'), { name: 'RpcError', message: /^More than one banned peer has the name or the end/ })
  })

  it('leaves what may be an id or an address to the network', () => {
    for (const subject of [ALICE, '203.0.113.7', '192.168.1.5', '2001:db8::/64', '300.1.1.1', '127.0.0.1']) {
      assert.equal(checkBannable(subject), subject)
    }

    assert.throws(() => checkBannable('alice'), { name: 'RpcError', message: /^No ready peer has the name or the end `alice`/ })
  })
})
