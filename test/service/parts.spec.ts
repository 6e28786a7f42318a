import assert from 'node:assert/strict'
import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import { identify } from '@libp2p/identify'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { createLibp2p } from 'libp2p'
import { GENESIS_HASH, LIBP2P_PARTS, rawNodeInfo, startNode, stopNodes } from '../integration/nodes.ts'
import { eventually } from '../support/eventually.ts'
import { openPair } from '../support/stream-pair.ts'
import { peerKeyOf } from '../../src/connect/connection.ts'
import { vibecoin } from '../../src/index.ts'
import type { SessionManager } from '../../src/peers/manager/manager.ts'
import type { VibeCoin } from '../../src/index.ts'

const { networkInterfaces } = os

/** A node in one of its forms. */
interface Form {
  name: string
  start: () => Promise<{ service: VibeCoin, stop: () => Promise<void> }>
}

const FORMS: Form[] = [
  {
    name: 'startNetwork',
    start: async () => ({ service: await startNode(), stop: stopNodes })
  },
  {
    name: 'vibecoin(), as a service of a libp2p node',
    start: async () => {
      const libp2p = await createLibp2p({
        ...LIBP2P_PARTS,
        addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
        services: { identify: identify(), vibecoin: vibecoin({ network: 'vibecoin-test', genesisHash: GENESIS_HASH }) }
      })

      return { service: libp2p.services.vibecoin, stop: async () => { await libp2p.stop() } }
    }
  }
]

describe('service/parts', () => {
  before(() => {
    // the machine of the tests has no public address
    os.networkInterfaces = () => ({ eth0: [{ address: '8.8.4.4', family: 'IPv4', internal: false } as os.NetworkInterfaceInfo] })
    syncBuiltinESMExports()
  })

  after(() => {
    os.networkInterfaces = networkInterfaces
    syncBuiltinESMExports()
  })

  for (const { name, start } of FORMS) {
    it(`bans a peer at a public address of this machine by its id alone, and one beside it with its host: ${name}`, async () => {
      const { service, stop } = await start()

      try {
        const rows: [ip: string, isHostBanned: boolean][] = [['8.8.4.4', false], ['8.8.4.5', true]]

        for (const [ip, isHostBanned] of rows) {
          const peer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
          const { stream, remote } = await openPair()
          const session = (service.peers as SessionManager).accept({ stream, peer: peerKeyOf(peer), address: `/ip4/${ip}/tcp/8765` })
          remote.send({ type: 'handshake', node: rawNodeInfo() })
          await session.ready
          // a frame of length 0
          remote.sendBytes(Uint8Array.of(0))
          await eventually(() => service.peers.isBanned(peer.toString()), `the ban of the peer at ${ip}`)
          assert.equal(service.peers.isBanned(ip), isHostBanned, ip)
        }
      } finally {
        await stop()
      }
    })
  }
})
