import { startNetwork } from '../../src/index.ts'

// Starts a node without files, and one with them in the directory of the last argument. Prints what came of it, as a line of JSON. See
// native.spec.ts.

const common = { listen: ['/ip4/127.0.0.1/tcp/0'], genesisHash: new Uint8Array(32) }

/** The name or the code of each error behind another. */
function causesOf ({ cause }: Error): string[] {
  return cause instanceof Error ? [(cause as NodeJS.ErrnoException).code ?? cause.name, ...causesOf(cause)] : []
}

const plain = await startNetwork(common)
const addresses = plain.libp2p.getMultiaddrs().length
await plain.stop()
let error: { name: string, message: string, causes: string[] } | null = null

try {
  const stored = await startNetwork({ ...common, dataDir: process.argv.at(-1)! })
  await stored.stop()
} catch (err) {
  const { name, message } = err as Error
  error = { name, message, causes: causesOf(err as Error) }
}

process.stdout.write(JSON.stringify({ addresses, error }), () => { process.exit() })
