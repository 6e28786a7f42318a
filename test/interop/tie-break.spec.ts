import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { eventually } from '../support/eventually.ts'
import { addressOf } from '../integration/nodes.ts'
import { sampleTransaction } from '../support/sample.ts'
import { Listener, startRecorded } from './node-events.ts'
import { describePeers, idOf } from './peers.ts'
import type { PeerProcess } from './peer-process.ts'
import type { StartPeer } from './peers.ts'
import type { Network } from '../../src/index.ts'

/** How often both dial at the same time. */
const ROUNDS = 40

type Side = 'node' | 'peer'
interface Pair { node: Network, peer: PeerProcess }

/** A node and a peer, of which one has the smaller id. */
async function startOrdered (startPeer: StartPeer, smaller: Side): Promise<Pair> {
  const keys = await Promise.all([0, 1].map(async () => generateKeyPair('Ed25519')))
  const bytes = keys.map((key) => peerIdFromPrivateKey(key).toMultihash().bytes)
  const [low, high] = Buffer.compare(bytes[0]!, bytes[1]!) < 0 ? [keys[0]!, keys[1]!] : [keys[1]!, keys[0]!]
  const [mine, theirs] = smaller === 'node' ? [low, high] : [high, low]
  // nobody dials but the test
  const node = await startRecorded({ privateKey: mine, reconnectDelay: 60_000, maxReconnectDelay: 60_000 })

  return { node, peer: await startPeer({ seed: theirs.raw.subarray(0, 32) }) }
}

/** Resolves when the node has a connection. */
async function untilConnected (node: Network): Promise<void> {
  await eventually(() => node.libp2p.getConnections().length > 0, 'a connection')
}

/** Both dial. Resolves when they agree on one session, with whether there were two. */
async function collide ({ node, peer }: Pair, atOnce: boolean): Promise<{ hadTwo: boolean, keptBy: Side }> {
  const isNew = peer.fromNowOn()
  const dial = async (): Promise<unknown> => peer.ask({ do: 'dial', address: addressOf(node) })
  // at once, or while the node opens its stream: then there are two for sure
  await Promise.all([node.connect(peer.address), atOnce ? dial() : untilConnected(node).then(dial)])
  const said = (...kinds: string[]): typeof peer.events => peer.events.filter((event) => isNew(event) && kinds.includes(event.event))
  const last = (): unknown => said('ready').at(-1)?.direction
  const isDialOver = (): boolean => said('unreachable', 'ready', 'refused').some(({ direction }) => direction !== 'inbound')
  await eventually(isDialOver, 'the end of the dial of the peer')
  await eventually(() => node.peers.get(peer.id)?.direction === (last() === 'inbound' ? 'outbound' : 'inbound'), 'both to agree')
  // where the node is the first to decide, the peer hears of it
  assert.deepEqual(said('closed').filter(({ reason }) => reason !== 'DUPLICATE_CONNECTION'), [])

  return { hadTwo: said('retired', 'refused', 'closed').length > 0, keptBy: last() === 'outbound' ? 'peer' : 'node' }
}

async function part (node: Network, peer: PeerProcess, isNew: ReturnType<PeerProcess['fromNowOn']>): Promise<void> {
  const listener = new Listener(node)
  await peer.ask({ do: 'disconnect', peer: idOf(node), reason: 'SHUTDOWN' })
  await listener.next('peer:closed')
  await Promise.all([peer.event('disconnected', isNew), peer.event('closed', (event) => isNew(event) && event.by === 'us')])
  await eventually(() => node.libp2p.getConnections().length === 0, 'the connections to be gone here too')
}

describePeers('one session of two', ({ startPeer }) => {
  for (const smaller of ['node', 'peer'] as const) {
    it(`stays where both dial at the same time, that of the ${smaller} with the smaller id, and nothing is lost`, async () => {
      const { node, peer } = await startOrdered(startPeer, smaller)
      let collisions = 0

      for (let round = 0; round < ROUNDS; round++) {
        const isNew = peer.fromNowOn()
        const listener = new Listener(node)
        const sent = listener.next('peer:ready').then(() => {
          node.broadcast({ type: 'newTransaction', transaction: sampleTransaction({ nonce: BigInt(round) }) })
        })
        const made = peer.event('ready', isNew).then(async () => peer.ask({ do: 'broadcast', kind: 'transaction' }))
        const { hadTwo, keptBy } = await collide({ node, peer }, round % 2 === 0)
        await Promise.all([sent, made, listener.next('transaction'), peer.event('item', isNew)])

        if (hadTwo) {
          collisions++
          assert.equal(keptBy, smaller)
        }

        await part(node, peer, isNew)
      }

      console.log(`      ${collisions} of ${ROUNDS} had two streams`)
      assert.ok(collisions > ROUNDS / 4, `${collisions} of ${ROUNDS}`)
    })
  }
})
