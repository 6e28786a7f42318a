import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { BAN_SCORE, DISCONNECT_SCORE, OFFENCES } from '../../src/peers/penalties/scores.ts'
import { Enforcement } from '../../src/service/enforcement.ts'
import { createMetrics } from '../../src/service/metrics/metrics.ts'
import { locationOfIp } from '../../src/address/location.ts'
import { SessionRecord } from '../../src/session/record.ts'
import { FakeClock } from '../support/fake-clock.ts'
import type { Session } from '../../src/session/session.ts'
import type { Target } from '../../src/connect/targets/target.ts'
import type { Ban, BanStore } from '../../src/types/ban.ts'
import type { Logger } from '@libp2p/interface'

const HOUR_MS = 3_600_000

describe('service/enforcement', () => {
  let clock: FakeClock
  let enforcement: Enforcement
  let bans: Ban[]
  let friend: string

  before(async () => {
    friend = peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString()
  })

  beforeEach(() => {
    clock = new FakeClock()
    bans = []
    enforcement = create()
  })

  function create (store?: BanStore): Enforcement {
    return new Enforcement({
      config: {
        seedPeers: ['/ip4/9.9.9.9/tcp/8765', '/dns4/seed.example.org/tcp/8765'],
        reservedPeers: [`/ip4/8.8.8.8/tcp/8765/p2p/${friend}`],
        banDuration: HOUR_MS,
        limits: { bans: 100 }
      },
      clock,
      log: Object.assign(() => {}, { error: () => {} }) as unknown as Logger,
      metrics: createMetrics(undefined),
      locationOfIp,
      store,
      onStoreError: (err) => { assert.fail(String(err)) },
      onBan: (ban) => { bans.push(ban) }
    })
  }

  function session (id: string, ip: string): Session & { said: string[] } {
    const said: string[] = []
    const fake = {
      id,
      location: locationOfIp(ip),
      circuit: { isLimited: false },
      record: new SessionRecord(),
      state: 'ready',
      said,
      close: (reason: string, detail: string) => {
        said.push(`${reason}: ${detail}`)
        fake.state = 'closed'
      }
    }

    return fake as unknown as Session & { said: string[] }
  }

  it('bans the identity and the host of a peer that breaks the protocol, at once, and leaves it to the session to say so', () => {
    const offender = session('a', '1.2.3.4')
    enforcement.penalties.onViolation(offender, 'a second handshake')

    assert.deepEqual(bans.map(({ subject, kind, reason, offences }) => [subject, kind, reason, offences]), [
      ['a', 'peer', 'a second handshake', 1], ['1.2.3.4', 'host', 'a second handshake', 1]
    ])
    assert.deepEqual(offender.said, [])
  })

  it('bans no host of this machine, no seed and no reserved peer', () => {
    enforcement.penalties.onViolation(session('a', '127.0.0.1'), 'x')
    enforcement.penalties.onViolation(session('b', '9.9.9.9'), 'x')
    enforcement.penalties.onViolation(session(friend, '1.2.3.4'), 'x')

    assert.deepEqual(bans.map(({ subject }) => subject), ['a', 'b'])
  })

  it('bans no peer that a seed has turned out to be', () => {
    const seed = session('s', '5.5.5.5')
    enforcement.onReached(seed, { source: 'seed' } as Target)
    enforcement.penalties.onViolation(seed, 'x')
    enforcement.onReached(session('t', '5.5.5.6'), { source: 'discovered' } as Target)
    enforcement.penalties.onViolation(session('t', '5.5.5.6'), 'x')

    assert.deepEqual(bans.map(({ subject }) => subject), ['t', '5.5.5.6'])
  })

  it('disconnects a peer that sends what the application rejects too often, says why, and in the end bans', () => {
    const limit = DISCONNECT_SCORE / OFFENCES.rejected.weight
    const peer = session('a', '1.2.3.4')

    for (let i = 0; i < limit - 1; i++) {
      enforcement.onOutcome(peer, 'reject')
    }

    assert.deepEqual(peer.said, [])
    enforcement.onOutcome(peer, 'reject')
    assert.deepEqual(peer.said, ['UNSPECIFIED: too often: rejected'])

    for (let score = limit; score < BAN_SCORE - 1; score++) {
      enforcement.onOutcome(session('a', '1.2.3.4'), 'reject')
    }

    assert.deepEqual(bans, [])
    enforcement.onOutcome(session('a', '1.2.3.4'), 'reject')
    assert.deepEqual(bans.map(({ subject, reason }) => [subject, reason]), [['a', 'rejected'], ['1.2.3.4', 'rejected']])
  })

  it('holds nothing against a peer for what is accepted, ignored, known or held', () => {
    const peer = session('a', '1.2.3.4')

    for (const outcome of ['accept', 'ignore', 'known', 'held'] as const) {
      enforcement.onOutcome(peer, outcome)
    }

    assert.equal(enforcement.penalties.scores.score('a'), 0)
  })

  it('counts what was still under way when the session ended no more', () => {
    const peer = session('a', '1.2.3.4')
    peer.close('SHUTDOWN', '')
    enforcement.onOutcome(peer, 'reject')
    enforcement.onFault(peer, { kind: 'stalled' })
    enforcement.onFault(undefined, { kind: 'stalled' })

    assert.equal(enforcement.penalties.scores.score('a'), 0)
  })

  for (const [kind, weight] of [
    ['stalled', OFFENCES.stalled.weight], ['unavailable', OFFENCES.unavailable.weight], ['invalid', OFFENCES.invalid.weight],
    ['unlinked', 0], ['violation', 0]
  ] as const) {
    it(`counts ${weight} for a peer that was ${kind} when blocks were fetched`, () => {
      enforcement.onFault(session('a', '1.2.3.4'), { kind })
      assert.equal(enforcement.penalties.scores.score('a'), weight)
    })
  }

  it('counts that we had to end a session with one that takes too little or sends too much, and nothing that it ended itself', () => {
    const closure = (reason: 'TOO_SLOW' | 'RATE_LIMITED' | 'TIMEOUT', byRemote = false): Parameters<Enforcement['onClosed']>[1] => ({ reason, detail: '', byRemote })
    enforcement.onClosed(session('a', '1.2.3.4'), closure('TOO_SLOW'))
    enforcement.onClosed(session('b', '1.2.3.4'), closure('RATE_LIMITED'))
    enforcement.onClosed(session('c', '1.2.3.4'), closure('TIMEOUT'))
    enforcement.onClosed(session('d', '1.2.3.4'), closure('TOO_SLOW', true))

    assert.deepEqual(['a', 'b', 'c', 'd'].map((id) => enforcement.penalties.scores.score(id)), [20, 20, 0, 0])
  })

  it('takes up the bans of the run before', async () => {
    const ban: Ban = { subject: 'a', kind: 'peer', until: clock.date() + HOUR_MS, duration: HOUR_MS, reason: 'x', offences: 1, isManual: false }
    enforcement = create({ load: async () => [ban], save: async () => {}, remove: async () => {}, close: async () => {} })
    await enforcement.start()

    assert.equal(enforcement.penalties.isBanned({ id: 'a' }), true)
  })
})
