import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { sampleChain } from '../support/sample.ts'

// A runtime without the cipher of Noise, as Bun is. One node fetches blocks from another, in messages of all sizes. Prints how many, and
// how many messages the runtime was asked to encrypt. See noise-crypto.spec.ts.

const { createCipheriv, createDecipheriv, getCiphers } = crypto
let asked = 0

const refuse = (create: (...args: never[]) => unknown) => (name: string, ...rest: never[]): unknown => {
  if (name.includes('poly1305')) {
    asked++
    throw new Error('Unknown cipher')
  }

  return Reflect.apply(create, crypto, [name, ...rest])
}

Object.assign(crypto, {
  getCiphers: () => getCiphers().filter((name) => !name.includes('poly1305')),
  createCipheriv: refuse(createCipheriv),
  createDecipheriv: refuse(createDecipheriv)
})
syncBuiltinESMExports()

const { startNetwork } = await import('../../src/index.ts')
const blocks = sampleChain(200)
const common = { network: 'vibecoin-test', genesisHash: blocks[0]!.hash }
const server = await startNetwork({
  ...common, listen: ['/ip4/127.0.0.1/tcp/0'], chain: { tip: () => blocks.at(-1)!, get: (height) => blocks[height] }
})
const client = await startNetwork({ ...common, listen: [] })
let fetched = 0

try {
  await client.connect(String(server.libp2p.getMultiaddrs()[0]))

  for await (const { height } of client.requestBlockRange(1, 199)) {
    fetched += height > 0 ? 1 : 0
  }
} catch (err) {
  console.error(err)
}

process.stdout.write(JSON.stringify({ fetched, asked }), () => { process.exit() })
