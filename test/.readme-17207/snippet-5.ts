import { startNetwork } from '../../src/index.ts'
import type { Transaction } from '../../src/index.ts'

const transaction: Transaction = {
  id: new Uint8Array(32).fill(1),
  sender: new Uint8Array(32).fill(2),
  recipient: new Uint8Array(32).fill(3),
  value: 5n,
  nonce: 0n,
  gasPrice: 1n,
  gasLimit: 21_000n,
  data: new Uint8Array(0),
  signature: new Uint8Array(64)
}

const common = { listen: ['/ip4/127.0.0.1/tcp/0'], network: 'vibecoin-example', genesisHash: new Uint8Array(32) }
const alice = await startNetwork(common)
const bob = await startNetwork(common)

bob.router.handle('newTransaction', async ({ signature, gasPrice }, peer) => {
  if (signature.byteLength !== 64) {
    console.log(`${peer.id} sends what can never be valid`)
    return 'reject'
  }

  return gasPrice > 0n ? 'accept' : 'ignore'
})

bob.addEventListener('transaction', ({ detail }) => {
  console.log(`accepted ${detail.transaction.value} from ${detail.peer.id}`)
  void Promise.all([alice.stop(), bob.stop()])
})

alice.addEventListener('peer:ready', () => {
  console.log(alice.broadcast({ type: 'newTransaction', transaction })) // { queued: 1, skipped: 0 }
})

await bob.connect(String(alice.libp2p.getMultiaddrs()[0]))
