import assert from 'node:assert/strict'
import { eventually } from '../support/eventually.ts'
import { addressOf } from '../integration/nodes.ts'
import { LongChain } from './long-chain.ts'
import { Listener, startRecorded } from './node-events.ts'
import { describePeers, endOf, idOf, meet } from './peers.ts'
import { differences } from './vectors.ts'
import type { PeerOptions } from './peer-process.ts'
import type { DisconnectReason } from '../../src/index.ts'

describePeers('a session', ({ binary, language, startPeer }) => {
  it('decodes every fixture as it says', async () => {
    assert.deepEqual(await differences(binary()), [])
  })

  for (const opener of ['node', 'peer'] as const) {
    it(`that the ${opener} has opened is ready on both sides, is pinged, and ends with the reason of who ends it`, async () => {
      const config = { autoSync: false, chain: new LongChain(0) }
      const [node, peer] = await Promise.all([startRecorded(config), startPeer({ chain: { length: 3 } })])
      await meet(node, peer, opener)
      const ready = await peer.event('ready')
      assert.deepEqual([ready.direction, ready.height], [opener === 'peer' ? 'outbound' : 'inbound', 0])
      const [there] = node.peers
      assert.deepEqual([there?.id, there?.bestHeight, there?.userAgent.startsWith(`vibecoin-peer-${language}`)], [peer.id, 3, true])
      await peer.event('pong')
      await eventually(() => there?.rtt != null, 'a pong of the peer')
      const listener = new Listener(node)
      await peer.ask({ do: 'disconnect', peer: idOf(node), reason: 'SHUTDOWN', detail: 'good-bye' })
      const { reason, detail } = await listener.next('peer:closed')
      assert.deepEqual([reason, detail], ['SHUTDOWN', 'good-bye'])
      assert.deepEqual(endOf(await peer.event('closed')), ['us', 'SHUTDOWN'])
    })
  }

  describe('is refused by both sides', () => {
    const cases: { why: string, options: PeerOptions, reason: DisconnectReason }[] = [
      { why: 'another version', options: { args: ['--version', '2'] }, reason: 'INCOMPATIBLE_VERSION' },
      { why: 'another network', options: { network: 'other' }, reason: 'WRONG_NETWORK' },
      { why: 'another genesis block', options: { genesis: new Uint8Array(32).fill(2) }, reason: 'WRONG_NETWORK' }
    ]

    for (const { why, options, reason } of cases) {
      it(`for ${why}: ${reason}`, async () => {
        const [node, peer] = await Promise.all([startRecorded(), startPeer(options)])
        const listener = new Listener(node)
        await peer.ask({ do: 'dial', address: addressOf(node) })
        assert.equal((await peer.event('refused')).reason, reason)
        assert.equal((await listener.next('peer:refused')).reason, reason)
      })
    }
  })

  for (const opener of ['node', 'peer'] as const) {
    it(`that the ${opener} opens is refused by the peer for want of room: TOO_MANY_CONNECTIONS`, async () => {
      const [node, peer] = await Promise.all([startRecorded(), startPeer({ args: ['--max-peers', '0'] })])
      const listener = new Listener(node)
      await Promise.allSettled([opener === 'node' ? node.connect(peer.address) : peer.ask({ do: 'dial', address: addressOf(node) })])
      const { reason, byRemote } = await listener.nextEnd()
      assert.deepEqual([reason, byRemote], ['TOO_MANY_CONNECTIONS', true])
    })
  }

  it('is refused by the node for want of room: TOO_MANY_CONNECTIONS', async () => {
    const [node, peer] = await Promise.all([startRecorded({ maxInbound: 0 }), startPeer()])
    await peer.ask({ do: 'dial', address: addressOf(node) })
    const end = await peer.event(['refused', 'closed'])
    assert.deepEqual(endOf(end), ['them', 'TOO_MANY_CONNECTIONS'])
  })

  it('with a node that the peer has banned: BANNED', async () => {
    const node = await startRecorded()
    const peer = await startPeer({ args: ['--ban', idOf(node)] })
    const listener = new Listener(node)
    await peer.ask({ do: 'dial', address: addressOf(node) })
    const { reason, byRemote } = await listener.nextEnd()
    assert.deepEqual([reason, byRemote], ['BANNED', true])
  })

  it('whose peer the node bans by hand ends with BANNED, and the next connection is cut without a word', async () => {
    const [node, peer] = await Promise.all([startRecorded(), startPeer()])
    await meet(node, peer)
    node.peers.ban(peer.id)
    assert.deepEqual(endOf(await peer.event('closed')), ['them', 'BANNED'])
    await peer.event('disconnected')
    const isNew = peer.fromNowOn()
    await peer.ask({ do: 'dial', address: addressOf(node) })
    await peer.event(['unreachable', 'disconnected'], isNew)
    assert.equal(peer.events.some((event) => ['ready', 'refused', 'closed'].includes(event.event) && isNew(event)), false)
  })

  it('in which the peer breaks the protocol ends with PROTOCOL_VIOLATION, and the next connection is cut without a word', async () => {
    const [node, peer] = await Promise.all([startRecorded(), startPeer()])
    await meet(node, peer)
    // a pong inside of a pong is none: a length in two bytes
    await peer.ask({ do: 'send', peer: idOf(node), frame: '86004a0408011005' })
    assert.deepEqual(endOf(await peer.event('closed')), ['them', 'PROTOCOL_VIOLATION'])
    await peer.event('disconnected')
    const isNew = peer.fromNowOn()
    await peer.ask({ do: 'dial', address: addressOf(node) })
    await peer.event(['unreachable', 'disconnected'], isNew)
    assert.equal(peer.events.some((event) => event.event === 'ready' && isNew(event)), false)
  })
})
