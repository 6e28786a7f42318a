import { ConfigError, RequestError, startNetwork } from '../../src/index.ts'

try {
  await startNetwork({ genesisHash: new Uint8Array(31) })
} catch (err) {
  console.log(err instanceof ConfigError && err.message) // Expected `genesisHash` to be a Uint8Array of 32 bytes, got ...
}

const network = await startNetwork({ listen: [], genesisHash: new Uint8Array(32) })

try {
  await network.requestBlock(1)
} catch (err) {
  console.log(err instanceof RequestError && err.code) // NO_PEERS
} finally {
  await network.stop()
}
