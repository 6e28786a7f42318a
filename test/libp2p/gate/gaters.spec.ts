import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { composeGaters } from '../../../src/libp2p/gate/gaters.ts'
import { mergeParts } from '../../../src/libp2p/part.ts'
import type { ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface'

const ADDRESS = multiaddr('/ip4/192.0.2.1/tcp/1')
const PEER = {} as PeerId
const CONNECTION = {} as MultiaddrConnection

describe('libp2p/gate/gaters', () => {
  const asked: string[] = []

  afterEach(() => { asked.length = 0 })

  function answering (name: string, answer: Promise<boolean> | boolean): ConnectionGater {
    return {
      denyDialMultiaddr: () => {
        asked.push(name)

        return answer
      }
    }
  }

  it('refuse what one of them refuses, and ask the rest no more', async () => {
    for (const answer of [true, Promise.resolve(true)]) {
      const gater = composeGaters([answering('a', false), answering('b', answer), answering('c', false)])
      assert.equal(await gater.denyDialMultiaddr!(ADDRESS), true)
      assert.deepEqual(asked.splice(0), ['a', 'b'])
    }
  })

  it('let in what none of them refuses', async () => {
    const gater = composeGaters([answering('a', false), answering('b', Promise.resolve(false)), answering('c', false)])
    assert.equal(await gater.denyDialMultiaddr!(ADDRESS), false)
    assert.deepEqual(asked, ['a', 'b', 'c'])
  })

  it('answer in the same turn where all of them do', () => {
    assert.equal(composeGaters([answering('a', false), answering('b', true)]).denyDialMultiaddr!(ADDRESS), true)
  })

  it('have no opinion where none of them has one', () => {
    assert.deepEqual(Object.keys(composeGaters([answering('a', false), {}])), ['denyDialMultiaddr'])
  })

  it('pass everything on that they are told', () => {
    const gater: ConnectionGater & { seen: unknown[] } = {
      seen: [],
      denyInboundUpgradedConnection (...args) {
        this.seen.push(...args)

        return false
      }
    }
    void composeGaters([gater]).denyInboundUpgradedConnection!(PEER, CONNECTION)
    assert.deepEqual(gater.seen, [PEER, CONNECTION])
  })

  it('remember an address where all of them want it', async () => {
    const filter = async (...answers: (Promise<boolean> | boolean)[]): Promise<boolean> => {
      return composeGaters(answers.map((answer) => ({ filterMultiaddrForPeer: () => answer }))).filterMultiaddrForPeer!(PEER, ADDRESS)
    }

    assert.equal(await filter(true, Promise.resolve(true)), true)
    assert.equal(await filter(true, Promise.resolve(false)), false)
    assert.equal(await filter(false, true), false)
  })

  it('are all there in a stack of several parts', () => {
    const { connectionGater } = mergeParts([
      { connectionGater: { denyDialMultiaddr: () => false } }, {}, { connectionGater: { denyDialPeer: () => true } }
    ])
    assert.equal(connectionGater!.denyDialMultiaddr!(ADDRESS), false)
    assert.equal(connectionGater!.denyDialPeer!(PEER), true)
    assert.equal(mergeParts([{}]).connectionGater, undefined)
  })
})
