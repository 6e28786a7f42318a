import assert from 'node:assert/strict'
import { checkSubject } from '../../../src/peers/penalties/subject.ts'
import { defaultLogger } from '@libp2p/logger'
import fc from 'fast-check'
import { MAX_DETAIL_BYTES } from '../../../src/codec/limits.ts'
import { decodeBody } from '../../../src/codec/message.ts'
import { BAN_DURATION_MS } from '../../../src/peers/penalties/bans.ts'
import { CLOSE_TIMEOUT_MS, RETIRE_TIMEOUT_MS } from '../../../src/session/close.ts'
import { SessionManager } from '../../../src/peers/manager/manager.ts'
import { isPending, turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { sampleBlock, sampleNodeInfo } from '../../support/sample.ts'
import { frameOf, ManualPair, messagesIn, ScriptedStream } from '../../support/stream-pair.ts'
import { UNKNOWN_LOCATION } from '../../../src/address/location.ts'
import type { Location } from '../../../src/address/location.ts'
import type { Session } from '../../../src/session/session.ts'
import type { ManagerInit, PeerKey } from '../../../src/peers/manager/types.ts'
import { Penalties } from '../../../src/peers/penalties/penalties.ts'
import { managerParts, NO_LOCATIONS, NO_RATES } from '../../support/session-parts.ts'
import type { PeerCounts } from '../../../src/peers/slots.ts'
import type { Closure } from '../../../src/session/types.ts'
import type { DisconnectReason } from '../../../src/types/message.ts'

const CONFIG: ManagerInit['config'] = {
  ...NO_RATES,
  maxInbound: 3,
  maxInboundPerHost: 4,
  maxOutbound: 2,
  maxBlockOnly: 1,
  maxPendingHandshakes: 4,
  dialTimeout: 10_000,
  maxFrameBytes: 64 * 1024,
  handshakeTimeout: 10_000,
  frameTimeout: 30_000,
  pingInterval: 30_000,
  pingTimeout: 30_000,
  requestTimeout: 10_000,
  sendTimeout: 30_000
}

/** Time enough for whatever ends to have ended. */
const THE_END_MS = RETIRE_TIMEOUT_MS + CLOSE_TIMEOUT_MS
const SELF = keyOf('m')
const HANDSHAKE = frameOf({ type: 'handshake', node: sampleNodeInfo() })
/** What a peer sends first in a session that is ready to it. */
const PING = frameOf({ type: 'ping', nonce: 1n, bestHeight: 0 })

function keyOf (id: string): PeerKey {
  return { id, bytes: new TextEncoder().encode(id) }
}

const RELAYED = '/memory/relay/p2p-circuit'

function blockFrame (height: number): Uint8Array {
  return frameOf({ type: 'newBlock', block: sampleBlock({ height }) })
}

/** What was said through a stream, as the names of the messages, and the reason where it is a goodbye. */
function said (stream: ScriptedStream): string[] {
  return messagesIn(stream.sent).map(({ message }) => message?.type === 'disconnect' ? message.reason : String(message?.type))
}

/** A manager, and everything that it told its owner. */
class Node {
  readonly clock: FakeClock
  readonly penalties: Penalties
  readonly manager: SessionManager
  readonly sessions: Session[] = []
  readonly readies: Session[] = []
  readonly closures: (Closure & { session: Session, wasReady: boolean, isReplaced: boolean })[] = []
  /** Heights of the blocks that came. */
  readonly blocks: number[] = []

  constructor (
    local: PeerKey, config: Partial<ManagerInit['config']> = {}, clock: FakeClock = new FakeClock(), locationOf = NO_LOCATIONS.locationOf
  ) {
    this.clock = clock
    this.penalties = new Penalties({ clock })
    this.manager = new SessionManager({
      local,
      config: { ...CONFIG, ...config },
      clock,
      log: defaultLogger().forComponent('test:manager'),
      ...managerParts(clock),
      penalties: this.penalties,
      localNode: async () => sampleNodeInfo({ nodeId: local.id }),
      bestHeight: () => 1,
      ...NO_LOCATIONS,
      locationOf
    })
    this.manager.attach({
      onReady: (session) => { this.readies.push(session) },
      onMessage: (_session, envelope) => {
        if (envelope.type === 'newBlock') {
          this.blocks.push(decodeBody('newBlock', envelope.body).block.height)
        }

        return undefined
      },
      onClosed: (session, closure, wasReady) => {
        this.closures.push({ ...closure, session, wasReady, isReplaced: this.manager.get(session.id) != null })
      }
    })
  }

  get counts (): PeerCounts {
    return this.manager.counts
  }

  /** Sessions that have not ended. */
  get live (): Session[] {
    return this.sessions.filter(({ state }) => state !== 'closed')
  }

  accept (
    id: string, stream: ScriptedStream = new ScriptedStream('inbound'), address = `/memory/${id}`
  ): { session: Session, stream: ScriptedStream } {
    const session = this.manager.accept({ stream, peer: keyOf(id), address })
    this.sessions.push(session)

    return { session, stream }
  }

  /** Undefined where there is no room for a dial. */
  dial (
    id: string, stream: ScriptedStream = new ScriptedStream('outbound'), address = `/memory/${id}`
  ): { session: Session, stream: ScriptedStream } | undefined {
    const slot = this.manager.slots.reserve('outbound')

    if (slot == null) {
      return undefined
    }

    const session = this.manager.dialled({ stream, peer: keyOf(id), address }, slot)
    this.sessions.push(session)

    return { session, stream }
  }

  /** Undefined where the stream is not needed. */
  succeed (relayed: Session, stream: ScriptedStream = new ScriptedStream('outbound')): { session: Session, stream: ScriptedStream } | undefined {
    const session = this.manager.succeed(relayed, { stream, peer: keyOf(relayed.id), address: `/memory/${relayed.id}` })

    if (session == null) {
      return undefined
    }

    this.sessions.push(session)

    return { session, stream }
  }

  /** An inbound session whose handshake is done. */
  async acceptReady (id: string, address?: string): Promise<{ session: Session, stream: ScriptedStream }> {
    const accepted = this.accept(id, undefined, address)
    accepted.stream.onData(HANDSHAKE)
    await accepted.session.ready

    return accepted
  }

  async dialReady (id: string, address?: string): Promise<{ session: Session, stream: ScriptedStream }> {
    const dialled = this.dial(id, undefined, address)
    assert(dialled != null)
    dialled.stream.onData(HANDSHAKE)
    await dialled.session.ready

    return dialled
  }
}

describe('peers/manager/manager', () => {
  let node: Node
  let manager: SessionManager

  beforeEach(() => {
    node = new Node(SELF)
    manager = node.manager
  })

  // whatever a test was about: nothing is left
  afterEach(async () => {
    const closed = manager.close()
    await node.clock.advance(THE_END_MS)
    await closed

    assert.deepEqual(node.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
    assert.deepEqual([...manager], [])
    assert.deepEqual(node.live, [])
    assert.equal(node.clock.pending, 0)
    assert.equal(node.closures.length, node.sessions.length)
  })

  /** Waits for what a refused peer is told, which has to be all that it is told. */
  async function expectRefusal (refused: { session: Session, stream: ScriptedStream }, reason: DisconnectReason): Promise<void> {
    await turns(2)
    assert.equal(refused.session.state, 'closed')
    assert.deepEqual(said(refused.stream), [reason])
    const closure = node.closures.find(({ session }) => session === refused.session)
    assert.deepEqual([closure?.reason, closure?.byRemote, closure?.wasReady], [reason, false, false])
  }

  it('counts a session as pending until its handshake is done', async () => {
    const { session, stream } = node.accept('a')
    const dialled = node.dial('b')
    assert.deepEqual(node.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 2, reserved: 0 })
    assert.deepEqual([...manager], [])
    assert.equal(manager.get('a'), undefined)
    stream.onData(HANDSHAKE)
    await session.ready
    assert.deepEqual(node.counts, { inbound: 1, outbound: 0, blockOnly: 0, pending: 1, reserved: 0 })
    dialled?.stream.onData(HANDSHAKE)
    await dialled?.session.ready
    assert.deepEqual(node.counts, { inbound: 1, outbound: 1, blockOnly: 0, pending: 0, reserved: 0 })
    assert.deepEqual([...manager], [session, dialled?.session])
    assert.equal(manager.get('a'), session)
    assert.deepEqual(node.readies, [session, dialled?.session])
  })

  it('finds sessions that are on their way too', async () => {
    const { session } = node.accept('a')
    assert.equal(manager.find('a'), session)
    assert.equal(manager.find('b'), undefined)
    session.close('SHUTDOWN')
    assert.equal(manager.find('a'), undefined)
  })

  describe('refuses', () => {
    it('a peer that is one too many with TOO_MANY_CONNECTIONS in place of the handshake', async () => {
      for (const id of ['a', 'b', 'c']) {
        await node.acceptReady(id)
      }

      assert.deepEqual(node.counts, { inbound: CONFIG.maxInbound, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
      await expectRefusal(node.accept('d'), 'TOO_MANY_CONNECTIONS')
      assert.deepEqual(node.counts, { inbound: CONFIG.maxInbound, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
    })

    it('no more peers once there is room again', async () => {
      const sessions = [await node.acceptReady('a'), await node.acceptReady('b'), await node.acceptReady('c')]
      sessions[1]!.session.close('SHUTDOWN')
      await node.acceptReady('d')

      assert.deepEqual([...manager].map(({ id }) => id), ['a', 'c', 'd'])
    })

    it('a handshake that is one too many with TOO_MANY_CONNECTIONS in place of ours', async () => {
      const pending = ['a', 'b', 'c', 'd'].map((id) => node.accept(id))
      await turns(2)
      assert.deepEqual(pending.map(({ stream }) => said(stream)), [['handshake'], ['handshake'], ['handshake'], ['handshake']])
      assert.deepEqual(node.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: CONFIG.maxPendingHandshakes, reserved: 0 })
      await expectRefusal(node.accept('e'), 'TOO_MANY_CONNECTIONS')
      pending[0]!.session.close('SHUTDOWN')
      await turns(2)
      const late = node.accept('e')
      await turns(2)
      assert.deepEqual(said(late.stream), ['handshake'])
    })

    it('the handshake for which there was room when it began, but is not any more', async () => {
      await node.acceptReady('a')
      await node.acceptReady('b')
      const first = node.accept('c')
      const second = node.accept('d')
      await turns(2)
      second.stream.onData(HANDSHAKE)
      await second.session.ready
      first.stream.onData(HANDSHAKE)
      await assert.rejects(first.session.ready, { name: 'DisconnectedError', reason: 'TOO_MANY_CONNECTIONS' })
      await turns(2)

      assert.deepEqual(said(first.stream), ['handshake', 'TOO_MANY_CONNECTIONS'])
      assert.deepEqual(node.counts, { inbound: CONFIG.maxInbound, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
      assert.deepEqual(node.readies.map(({ id }) => id), ['a', 'b', 'd'])
    })

    it('a banned peer with BANNED, until the ban is over', async () => {
      node.penalties.ban('a')
      await expectRefusal(node.accept('a'), 'BANNED')
      await node.clock.advance(BAN_DURATION_MS - 1)
      await expectRefusal(node.accept('a'), 'BANNED')
      await node.clock.advance(1)
      await node.acceptReady('a')
    })

    it('a banned peer that we dialled with BANNED', async () => {
      const dialled = node.dial('a')
      assert(dialled != null)
      node.penalties.ban('a')
      dialled.stream.onData(HANDSHAKE)
      await assert.rejects(dialled.session.ready, { name: 'DisconnectedError', reason: 'BANNED' })

      assert.deepEqual(node.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
    })

    it('itself, and takes no room for that', async () => {
      await expectRefusal(node.accept(SELF.id), 'DUPLICATE_CONNECTION')

      assert.deepEqual(node.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
    })

    it('no dial for an inbound session, nor the other way round', async () => {
      for (const id of ['a', 'b', 'c']) {
        await node.acceptReady(id)
      }

      await node.dialReady('d')
      await node.dialReady('e')
      assert.equal(node.dial('f'), undefined)
      assert.deepEqual(node.counts, { inbound: 3, outbound: 2, blockOnly: 0, pending: 0, reserved: 0 })
    })
  })

  it('tells a peer that breaks the protocol so, and the others that are banned with it BANNED', async () => {
    const public1 = { host: '1.2.3.4', netgroup: '0102' }
    node = new Node(SELF, {}, node.clock, (address) => address.startsWith('/memory/near') ? public1 : UNKNOWN_LOCATION)
    manager = node.manager
    const offender = await node.acceptReady('a', '/memory/near/1')
    const neighbour = await node.acceptReady('b', '/memory/near/2')
    const other = await node.acceptReady('c')
    offender.stream.onData(Uint8Array.of(0))
    await turns(2)

    assert.deepEqual(node.closures.map(({ session, reason }) => [session.id, reason]), [['b', 'BANNED'], ['a', 'PROTOCOL_VIOLATION']])
    assert.deepEqual([said(offender.stream).at(-1), said(neighbour.stream).at(-1)], ['PROTOCOL_VIOLATION', 'BANNED'])
    assert.equal(other.session.state, 'ready')
    assert.deepEqual(manager.bans.map(({ subject }) => subject), ['a', '1.2.3.4'])
  })

  it('ends the session of a peer that is banned at once, ready or not', async () => {
    const ready = await node.acceptReady('a')
    node.accept('b')
    node.penalties.ban('a')
    node.penalties.ban('b')
    await turns(2)

    assert.deepEqual(node.closures.map(({ session, reason }) => [session.id, reason]), [['a', 'BANNED'], ['b', 'BANNED']])
    assert.equal(said(ready.stream).at(-1), 'BANNED')
  })

  it('takes a session when its events have a listener, and not before', () => {
    const events = { onReady: () => {}, onMessage: () => undefined, onClosed: () => {} }
    assert.throws(() => { manager.attach(events) }, { message: 'Expected to be attached to once' })
    const early = new SessionManager({
      local: SELF,
      config: CONFIG,
      clock: node.clock,
      log: defaultLogger().forComponent('test:manager'),
      ...managerParts(node.clock),
      localNode: async () => sampleNodeInfo(),
      bestHeight: () => 1,
      ...NO_LOCATIONS
    })

    assert.throws(() => early.accept({ stream: new ScriptedStream('inbound'), peer: keyOf('a'), address: '/memory/a' }), {
      message: 'Expected to be attached to before the first event'
    })
    assert.equal(early.find('a'), undefined)
  })

  describe('gives a place back', () => {
    for (const [title, end, reason] of [
      ['says goodbye', ({ stream }) => { stream.onData(frameOf({ type: 'disconnect', reason: 'SHUTDOWN', detail: '' })) }, 'SHUTDOWN'],
      ['ends its side', ({ stream }) => { stream.onRemoteCloseWrite() }, undefined],
      ['resets the stream', ({ stream }) => { stream.onRemoteReset() }, undefined],
      ['is gone with its connection', ({ stream }) => { stream.onTransportClosed() }, undefined],
      ['breaks the protocol', ({ stream }) => { stream.onData(Uint8Array.of(0)) }, 'PROTOCOL_VIOLATION']
    ] as [string, (peer: { stream: ScriptedStream }) => void, DisconnectReason | undefined][]) {
      for (const direction of ['inbound', 'outbound'] as const) {
        for (const stage of ['pending', 'ready'] as const) {
          it(`when a peer ${title}: ${stage}, ${direction}`, async () => {
            const peer = direction === 'inbound' ? node.accept('a') : node.dial('a')
            assert(peer != null)
            await turns(2)

            if (stage === 'ready') {
              peer.stream.onData(HANDSHAKE)
              await peer.session.ready
            }

            end(peer)
            await turns(2)
            assert.deepEqual(node.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
            assert.deepEqual(node.closures.map(({ reason, wasReady }) => ({ reason, wasReady })), [{ reason, wasReady: stage === 'ready' }])
            assert.equal(manager.find('a'), undefined)
          })
        }
      }
    }

    it('when a peer does not send its handshake in time', async () => {
      node.accept('a')
      node.dial('b')
      await node.clock.advance(CONFIG.handshakeTimeout - 1)
      assert.deepEqual(node.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 2, reserved: 0 })
      await node.clock.advance(1)
      assert.deepEqual(node.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
      assert.deepEqual(node.closures.map(({ reason }) => reason), ['TIMEOUT', 'TIMEOUT'])
    })
  })

  describe('disconnect', () => {
    it('says as much of why as fits', async () => {
      const { stream } = await node.acceptReady('a')
      manager.disconnect('a', 'x'.repeat(MAX_DETAIL_BYTES + 1))
      await turns(2)

      assert.deepEqual(messagesIn(stream.sent).at(-1)?.message, {
        type: 'disconnect', reason: 'SHUTDOWN', detail: 'x'.repeat(MAX_DETAIL_BYTES)
      })
    })

    it('ends the session with a peer, and tells it why', async () => {
      const { stream } = await node.acceptReady('a')
      const other = await node.acceptReady('b')
      assert.equal(manager.disconnect('a', 'see you'), true)
      await turns(2)

      assert.deepEqual(messagesIn(stream.sent).at(-1)?.message, { type: 'disconnect', reason: 'SHUTDOWN', detail: 'see you' })
      assert.deepEqual([...manager], [other.session])
      assert.deepEqual(node.counts, { inbound: 1, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
    })

    it('ends one that is on its way too', async () => {
      const { session } = node.accept('a')
      assert.equal(manager.disconnect('a'), true)
      assert.equal(session.state, 'closed')
    })

    it('returns false where there is no peer to disconnect', () => {
      assert.equal(manager.disconnect('a'), false)
    })

    it('lets the peer come back', async () => {
      await node.acceptReady('a')
      manager.disconnect('a')
      await node.acceptReady('a')
    })
  })

  describe('ban', () => {
    const other = '12D3KooWGaNs8rXF8SWqEc4KiK3oSEcTEDjstUoe49m9E9CxfWdd'

    for (const subject of [other, '1.2.3.4', '2001:db8::1', '2001:db8::/64', '::ffff:1.2.3.4']) {
      it(`takes ${subject}`, () => {
        manager.ban(subject)
        assert.equal(manager.isBanned(subject), true)
      })
    }

    for (const subject of [
      'nonsense', '', '12D3KooW', '999.1.1.1', '1.2.3.4/24', '1.2.3.4/64', '2001:db8::/63', '2001:db8::1/64', '/ip4/1.2.3.4', 'example.org', 5, null,
      '127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'
    ]) {
      it(`throws a ConfigError for ${JSON.stringify(subject)}`, () => {
        assert.throws(() => { manager.ban(subject as never) }, { name: 'ConfigError' })
        assert.deepEqual(manager.bans, [])
      })
    }

    it('says what to do instead of a ban of this machine', () => {
      assert.throws(() => { manager.ban('127.0.0.1') }, { message: 'Nothing keeps out all of this machine (127.0.0.1): ban its peers by their ids' })
    })

    it('takes an address of this machine where that tells its peers apart', () => {
      checkSubject('127.80.0.1', other, (ip) => ip)
      assert.throws(() => { checkSubject('127.80.0.1', other, () => undefined) }, { name: 'ConfigError' })
    })

    it('throws a ConfigError for its own id', () => {
      assert.throws(() => { checkSubject(other, other, () => undefined) }, { name: 'ConfigError', message: /this node/ })
    })

    it('ends the session with a peer, and tells it why', async () => {
      const { stream } = await node.dialReady('a')
      node.penalties.ban('a')
      await turns(2)

      assert.equal(said(stream).at(-1), 'BANNED')
      assert.equal(manager.isBanned('a'), true)
      assert.deepEqual(node.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
    })

    it('ends a session that is on its way', async () => {
      const { session } = node.accept('a')
      node.penalties.ban('a')
      assert.equal(session.state, 'closed')
      await assert.rejects(session.ready, { reason: 'BANNED' })
    })

    it('lasts as long as it is told, or until it is taken back', async () => {
      node.penalties.ban('a', { duration: 100 })
      node.penalties.ban('b')
      await node.clock.advance(100)
      assert.deepEqual([manager.isBanned('a'), manager.isBanned('b')], [false, true])
      assert.equal(manager.unban('b'), true)
      assert.equal(manager.unban('b'), false)
      await node.acceptReady('b')
    })
  })

  describe('close', () => {
    it('ends every session, and is done when their streams are closed', async () => {
      const peers = [await node.acceptReady('a'), await node.dialReady('b'), node.accept('c')]
      const closed = manager.close()
      assert.deepEqual(node.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
      assert.equal(await isPending(closed), true)
      peers.forEach(({ stream }) => { stream.onRemoteCloseWrite() })
      await closed

      assert.deepEqual(peers.map(({ stream }) => [said(stream).at(-1), stream.status]), [
        ['SHUTDOWN', 'closed'], ['SHUTDOWN', 'closed'], ['SHUTDOWN', 'closed']
      ])
    })

    it('takes half a second at most, whatever the peers do', async () => {
      await node.acceptReady('a')
      const stuck = await node.acceptReady('b')
      stuck.stream.room = 0
      stuck.session.sendFrame('block', new Uint8Array(100_000))
      await turns(2)
      const closed = manager.close()
      await node.clock.advance(CLOSE_TIMEOUT_MS - 1)
      assert.equal(await isPending(closed), true)
      await node.clock.advance(1)
      await closed
    })

    it('waits for streams whose sessions ended before', async () => {
      const { session } = await node.acceptReady('a')
      session.close('SHUTDOWN')
      const closed = manager.close()
      assert.equal(await isPending(closed), true)
      await node.clock.advance(CLOSE_TIMEOUT_MS)
      await closed
    })

    it('is done at once where there is no session', async () => {
      await manager.close()
    })
  })

  describe('a second session with the same peer', () => {
    it('that the peer opened too takes the place of the first, also where there is room for no other', async () => {
      const first = await node.acceptReady('a')
      await node.acceptReady('b')
      await node.acceptReady('c')
      const second = await node.acceptReady('a')
      await turns(2)

      assert.equal(manager.get('a'), second.session)
      assert.deepEqual(node.counts, { inbound: 3, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
      assert.equal(said(first.stream).at(-1), 'DUPLICATE_CONNECTION')
      first.stream.onRemoteCloseWrite()
      await turns(2)
      assert.deepEqual(node.counts, { inbound: 3, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
      assert.equal(manager.get('a'), second.session)
    })

    it('does not end the first before it is ready itself', async () => {
      const first = await node.acceptReady('a')
      const second = node.accept('a')
      await turns(2)
      assert.equal(manager.get('a'), first.session)
      second.session.close('SHUTDOWN')
      await turns(2)

      assert.equal(first.session.state, 'ready')
      assert.equal(manager.get('a'), first.session)
      assert.deepEqual(said(first.stream), ['handshake', 'ping'])
    })

    it('that we opened gives way where the peer has opened one and its id is smaller', async () => {
      const first = await node.acceptReady('a')
      const second = node.dial('a')
      assert(second != null)
      second.stream.onData(HANDSHAKE)
      await assert.rejects(second.session.ready, { name: 'DisconnectedError', reason: 'DUPLICATE_CONNECTION' })

      assert.equal(manager.get('a'), first.session)
      assert.deepEqual(node.counts, { inbound: 1, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
    })

    it('that we opened stays where the peer has opened one and its id is larger', async () => {
      const first = await node.acceptReady('z')
      const second = await node.dialReady('z')
      await turns(2)

      assert.equal(manager.get('z'), second.session)
      assert.equal(said(first.stream).at(-1), 'DUPLICATE_CONNECTION')
      assert.deepEqual(node.counts, { inbound: 0, outbound: 1, blockOnly: 0, pending: 0, reserved: 0 })
    })

    it('that a peer opens long after any race takes the place of what it must have lost', async () => {
      const first = await node.dialReady('z')
      await turns(2)
      const { nonce } = messagesIn(first.stream.sent).map(({ message }) => message).find((message) => message?.type === 'ping')!
      first.stream.onData(frameOf({ type: 'pong', nonce, bestHeight: 0 }))
      await node.clock.advance(CONFIG.dialTimeout + CONFIG.handshakeTimeout + 1)
      const second = await node.acceptReady('z')
      await turns(2)

      assert.equal(manager.get('z'), second.session)
      assert.deepEqual(node.counts, { inbound: 1, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
    })
  })

  describe('a session through a relay', () => {
    it('gives way to one over a direct connection, whichever side opened either', async () => {
      for (const [id, open, succeed] of [
        ['a', 'acceptReady', 'dialReady'], ['z', 'dialReady', 'acceptReady'], ['b', 'acceptReady', 'acceptReady'], ['c', 'dialReady', 'dialReady']
      ] as const) {
        const node = new Node(SELF)
        const relayed = await node[open](id, RELAYED)
        const direct = await node[succeed](id)
        await turns(2)

        assert.equal(node.manager.get(id), direct.session)
        assert.equal(said(relayed.stream).at(-1), 'DUPLICATE_CONNECTION')
        assert.equal(node.counts.inbound + node.counts.outbound, 1)
        const closed = node.manager.close()
        await node.clock.advance(THE_END_MS)
        await closed
      }
    })

    it('does not take the place of a direct one that came before it', async () => {
      const direct = await node.acceptReady('a')
      const relayed = node.accept('a', undefined, RELAYED)
      relayed.stream.onData(HANDSHAKE)
      await assert.rejects(relayed.session.ready, { name: 'DisconnectedError', reason: 'DUPLICATE_CONNECTION' })

      assert.equal(manager.get('a'), direct.session)
      assert.deepEqual(node.counts, { inbound: 1, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
    })

    it('is not what is found where a direct one is on its way', async () => {
      const relayed = await node.dialReady('a', RELAYED)
      assert.equal(manager.find('a'), relayed.session)
      const direct = node.accept('a')
      assert.equal(manager.find('a'), direct.session)
      assert.equal(manager.get('a'), relayed.session)
      direct.session.close('SHUTDOWN')
      assert.equal(manager.find('a'), relayed.session)
    })

    it('is succeeded by a direct one where there is no room for another dial', async () => {
      const relayed = await node.dialReady('a', RELAYED)
      await node.dialReady('b')
      assert.equal(manager.slots.reserve('outbound'), undefined)
      const direct = node.succeed(relayed.session)
      assert(direct != null)
      assert.deepEqual(node.counts, { inbound: 0, outbound: 2, blockOnly: 0, pending: 0, reserved: 0 })
      direct.stream.onData(HANDSHAKE)
      direct.stream.onData(PING)
      await direct.session.ready

      assert.equal(manager.get('a'), direct.session)
      assert.deepEqual(node.counts, { inbound: 0, outbound: 2, blockOnly: 0, pending: 0, reserved: 0 })
      relayed.stream.onRemoteCloseWrite()
      await turns(2)
      assert.deepEqual(node.counts, { inbound: 0, outbound: 2, blockOnly: 0, pending: 0, reserved: 0 })
    })

    it('stays where the direct one fails', async () => {
      const relayed = await node.dialReady('a', RELAYED)
      const direct = node.succeed(relayed.session)
      direct?.stream.onTransportClosed()
      await turns(2)

      assert.equal(relayed.session.state, 'ready')
      assert.equal(manager.get('a'), relayed.session)
      assert.deepEqual(node.counts, { inbound: 0, outbound: 1, blockOnly: 0, pending: 0, reserved: 0 })
    })

    it('stays until the peer has accepted the direct one, and where the peer refuses that', async () => {
      const relayed = await node.dialReady('a', RELAYED)
      const direct = node.succeed(relayed.session)!
      direct.stream.onData(HANDSHAKE)
      await turns(2)
      assert.deepEqual([direct.session.state, said(direct.stream)], ['handshaking', ['handshake', 'ping']])
      direct.stream.onData(frameOf({ type: 'disconnect', reason: 'TOO_MANY_CONNECTIONS', detail: '' }))
      await turns(2)

      assert.equal(manager.get('a'), relayed.session)
      assert.deepEqual([relayed.session.state, said(relayed.stream)], ['ready', ['handshake', 'ping']])
      assert.deepEqual(node.counts, { inbound: 0, outbound: 1, blockOnly: 0, pending: 0, reserved: 0 })
      // and another one may follow
      const again = node.succeed(relayed.session)!
      again.stream.onData(HANDSHAKE)
      again.stream.onData(PING)
      await again.session.ready
      assert.equal(manager.get('a'), again.session)
      assert.equal(said(relayed.stream).at(-1), 'DUPLICATE_CONNECTION')
    })

    it('stays where the peer does not show in time that it has accepted the direct one', async () => {
      const relayed = await node.dialReady('a', RELAYED)
      const direct = node.succeed(relayed.session)!
      direct.stream.onData(HANDSHAKE)
      await node.clock.advance(CONFIG.handshakeTimeout - 1)
      assert.equal(direct.session.state, 'handshaking')
      await node.clock.advance(1)

      assert.equal(node.closures.find(({ session }) => session === direct.session)?.reason, 'TIMEOUT')
      assert.equal(manager.get('a'), relayed.session)
    })

    for (const [how, end] of Object.entries({
      'the peer gives it up': (stream: ScriptedStream) => { stream.onData(frameOf({ type: 'disconnect', reason: 'DUPLICATE_CONNECTION', detail: '' })) },
      'it is cut': (stream: ScriptedStream) => { stream.onTransportClosed() }
    })) {
      it(`is succeeded at once where ${how}, also where there is no room for another dial`, async () => {
        const relayed = await node.dialReady('a', RELAYED)
        await node.dialReady('b')
        const direct = node.succeed(relayed.session)!
        direct.stream.onData(HANDSHAKE)
        await turns(2)
        end(relayed.stream)
        await direct.session.ready

        assert.equal(manager.get('a'), direct.session)
        assert.deepEqual(node.counts, { inbound: 0, outbound: 2, blockOnly: 0, pending: 0, reserved: 0 })
        assert.equal(node.closures.find(({ session }) => session === relayed.session)?.isReplaced, true)
      })
    }

    it('is not succeeded by one that waits where this node ends it', async () => {
      const relayed = await node.dialReady('a', RELAYED)
      const direct = node.succeed(relayed.session)!
      direct.stream.onData(HANDSHAKE)
      await turns(2)
      manager.disconnect('a')

      assert.deepEqual(node.readies, [relayed.session])
      assert.equal(direct.session.state, 'closed')
    })

    it('moves to a host that has one session less than it may, and not to one that has as many', async () => {
      const locationOf = (address: string): Location => {
        return address.startsWith('/ip4/8.8.') ? { host: address.split('/')[2], netgroup: '8.8' } : UNKNOWN_LOCATION
      }
      const node = new Node(SELF, { maxInbound: 8, maxInboundPerHost: 2 }, undefined, locationOf)
      await node.acceptReady('a', '/ip4/8.8.0.1/tcp/1')
      const [b, c] = [await node.acceptReady('b', RELAYED), await node.acceptReady('c', RELAYED)]
      const moved = await node.acceptReady('b', '/ip4/8.8.0.1/tcp/2')
      await turns(2)
      assert.deepEqual([node.manager.get('b'), said(b.stream).at(-1)], [moved.session, 'DUPLICATE_CONNECTION'])

      const refused = node.accept('c', undefined, '/ip4/8.8.0.1/tcp/3')
      await turns(2)
      // before the handshake of this node: so the peer knows at once that the other session stays
      assert.deepEqual(said(refused.stream), ['TOO_MANY_CONNECTIONS'])
      assert.equal(node.manager.get('c'), c.session)
      // one that has the host already is not counted twice
      await node.acceptReady('a', '/ip4/8.8.0.1/tcp/4')
      assert.equal(node.counts.inbound, 3)
      const closed = node.manager.close()
      await node.clock.advance(THE_END_MS)
      await closed
    })

    it('does not move to a host that has filled up since its handshake began', async () => {
      const locationOf = (address: string): Location => {
        return address.startsWith('/ip4/8.8.') ? { host: address.split('/')[2], netgroup: '8.8' } : UNKNOWN_LOCATION
      }
      const node = new Node(SELF, { maxInbound: 8, maxInboundPerHost: 1 }, undefined, locationOf)
      const relayed = await node.acceptReady('a', RELAYED)
      const direct = node.accept('a', undefined, '/ip4/8.8.0.1/tcp/1')
      await node.acceptReady('b', '/ip4/8.8.0.1/tcp/2')
      direct.stream.onData(HANDSHAKE)
      await assert.rejects(direct.session.ready, { name: 'DisconnectedError', reason: 'TOO_MANY_CONNECTIONS' })

      assert.equal(node.manager.get('a'), relayed.session)
      assert.equal(node.counts.inbound, 2)
      const closed = node.manager.close()
      await node.clock.advance(THE_END_MS)
      await closed
    })

    it('is succeeded once, and not when it has ended', async () => {
      const relayed = await node.dialReady('a', RELAYED)
      assert(node.succeed(relayed.session) != null)
      assert.equal(node.succeed(relayed.session), undefined)
      manager.disconnect('a')

      assert.equal(node.succeed(relayed.session), undefined)
    })

    it('is not succeeded where its place has been taken since it ended', async () => {
      const relayed = await node.dialReady('a', RELAYED)
      await node.dialReady('b')
      const direct = node.succeed(relayed.session)
      relayed.session.close('SHUTDOWN')
      await node.dialReady('c')
      direct?.stream.onData(HANDSHAKE)
      direct?.stream.onData(PING)
      await assert.rejects(async () => direct?.session.ready, { name: 'DisconnectedError', reason: 'TOO_MANY_CONNECTIONS' })

      assert.deepEqual(node.counts, { inbound: 0, outbound: 2, blockOnly: 0, pending: 0, reserved: 0 })
    })
  })

  describe('whatever happens in whatever order', () => {
    const IDS = ['a', 'b', 'y', 'z', SELF.id]
    const GOODBYE = frameOf({ type: 'disconnect', reason: 'SHUTDOWN', detail: '' })
    const FOREIGN = frameOf({ type: 'handshake', node: sampleNodeInfo({ network: 'vibecoin-other' }) })

    /** What may happen to one of the sessions. */
    const EVENTS: ((peer: { session: Session, stream: ScriptedStream }) => void)[] = [
      ({ stream }) => { stream.onData(HANDSHAKE) },
      ({ stream }) => { stream.onData(FOREIGN) },
      ({ stream }) => { stream.onData(GOODBYE) },
      ({ stream }) => { stream.onRemoteCloseWrite() },
      ({ stream }) => { stream.onTransportClosed() },
      ({ session }) => { session.close('SHUTDOWN') }
    ]

    /** Checks all that has to hold at any time. */
    function check (node: Node): void {
      const { manager, counts, live } = node
      const ready = [...manager]
      const pending = live.filter(({ state }) => state === 'connecting' || state === 'handshaking')
      assert.equal(counts.inbound, ready.filter(({ direction }) => direction === 'inbound').length)
      assert.equal(counts.outbound, ready.filter(({ direction }) => direction === 'outbound').length)
      assert.equal(counts.pending, pending.length)
      assert(counts.inbound <= CONFIG.maxInbound)
      assert(counts.outbound + pending.filter(({ direction }) => direction === 'outbound').length <= CONFIG.maxOutbound)
      assert(pending.filter(({ direction }) => direction === 'inbound').length <= CONFIG.maxPendingHandshakes)
      assert.equal(new Set(ready.map(({ id }) => id)).size, ready.length)
      assert(ready.every((session) => session.state === 'ready' && manager.get(session.id) === session))
      // a peer that we dialled although it is banned is told so when its handshake comes
      assert(live.every(({ id, direction, state }) => !manager.isBanned(id) || (direction === 'outbound' && state !== 'ready')))
      assert.equal(node.closures.length + live.length, node.sessions.length)
    }

    /** Whether a stream from this peer is refused at once. */
    function isRefused ({ manager, counts, live }: Node, id: string): boolean {
      const handshakes = live.filter(({ state, direction }) => direction === 'inbound' && state !== 'ready').length
      const isReplacing = manager.get(id)?.direction === 'inbound'

      return id === SELF.id || manager.isBanned(id) || handshakes >= CONFIG.maxPendingHandshakes ||
        (counts.inbound >= CONFIG.maxInbound && !isReplacing)
    }

    it('the counts are those of the sessions, and there are never too many', async () => {
      const id = fc.constantFrom(...IDS)
      const index = fc.nat(20)
      const step = fc.oneof(
        { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('accept' as const, 'dial' as const), id }) },
        { weight: 6, arbitrary: fc.record({ do: fc.constant('handshake' as const), index }) },
        { weight: 3, arbitrary: fc.record({ do: fc.constant('event' as const), index, event: fc.constantFrom(...EVENTS) }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('ban' as const, 'unban' as const, 'disconnect' as const), id }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(1, 1000, 10_000) }) }
      )

      await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
        const node = new Node(SELF)
        const peers: { session: Session, stream: ScriptedStream }[] = []
        const pick = (index: number): typeof peers => peers.filter(({ session }) => session.state !== 'closed').slice(index % 7, index % 7 + 1)

        for (const step of steps) {
          if (step.do === 'accept') {
            const refused = isRefused(node, step.id)
            const peer = node.accept(step.id)
            assert.equal(peer.session.state === 'closed', refused)
            peers.push(peer)
          } else if (step.do === 'dial') {
            const peer = node.dial(step.id)
            peers.push(...(peer == null ? [] : [peer]))
          } else if (step.do === 'handshake') {
            pick(step.index).filter(({ session }) => session.state === 'handshaking').forEach(EVENTS[0]!)
          } else if (step.do === 'event') {
            pick(step.index).forEach(step.event)
          } else if (step.do === 'advance') {
            await node.clock.advance(step.ms)
          } else if (step.do === 'ban') {
            node.penalties.ban(step.id)
          } else {
            node.manager[step.do](step.id)
          }

          check(node)
          await turns(1)
          check(node)
        }

        const closed = node.manager.close()
        await node.clock.advance(THE_END_MS)
        await closed
        check(node)
        assert.deepEqual(node.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
        assert.equal(node.clock.pending, 0)
      }), { numRuns: 300 })
    })
  })

  describe('when both sides dial at once', () => {
    /** A stream from one to the other. */
    interface Way {
      opener: 'a' | 'b'
      isRelayed?: boolean
      /** Whether it is to take the place of a ready session through a relay. */
      isSuccessor?: boolean
    }

    /** Two nodes that dial each other. What happens when is up to the test. */
    class Race {
      readonly clock = new FakeClock()
      /** The one with the smaller id, and the one with the larger. */
      readonly a: Node
      readonly b: Node
      readonly ways: (Way & { pair: ManualPair, stage: 'new' | 'dialled' | 'open' })[]
      readonly #sent = { a: [] as number[], b: [] as number[] }

      constructor (config: Partial<Record<'a' | 'b', Partial<ManagerInit['config']>>> = {}, ways: Way[] = [{ opener: 'a' }, { opener: 'b' }]) {
        this.a = new Node(keyOf('a'), config.a, this.clock)
        this.b = new Node(keyOf('b'), config.b, this.clock)
        this.ways = ways.map((way) => ({ ...way, pair: new ManualPair(), stage: 'new' }))
      }

      /** Everything that can happen next. */
      get possible (): (() => void)[] {
        const possible: (() => void)[] = []

        for (const way of this.ways) {
          const { opener, isRelayed, isSuccessor, pair, stage } = way
          const { outbound, inbound } = pair
          const other = opener === 'a' ? 'b' : 'a'
          const address = isRelayed === true ? RELAYED : undefined
          const existing = this[opener].manager.get(other)

          if (stage === 'new' && isSuccessor === true) {
            if (existing != null) {
              possible.push(() => {
                way.stage = 'dialled'
                assert(this[opener].succeed(existing, outbound) != null)
              })
            }
          } else if (stage === 'new') {
            possible.push(() => {
              way.stage = 'dialled'
              assert(this[opener].dial(other, outbound, address) != null)
            })
          } else if (stage === 'dialled') {
            possible.push(() => {
              way.stage = 'open'
              this[other].accept(opener, inbound, address)
            })
          } else if (outbound.signals.length > 0) {
            possible.push(() => { pair.deliver('outbound') })
          }

          if (inbound.signals.length > 0) {
            possible.push(() => { pair.deliver('inbound') })
          }
        }

        return possible
      }

      /** Lets one thing happen of all that can, time pass, and a block be told of. */
      async take ({ next, pause, broadcast }: { next: number, pause: boolean, broadcast: 'a' | 'b' | undefined }): Promise<void> {
        const { possible } = this
        possible[next % Math.max(1, possible.length)]?.()
        await turns(pause ? 1 : 0)

        if (broadcast != null) {
          this.broadcast(broadcast)
        }
      }

      /** Lets one side tell its peers of a block that nobody else tells of. */
      broadcast (side: 'a' | 'b'): void {
        const height = this.#sent[side].length
        const [session] = this[side].manager

        if (session?.sendFrame('block', blockFrame(height)) === true) {
          this.#sent[side].push(height)
        }
      }

      /** Lets everything happen that is still to happen, the time after it included. */
      async finish (): Promise<void> {
        for (let i = 0; i < 2; i++) {
          await turns(2)

          for (let possible = this.possible; possible.length > 0; possible = this.possible) {
            possible[0]!()
            await turns(1)
          }

          await this.clock.advance(THE_END_MS)
        }
      }

      /** Checks that one session is left on both sides, that it is in the stream of `way`, and that no block was lost. */
      check ({ opener, pair }: Race['ways'][number]): void {
        for (const side of ['a', 'b'] as const) {
          const { manager, live, counts } = this[side]
          const direction = side === opener ? 'outbound' : 'inbound'
          assert.deepEqual([...manager].map((session) => session.direction), [direction])
          assert.deepEqual(live, [...manager])
          assert.deepEqual(counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0, [direction]: 1 })
          assert.equal(pair[direction].status, 'open')
          assert.deepEqual(this[side === 'a' ? 'b' : 'a'].blocks.toSorted((x, y) => x - y), this.#sent[side])
        }
      }

      /** Ends it. Nothing is left but what was told. */
      async end (): Promise<void> {
        const closed = Promise.all([this.a.manager.close(), this.b.manager.close()])
        await this.clock.advance(THE_END_MS)
        await closed
        assert.equal(this.clock.pending, 0)
      }
    }

    const step = fc.record({
      next: fc.nat(5), pause: fc.boolean(), broadcast: fc.constantFrom(undefined, undefined, 'a' as const, 'b' as const)
    })

    it('one session is left, in the stream that the smaller id opened, and no message is lost, whatever happens in whatever order', async () => {
      await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const race = new Race()

        for (const step of steps) {
          await race.take(step)
        }

        await race.finish()
        race.check(race.ways[0]!)

        // a session is given up for another that is ready, and for nothing else
        for (const { byRemote, reason, isReplaced } of [...race.a.closures, ...race.b.closures]) {
          assert.equal(reason, 'DUPLICATE_CONNECTION')
          assert(byRemote || isReplaced)
        }

        await race.end()
      }), { numRuns: 150 })
    })

    it('the one over a direct connection is left where the other goes through a relay, and no message is lost', async () => {
      const opener = fc.constantFrom('a' as const, 'b' as const)

      await fc.assert(fc.asyncProperty(opener, fc.array(step, { maxLength: 60 }), async (relayed, steps) => {
        const race = new Race({}, [{ opener: relayed, isRelayed: true }, { opener: relayed === 'a' ? 'b' : 'a' }])

        for (const step of steps) {
          await race.take(step)
        }

        await race.finish()
        race.check(race.ways[1]!)
        await race.end()
      }), { numRuns: 150 })
    })

    it('a session moves from a relay to a direct connection also where there is no room for another, and no message is lost', async () => {
      const opener = fc.constantFrom('a' as const, 'b' as const)

      await fc.assert(fc.asyncProperty(opener, fc.array(step, { maxLength: 60 }), async (opener, steps) => {
        const race = new Race({ a: { maxInbound: 1, maxOutbound: 1 }, b: { maxInbound: 1, maxOutbound: 1 } }, [
          { opener, isRelayed: true }, { opener, isSuccessor: true }
        ])

        for (const step of steps) {
          await race.take(step)
        }

        await race.finish()
        race.check(race.ways[1]!)

        for (const { byRemote, reason, isReplaced } of [...race.a.closures, ...race.b.closures]) {
          assert.equal(reason, 'DUPLICATE_CONNECTION')
          assert(byRemote || isReplaced)
        }

        await race.end()
      }), { numRuns: 150 })
    })

    it('one session is left also where the larger id has no room for that of the smaller', async () => {
      await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const race = new Race({ b: { maxInbound: 0 } })

        for (const step of steps) {
          await race.take(step)
        }

        await race.finish()
        race.check(race.ways[1]!)
        await race.end()
      }), { numRuns: 100 })
    })
  })
})
