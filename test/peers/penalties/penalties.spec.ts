import assert from 'node:assert/strict'
import { BAN_DURATION_MS } from '../../../src/peers/penalties/bans.ts'
import { banKindOf, Penalties } from '../../../src/peers/penalties/penalties.ts'
import { BAN_SCORE, OFFENCES } from '../../../src/peers/penalties/scores.ts'
import { memoryBans } from '../../../src/store/bans/stored-bans.ts'
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
  let penalties: Penalties

  function make (init: Partial<PenaltiesInit> = {}): Penalties {
    const penalties = new Penalties({ clock, exemptIds: new Set(['seed']), exemptHosts: new Set([HOST_OF_SEED]), ...init })
    penalties.subscribe((ban) => { told.push(ban) })

    return penalties
  }

  /** As often as it takes to be banned, as far as that is possible. */
  function repeat (offender: Offender, offence: Offence): string {
    const count = Math.ceil(BAN_SCORE / OFFENCES[offence].weight)

    return Array.from({ length: count }, () => penalties.note(offender, offence)).at(-1)!
  }

  beforeEach(() => {
    clock = new FakeClock()
    told = []
    penalties = make()
  })

  it('tells every listener of a ban, in the order in which they came', () => {
    const order: string[] = []
    penalties.subscribe(({ subject }) => { order.push(`first ${subject}`) })
    penalties.subscribe(({ subject }) => { order.push(`second ${subject}`) })
    penalties.ban('peer')

    assert.deepEqual(order, ['first peer', 'second peer'])
  })

  it('knows of no ban at first', () => {
    assert.equal(penalties.isBanned({}), false)
    assert.equal(penalties.isBanned({ id: 'peer', host: HOST }), false)
    assert.equal(penalties.unban('peer'), false)
  })

  describe('what the protocol forbids', () => {
    it('bans peer and host at once, for as long, and tells of both', async () => {
      assert.equal(penalties.onViolation(PEER, 'a second handshake'), true)

      assert.deepEqual(told, penalties.bans.list())
      assert.deepEqual(told.map(({ subject, kind, reason, isManual }) => ({ subject, kind, reason, isManual })), [
        { subject: 'peer', kind: 'peer', reason: 'a second handshake', isManual: false },
        { subject: HOST, kind: 'host', reason: 'a second handshake', isManual: false }
      ])
      await clock.advance(BAN_DURATION_MS - 1)
      assert.deepEqual([{ id: 'peer' }, { host: HOST }].map((who) => penalties.isBanned(who)), [true, true])
      await clock.advance(1)
      assert.deepEqual([{ id: 'peer' }, { host: HOST }].map((who) => penalties.isBanned(who)), [false, false])
    })

    it('bans no host that is not public: it may be a proxy with many peers behind it', () => {
      penalties.onViolation({ id: 'peer', location: { host: '10.0.0.1', netgroup: undefined } }, '')

      assert.deepEqual([penalties.isBanned({ id: 'peer' }), penalties.isBanned({ host: '10.0.0.1' })], [true, false])
    })

    it('bans the peer at any host, and any peer at the host', () => {
      penalties.onViolation(PEER, '')

      assert.equal(penalties.isBanned({ id: 'peer', host: '192.0.2.9' }), true)
      assert.equal(penalties.isBanned({ id: 'another', host: HOST }), true)
      assert.equal(penalties.isBanned({ id: 'another', host: '192.0.2.9' }), false)
      assert.equal(penalties.isBanned({ id: 'another', host: undefined }), false)
    })

    it('bans the peer only on this machine', () => {
      assert.equal(penalties.onViolation(LOCAL, ''), true)

      assert.deepEqual(penalties.bans.list().map(({ subject }) => subject), ['local'])
    })

    it('bans the peer only at the host of a seed', () => {
      assert.equal(penalties.onViolation({ id: 'peer', location: SEED.location }, ''), true)

      assert.deepEqual(penalties.bans.list().map(({ subject }) => subject), ['peer'])
      assert.equal(penalties.isBanned({ host: HOST_OF_SEED }), false)
    })

    it('bans neither a seed nor the host that it is at', () => {
      assert.equal(penalties.onViolation({ id: 'seed', location: PEER.location }, ''), false)

      assert.deepEqual(penalties.bans.list(), [])
      assert.deepEqual(told, [])
    })

    it('makes the ban longer when it comes again', async () => {
      penalties.onViolation(PEER, '')
      await clock.advance(BAN_DURATION_MS)
      penalties.onViolation(PEER, '')

      assert.deepEqual(told.map(({ offences, duration }) => [offences, duration / BAN_DURATION_MS]), [[1, 1], [1, 1], [2, 2], [2, 2]])
    })
  })

  describe('what may have been meant well', () => {
    it('is put up with, then ends the session, and then bans peer and host', () => {
      const judgements = Array.from({ length: 40 }, () => penalties.note(PEER, 'invalid'))

      assert.deepEqual(judgements.map((judgement, i) => i === 0 || judgement !== judgements[i - 1] ? [i, judgement] : []).flat(), [
        0, 'fine', 9, 'disconnect', 39, 'ban'
      ])
      assert.deepEqual(told.map(({ subject, reason }) => [subject, reason]), [['peer', 'invalid'], [HOST, 'invalid']])
    })

    it('does not ban a slow peer', () => {
      assert.equal(repeat(PEER, 'stalled'), 'disconnect')
      assert.deepEqual(told, [])
    })

    it('only ends the sessions of a seed', () => {
      assert.equal(repeat(SEED, 'invalid'), 'disconnect')
      assert.deepEqual(told, [])
    })

    it('is forgotten when the operator lets the peer in again', () => {
      repeat(PEER, 'invalid')
      assert.equal(penalties.unban('peer'), true)
      assert.equal(penalties.note(PEER, 'invalid'), 'fine')
      assert.equal(penalties.isBanned({ id: 'peer' }), false)
      assert.equal(penalties.isBanned({ host: HOST }), true)
    })
  })

  describe('the operator', () => {
    it('bans whom it likes, for an hour or for as long as it says', () => {
      penalties.ban('peer')
      penalties.ban(HOST, { duration: 1000, reason: 'because' })
      const now = clock.date()

      assert.deepEqual(told, [
        { subject: 'peer', kind: 'peer', until: now + BAN_DURATION_MS, duration: BAN_DURATION_MS, reason: 'by the operator', offences: 0, isManual: true },
        { subject: HOST, kind: 'host', until: now + 1000, duration: 1000, reason: 'because', offences: 0, isManual: true }
      ])
      assert.equal(penalties.isBanned({ id: 'peer' }), true)
      assert.equal(penalties.isBanned({ id: 'seed', host: HOST }), true)
    })

    it('refuses a duration that is none', () => {
      assert.throws(() => penalties.ban('peer', { duration: 0 }), { name: 'ConfigError' })
      assert.deepEqual(told, [])
    })

    for (const subject of ['seed', HOST_OF_SEED]) {
      it(`may ban ${subject === 'seed' ? 'a seed' : 'the host of a seed'}, and let it in again`, () => {
        penalties.ban(subject)
        assert.equal(penalties.isBanned({ id: 'seed', host: HOST_OF_SEED }), true)
        assert.equal(penalties.unban(subject), true)
        assert.equal(penalties.isBanned({ id: 'seed', host: HOST_OF_SEED }), false)
      })
    }
  })

  describe('seeds and reserved peers', () => {
    it('are let in from a host that others are kept out of', () => {
      penalties.onViolation(PEER, '')

      assert.equal(penalties.isBanned({ id: 'seed', host: HOST }), false)
      assert.equal(penalties.isBanned({ host: HOST }), true)
    })

    it('are let in where the ban is older than their being one', async () => {
      const store = memoryBans()
      penalties = make({ store })
      penalties.onViolation(PEER, '')
      penalties = make({ store, exemptIds: new Set(['peer']), exemptHosts: new Set([HOST]) })
      await penalties.load()

      assert.equal(penalties.bans.size, 2)
      assert.equal(penalties.isBanned({ id: 'peer', host: HOST }), false)
      assert.equal(penalties.isBanned({ id: 'another', host: HOST }), false)
    })

    it('may be told of later', () => {
      const exemptIds = new Set<string>()
      penalties = make({ exemptIds })
      exemptIds.add('peer')
      assert.equal(penalties.onViolation(PEER, ''), false)
      exemptIds.delete('peer')
      assert.equal(penalties.onViolation(PEER, ''), true)
    })
  })

  it('goes on with the bans of an earlier run', async () => {
    const store = memoryBans()
    penalties = make({ store })
    penalties.onViolation(PEER, '')
    penalties = make({ store })
    assert.equal(penalties.isBanned({ id: 'peer' }), false)
    await penalties.load()

    assert.equal(penalties.isBanned({ id: 'peer' }), true)
    assert.equal(penalties.isBanned({ host: HOST }), true)
  })

  it('tells hosts from peer ids', () => {
    const subjects = ['12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf', 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N',
      '192.0.2.1', '2001:db8:1:2::/64']

    assert.deepEqual(subjects.map(banKindOf), ['peer', 'peer', 'host', 'host'])
  })
})
