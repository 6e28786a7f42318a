import assert from 'node:assert/strict'
import { refuseHandshake } from '../../src/session/handshake.ts'
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

  it('tells the difference between a wrong network and a wrong genesis block', () => {
    const network = refuseHandshake(LOCAL, sampleNodeInfo({ network: 'vibecoin-other' }))
    const genesis = refuseHandshake(LOCAL, sampleNodeInfo({ genesisHash: sampleHash('other') }))

    assert.notEqual(network?.detail, genesis?.detail)
  })

  it('repeats nothing of what the remote said', () => {
    const refusals = [{ protocolVersion: 77777 }, { network: 'remote-text' }].map((difference) => refuseHandshake(LOCAL, sampleNodeInfo(difference)))

    assert.deepEqual(refusals.map((refusal) => /77777|remote-text/.test(refusal?.detail ?? '')), [false, false])
  })
})
