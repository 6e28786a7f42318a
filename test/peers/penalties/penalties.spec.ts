import assert from 'node:assert/strict'
import { BAN_DURATION_MS } from '../../../src/peers/penalties/bans.ts'
import { banKindOf, Penalties } from '../../../src/peers/penalties/penalties.ts'
import { BAN_SCORE, OFFENCES } from '../../../src/peers/penalties/scores.ts'
import { memoryBans } from '../../../src/store/bans/ban-book.ts'
import { UNKNOWN_LOCATION } from '../../../src/address/location.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { PenaltiesInit, Offender } from '../../../src/peers/penalties/penalties.ts'
import type { Offence } from '../../../src/peers/penalties/scores.ts'
import type { Ban } from '../../../src/types/ban.ts'

const HOST = '192.0.2.1'
const HOST_OF_SEED = '192.0.2.2'
const PEER: Offender = { id: 'peer', location: { host: HOST, netgroup: 'a network' } }
const SEED: Offender = { id: 'seed', location: { host: HOST_OF_SEED, netgroup: 'another network' } }
const LOCAL: Offender = { id: 'local', location: UNKNOWN_LOCATION }

describe('peers/penalties/penalties', () => {
  let clock: FakeClock
  let told: Ban[]
  let conduct: Penalties

  const make = (init: Partial<PenaltiesInit> = {}): Penalties => new Penalties({
    clock, exemptIds: new Set(['seed']), exemptHosts: new Set([HOST_OF_SEED]), onBan: (ban) => { told.push(ban) }, ...init
  })

  /** As often as it takes to be banned, as far as that is possible. */
  function repeat (offender: Offender, offence: Offence): string {
    const count = Math.ceil(BAN_SCORE / OFFENCES[offence].weight)

    return Array.from({ length: count }, () => conduct.note(offender, offence)).at(-1)!
  }

  beforeEach(() => {
    clock = new FakeClock()
    told = []
    conduct = make()
  })

  it('knows of no ban at first', () => {
    assert.equal(conduct.isBanned({}), false)
    assert.equal(conduct.isBanned({ id: 'peer', host: HOST }), false)
    assert.equal(conduct.unban('peer'), false)
  })

  describe('what the protocol forbids', () => {
    it('bans peer and host at once, for as long, and tells of both', async () => {
      assert.equal(conduct.onViolation(PEER, 'a second handshake'), true)

      assert.deepEqual(told, conduct.bans.list())
      assert.deepEqual(told.map(({ subject, kind, reason, isManual }) => ({ subject, kind, reason, isManual })), [
        { subject: 'peer', kind: 'peer', reason: 'a second handshake', isManual: false },
        { subject: HOST, kind: 'host', reason: 'a second handshake', isManual: false }
      ])
      await clock.advance(BAN_DURATION_MS - 1)
      assert.deepEqual([{ id: 'peer' }, { host: HOST }].map((who) => conduct.isBanned(who)), [true, true])
      await clock.advance(1)
      assert.deepEqual([{ id: 'peer' }, { host: HOST }].map((who) => conduct.isBanned(who)), [false, false])
    })

    it('bans no host that is not public: it may be a proxy that brings everybody', () => {
      conduct.onViolation({ id: 'peer', location: { host: '10.0.0.1', netgroup: undefined } }, '')

      assert.deepEqual([conduct.isBanned({ id: 'peer' }), conduct.isBanned({ host: '10.0.0.1' })], [true, false])
    })

    it('keeps out the peer at any host, and anybody at the host', () => {
      conduct.onViolation(PEER, '')

      assert.equal(conduct.isBanned({ id: 'peer', host: '192.0.2.9' }), true)
      assert.equal(conduct.isBanned({ id: 'another', host: HOST }), true)
      assert.equal(conduct.isBanned({ id: 'another', host: '192.0.2.9' }), false)
      assert.equal(conduct.isBanned({ id: 'another', host: undefined }), false)
    })

    it('bans the peer only on this machine', () => {
      assert.equal(conduct.onViolation(LOCAL, ''), true)

      assert.deepEqual(conduct.bans.list().map(({ subject }) => subject), ['local'])
    })

    it('bans the peer only at the host of a seed', () => {
      assert.equal(conduct.onViolation({ id: 'peer', location: SEED.location }, ''), true)

      assert.deepEqual(conduct.bans.list().map(({ subject }) => subject), ['peer'])
      assert.equal(conduct.isBanned({ host: HOST_OF_SEED }), false)
    })

    it('bans neither a seed nor the host that it is at', () => {
      assert.equal(conduct.onViolation({ id: 'seed', location: PEER.location }, ''), false)

      assert.deepEqual(conduct.bans.list(), [])
      assert.deepEqual(told, [])
    })

    it('makes the ban longer when it comes again', async () => {
      conduct.onViolation(PEER, '')
      await clock.advance(BAN_DURATION_MS)
      conduct.onViolation(PEER, '')

      assert.deepEqual(told.map(({ offences, duration }) => [offences, duration / BAN_DURATION_MS]), [[1, 1], [1, 1], [2, 2], [2, 2]])
    })
  })

  describe('what may have been meant well', () => {
    it('is put up with, then ends the session, and then bans peer and host', () => {
      const judgements = Array.from({ length: 40 }, () => conduct.note(PEER, 'invalid'))

      assert.deepEqual(judgements.map((judgement, i) => i === 0 || judgement !== judgements[i - 1] ? [i, judgement] : []).flat(), [
        0, 'fine', 9, 'disconnect', 39, 'ban'
      ])
      assert.deepEqual(told.map(({ subject, reason }) => [subject, reason]), [['peer', 'invalid'], [HOST, 'invalid']])
    })

    it('does not ban whoever is slow', () => {
      assert.equal(repeat(PEER, 'stalled'), 'disconnect')
      assert.deepEqual(told, [])
    })

    it('only ends the sessions of a seed', () => {
      assert.equal(repeat(SEED, 'invalid'), 'disconnect')
      assert.deepEqual(told, [])
    })

    it('is forgotten when the operator lets the peer in again', () => {
      repeat(PEER, 'invalid')
      assert.equal(conduct.unban('peer'), true)
      assert.equal(conduct.note(PEER, 'invalid'), 'fine')
      assert.equal(conduct.isBanned({ id: 'peer' }), false)
      assert.equal(conduct.isBanned({ host: HOST }), true)
    })
  })

  describe('the operator', () => {
    it('bans whom it likes, for an hour or for as long as it says', () => {
      conduct.ban('peer')
      conduct.ban(HOST, { duration: 1000, reason: 'because' })
      const now = clock.date()

      assert.deepEqual(told, [
        { subject: 'peer', kind: 'peer', until: now + BAN_DURATION_MS, duration: BAN_DURATION_MS, reason: 'by the operator', offences: 0, isManual: true },
        { subject: HOST, kind: 'host', until: now + 1000, duration: 1000, reason: 'because', offences: 0, isManual: true }
      ])
      assert.equal(conduct.isBanned({ id: 'peer' }), true)
      assert.equal(conduct.isBanned({ id: 'seed', host: HOST }), true)
    })

    it('refuses a duration that is none', () => {
      assert.throws(() => conduct.ban('peer', { duration: 0 }), { name: 'ConfigError' })
      assert.deepEqual(told, [])
    })

    for (const subject of ['seed', HOST_OF_SEED]) {
      it(`may ban ${subject === 'seed' ? 'a seed' : 'the host of a seed'}, and let it in again`, () => {
        conduct.ban(subject)
        assert.equal(conduct.isBanned({ id: 'seed', host: HOST_OF_SEED }), true)
        assert.equal(conduct.unban(subject), true)
        assert.equal(conduct.isBanned({ id: 'seed', host: HOST_OF_SEED }), false)
      })
    }
  })

  describe('seeds and reserved peers', () => {
    it('are let in from a host that others are kept out of', () => {
      conduct.onViolation(PEER, '')

      assert.equal(conduct.isBanned({ id: 'seed', host: HOST }), false)
      assert.equal(conduct.isBanned({ host: HOST }), true)
    })

    it('are let in where the ban is older than their being one', async () => {
      const store = memoryBans()
      conduct = make({ store })
      conduct.onViolation(PEER, '')
      conduct = make({ store, exemptIds: new Set(['peer']), exemptHosts: new Set([HOST]) })
      await conduct.load()

      assert.equal(conduct.bans.size, 2)
      assert.equal(conduct.isBanned({ id: 'peer', host: HOST }), false)
      assert.equal(conduct.isBanned({ id: 'another', host: HOST }), false)
    })

    it('may be told of later', () => {
      const exemptIds = new Set<string>()
      conduct = make({ exemptIds })
      exemptIds.add('peer')
      assert.equal(conduct.onViolation(PEER, ''), false)
      exemptIds.delete('peer')
      assert.equal(conduct.onViolation(PEER, ''), true)
    })
  })

  it('goes on with the bans of an earlier run', async () => {
    const store = memoryBans()
    conduct = make({ store })
    conduct.onViolation(PEER, '')
    conduct = make({ store })
    assert.equal(conduct.isBanned({ id: 'peer' }), false)
    await conduct.load()

    assert.equal(conduct.isBanned({ id: 'peer' }), true)
    assert.equal(conduct.isBanned({ host: HOST }), true)
  })

  it('tells hosts from peer ids', () => {
    const subjects = ['12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf', 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N',
      '192.0.2.1', '2001:db8:1:2::/64']

    assert.deepEqual(subjects.map(banKindOf), ['peer', 'peer', 'host', 'host'])
  })
})
