import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { stunServerOf } from '../../../../src/libp2p/nat/webrtc/stun-servers.ts'
import type { Connection, Peer } from '@libp2p/interface'

const RELAY_ID = '12D3KooWBnanXAFBAU5ydX4dQM1m9ZBHg6Hxgkr6KNHjp9KQaDdd'
const PEER_ID = '12D3KooWB8WY8cvxAyUM6ESiVoeZdJVoKb5hHmmoDaEHvGnGvNiS'

interface Given { circuits?: [address: string, open: number][], reservations?: string[], known?: string[] }

async function serverOf ({ circuits = [], reservations = [], known }: Given): Promise<string | undefined> {
  return stunServerOf({
    connectionManager: {
      getConnections: () => circuits.map(([address, open]) => ({ remoteAddr: multiaddr(address), timeline: { open } }) as Connection)
    },
    transportManager: { getAddrs: () => reservations.map((address) => multiaddr(address)) },
    peerStore: {
      get: async () => {
        if (known == null) {
          throw new Error('not known')
        }

        return { addresses: known.map((address) => ({ multiaddr: multiaddr(address), isCertified: false })) } as unknown as Peer
      }
    }
  })
}

const through = (relay: string): string => `${relay}/p2p/${RELAY_ID}/p2p-circuit/p2p/${PEER_ID}`

describe('libp2p/nat/webrtc/stun-servers', () => {
  it('is the relay of the newest circuit, at the port that it listens on', async () => {
    assert.equal(await serverOf({ circuits: [[through('/ip4/203.0.113.7/tcp/8765'), 1], [through('/ip4/203.0.113.8/tcp/1234'), 2]] }), 'stun:203.0.113.8:1234')
    assert.equal(await serverOf({ circuits: [[through('/ip6/2001:db8::7/tcp/8765'), 1]] }), 'stun:[2001:db8::7]:8765')
    assert.equal(await serverOf({ circuits: [[through('/dns4/relay.example.org/tcp/8765/ws'), 1]] }), 'stun:relay.example.org:8765')
  })

  it('is one at which the node has a reservation where there is no circuit', async () => {
    assert.equal(await serverOf({ reservations: [`/ip4/203.0.113.7/tcp/8765/p2p/${RELAY_ID}/p2p-circuit`] }), 'stun:203.0.113.7:8765')
    assert.equal(await serverOf({ circuits: [['/ip4/203.0.113.7/tcp/8765', 1]], reservations: ['/ip4/192.168.1.2/tcp/8765'] }), undefined)
    assert.equal(await serverOf({}), undefined)
  })

  it('is another address of the relay where there may be a proxy before it', async () => {
    const circuits: [string, number][] = [[through('/dns4/relay.example.org/tcp/443/tls/ws'), 1]]
    assert.equal(await serverOf({ circuits, known: ['/ip4/203.0.113.7/tcp/8765'] }), 'stun:203.0.113.7:8765')
    assert.equal(await serverOf({ circuits, known: [through('/ip4/203.0.113.9/tcp/1')] }), 'stun:relay.example.org:443')
    assert.equal(await serverOf({ circuits }), 'stun:relay.example.org:443')
  })

  it('is nothing that has no TCP port', async () => {
    assert.equal(await serverOf({ circuits: [[through('/ip4/203.0.113.7/udp/8765/quic-v1'), 1]] }), undefined)
  })
})
