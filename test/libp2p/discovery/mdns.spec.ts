import assert from 'node:assert/strict'
import { mdnsServiceTag } from '../../../src/libp2p/discovery/mdns.ts'

describe('libp2p/discovery/mdns', () => {
  it('is a name of its own for each network that fits into the DNS, whatever the network is called', () => {
    const names = ['vibecoin-main', 'vibecoin-test', 'a.b', 'a b', '日本', 'x'.repeat(64), 'X'.repeat(64)].map(mdnsServiceTag)

    assert.equal(new Set(names).size, names.length)
    assert.ok(names.every((name) => /^_vibecoin-[0-9a-f]{16}\._udp\.local$/.test(name)), names.join())
    assert.equal(mdnsServiceTag('vibecoin-main'), names[0])
  })
})
