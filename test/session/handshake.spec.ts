import assert from 'node:assert/strict'
import { readEnvelope } from '../../src/codec/envelope.ts'
import { encodeMessage } from '../../src/codec/message.ts'
import { Handshake, refuseHandshake } from '../../src/session/handshake.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { sampleHash, sampleNodeInfo } from '../support/sample.ts'
import type { DisconnectReason, NodeInfo } from '../../src/types/message.ts'

const LOCAL = sampleNodeInfo({ nodeId: 'local' })

describe('session/handshake', () => {
  it('accepts a node of the same version, network and genesis block, whatever else it says', () => {
    const remote = sampleNodeInfo({
      nodeId: 'remote', userAgent: 'other/1', listenAddrs: [], bestHeight: 0, bestHash: sampleHash('other'), genesisHash: LOCAL.genesisHash.slice()
    })

    assert.equal(refuseHandshake(LOCAL, remote), undefined)
  })

  const lastByteDiffers = LOCAL.genesisHash.slice()
  lastByteDiffers[31]! ^= 1

  const REFUSED: [title: string, difference: Partial<NodeInfo>, reason: DisconnectReason][] = [
    ['an older version', { protocolVersion: 0 }, 'INCOMPATIBLE_VERSION'],
    ['a newer version', { protocolVersion: 2 }, 'INCOMPATIBLE_VERSION'],
    ['another network', { network: 'vibecoin-other' }, 'WRONG_NETWORK'],
    ['a network whose name is longer', { network: `${LOCAL.network}2` }, 'WRONG_NETWORK'],
    ['a genesis block that differs in one bit', { genesisHash: lastByteDiffers }, 'WRONG_NETWORK'],
    ['a genesis hash that is shorter', { genesisHash: LOCAL.genesisHash.subarray(0, 31) }, 'WRONG_NETWORK'],
    ['another version first, where the network differs too', { protocolVersion: 2, network: 'x' }, 'INCOMPATIBLE_VERSION']
  ]

  for (const [title, difference, reason] of REFUSED) {
    it(`refuses ${title} with ${reason}`, () => {
      assert.equal(refuseHandshake(LOCAL, sampleNodeInfo(difference))?.reason, reason)
    })
  }

  describe('features', () => {
    /** The features of a session between nodes that offer these bits. */
    function used (local: bigint | undefined, remote: bigint | undefined): readonly string[] {
      const handshake = new Handshake({ clock: new FakeClock(), timeout: 10, onLate: () => {} })
      const node = (features: bigint | undefined): NodeInfo => sampleNodeInfo(features == null ? {} : { features })

      handshake.begin(node(local))
      assert.deepEqual(handshake.features, [])
      assert.equal(handshake.take(readEnvelope(encodeMessage({ type: 'handshake', node: node(remote) }))), undefined)
      handshake.stop()

      return handshake.features
    }

    it('are those that both sides offer', () => {
      assert.deepEqual(used(7n, 7n), ['short-digests', 'compact-blocks', 'peers'])
      assert.deepEqual(used(3n, 6n), ['compact-blocks'])
      assert.deepEqual(used(2n ** 64n - 1n, 12n), ['peers'])
    })

    it('are none beside a node that offers none', () => {
      assert.deepEqual([used(7n, undefined), used(undefined, 7n), used(1n, 6n)], [[], [], []])
    })
  })

  describe('a session that is block-only', () => {
    const take = (local: Partial<NodeInfo>, remote: Partial<NodeInfo>): Handshake => {
      const handshake = new Handshake({ clock: new FakeClock(), timeout: 10, onLate: () => {} })
      const node = (said: Partial<NodeInfo>): NodeInfo => sampleNodeInfo({ features: 7n, ...said })
      handshake.begin(node(local))
      handshake.take(readEnvelope(encodeMessage({ type: 'handshake', node: node(remote) })))
      handshake.stop()

      return handshake
    }

    it('is so where either side says it, and tells of no peers', () => {
      const says = { blockOnly: true }

      for (const [local, remote] of [[says, {}], [{}, says], [says, says]] as const) {
        const handshake = take(local, remote)
        assert.deepEqual([handshake.isBlockOnly, handshake.asksBlockOnly], [true, 'blockOnly' in local])
        assert.deepEqual(handshake.features, ['short-digests', 'compact-blocks'])
      }
    })

    it('is not so where neither does', () => {
      const handshake = take({}, { blockOnly: false })
      assert.deepEqual([handshake.isBlockOnly, handshake.asksBlockOnly, handshake.features.length], [false, false, 3])
    })
  })

  describe('versions', () => {
    const node = (lowest: number | undefined, highest: number): NodeInfo => sampleNodeInfo({
      protocolVersion: highest, ...(lowest != null && { minProtocolVersion: lowest })
    })
    const refusal = (local: NodeInfo, remote: NodeInfo): string | undefined => refuseHandshake(local, remote)?.reason

    it('accepts a node of versions 1 to 2 where this one speaks 1, and the other way round', () => {
      assert.deepEqual([refusal(node(undefined, 1), node(1, 2)), refusal(node(1, 2), node(undefined, 1))], [undefined, undefined])
    })

    it('refuses a node that speaks none of the versions of this one', () => {
      for (const [local, remote] of [[node(1, 2), node(3, 4)], [node(3, 4), node(1, 2)], [node(1, 1), node(2, 2)]] as const) {
        assert.equal(refusal(local, remote), 'INCOMPATIBLE_VERSION')
      }
    })

    it('refuses a node whose lowest version is above its highest', () => {
      assert.equal(refusal(node(1, 3), node(4, 2)), 'INCOMPATIBLE_VERSION')
    })

    it('takes a lowest version of 0, or none, for the highest one', () => {
      assert.equal(refusal(node(1, 1), node(undefined, 2)), 'INCOMPATIBLE_VERSION')
    })

    it('says which versions this node speaks', () => {
      assert.match(refuseHandshake(node(3, 5), node(1, 2))!.detail, /3 to 5/)
      assert.match(refuseHandshake(node(3, 3), node(1, 2))!.detail, /version 3$/)
    })
  })

  it('tells the difference between a wrong network and a wrong genesis block', () => {
    const network = refuseHandshake(LOCAL, sampleNodeInfo({ network: 'vibecoin-other' }))
    const genesis = refuseHandshake(LOCAL, sampleNodeInfo({ genesisHash: sampleHash('other') }))

    assert.notEqual(network?.detail, genesis?.detail)
  })

  it('repeats nothing of what the remote said but the genesis block, and the name of its network where that is a plain one', () => {
    const details = [{ protocolVersion: 77777 }, { network: 'remote\ntext' }, { network: '' }, { network: 'remote-net' }]
      .map((difference) => refuseHandshake(LOCAL, sampleNodeInfo(difference))?.detail ?? '')

    assert.deepEqual(details.map((detail) => /77777|remote/.test(detail)), [false, false, false, true])
    assert.deepEqual(details.slice(1).map((detail) => detail.split(', got ')[1]), ['another', 'another', 'remote-net'])
  })
})
