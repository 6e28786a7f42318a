import { startNetwork } from '../../src/index.ts'
import type { Block, Message } from '../../src/index.ts'

async function * outgoing (): AsyncGenerator<Message> {
  for await (const block of mine()) {
    yield { type: 'newBlock', block }
  }
}

const config = { listen: ['/ip4/127.0.0.1/tcp/0'], genesisHash: new Uint8Array(32) }
const network = await startNetwork(config, outgoing())
await network.stop() // stops reading from it, too

// wherever your blocks come from
async function * mine (): AsyncGenerator<Block> {}
