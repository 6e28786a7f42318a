import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { startNetwork } from '../src/index.ts'
import type { NetworkConfig } from '../src/index.ts'
import type { PrivateKey } from '@libp2p/interface'

const CONFIG: NetworkConfig = { listen: [], genesisHash: new Uint8Array(32) }

describe('start-network', () => {
  for (const metrics of [5, null, 'metrics']) {
    it(`refuses metrics that are none (${metrics})`, async () => {
      await assert.rejects(startNetwork({ ...CONFIG, metrics: () => metrics as never }), {
        name: 'ConfigError', message: /^Expected `metrics` to return the metrics of libp2p, got (a number|null|a string)$/
      })
    })
  }

  for (const outgoing of [5, {}, []]) {
    it(`refuses outgoing messages that are no async iterable (${JSON.stringify(outgoing)})`, async () => {
      await assert.rejects(startNetwork(CONFIG, outgoing as never), { name: 'ConfigError', message: /`outgoing`/ })
    })
  }

  it('refuses a key whose halves do not belong together', async () => {
    const [one, other] = await Promise.all([generateKeyPair('Ed25519'), generateKeyPair('Ed25519')])
    const privateKey = Object.create(one, { publicKey: { value: other.publicKey } }) as PrivateKey
    await assert.rejects(startNetwork({ ...CONFIG, privateKey }), { name: 'ConfigError', message: /`privateKey` to be a private key that signs/ })
  })

  it('refuses a key that cannot sign, and keeps the reason', async () => {
    const cause = new Error('the token was pulled out')
    const key = await generateKeyPair('Ed25519')
    const privateKey = Object.create(key, { sign: { value: () => { throw cause } } }) as PrivateKey
    await assert.rejects(startNetwork({ ...CONFIG, privateKey }), { name: 'ConfigError', cause })
  })
})
