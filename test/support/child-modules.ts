import { registerHooks } from 'node:module'
import type { NetworkConfig } from '../../src/index.ts'

// Starts a node with the config in the first argument and prints the URLs of all modules that were loaded for it, imported
// or required, as a line of JSON. See on-demand.spec.ts.

const urls: string[] = []

registerHooks({
  load: (url, context, nextLoad) => {
    urls.push(url)

    return nextLoad(url, context)
  }
})

const { startNetwork } = await import('../../src/index.ts')
const network = await startNetwork({
  listen: ['/ip4/127.0.0.1/tcp/0'], genesisHash: new Uint8Array(32), ...JSON.parse(process.argv[2] ?? '{}') as Partial<NetworkConfig>
})

process.stdout.write(JSON.stringify(urls), () => {
  void network.stop().finally(() => { process.exit() })
})
