// Serves the page, together with a network of two nodes for it: one that takes WebSockets, and one behind it that makes blocks.
//
//   npm run example:browser [-- --port 8080]

import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { toHex } from './hex.ts'
import { openCommandDir } from '../../src/cli/command-dir.ts'
import { listenForInterrupt, whenAborted } from '../../src/cli/interrupt.ts'
import { LocalNode } from '../../src/cli/node/node.ts'
import { createRules } from '../../src/cli/node/rules.ts'
import { encodeBlock } from '../../src/index.ts'
import type { SettingsConfig } from '../../src/cli/start/network-config.ts'
import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'

const NETWORK = 'vibecoin-browser-example'
const HOST = '127.0.0.1'

/** Seconds from block to block, and from transaction to transaction. */
const BLOCK_TIME = 2
const PING_INTERVAL_MS = 5000

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json'
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

interface RunningNode { node: LocalNode, addresses: string[] }

/** Of the node, beside its name: the options of its network, and the seconds from block to block or from transaction to transaction. */
interface NodeOptions { config: SettingsConfig, makeBlocks?: number, makeTransactions?: number }

async function startNode (dataDir: string, name: string, { config, ...options }: NodeOptions): Promise<RunningNode> {
  let addresses: string[] = []

  const node = await LocalNode.start({
    ...options, network: NETWORK, config: { network: NETWORK, nodeId: name, pingInterval: PING_INTERVAL_MS, ...config }
  }, join(dataDir, name), (event, fields) => {
    if (event === 'started') {
      ({ addresses } = fields as unknown as { addresses: string[] })
    } else if (event === 'problem') {
      console.error(`${name}: ${JSON.stringify(fields)}`)
    }
  })

  return { node, addresses }
}

/** Bundles the page, and reads what is served of it. */
async function readFiles (directory: string): Promise<Map<string, string | Uint8Array>> {
  await promisify(execFile)(process.execPath, [here('../../scripts/bundle-browser.js'), directory, here('main.ts')])
  const bundled = join(directory, 'main')
  const files = new Map<string, string | Uint8Array>()

  const own = [here('index.html'), here('style.css'), here('../../web/icon.svg')]

  for (const path of [...own, ...(await readdir(bundled)).map((name) => join(bundled, name))]) {
    files.set(path.replace(/^.*[\\/]/, ''), await readFile(path))
  }

  // the page looks like the live page
  return files.set('base.css', await readFile(here('../../web/style.css')))
}

async function serve (files: ReadonlyMap<string, string | Uint8Array>, port: number): Promise<Server> {
  const server = createServer(({ url = '/' }, response) => {
    const name = new URL(url, 'http://localhost').pathname.slice(1) || 'index.html'
    const content = files.get(name)
    response.writeHead(content == null ? 404 : 200, { 'content-type': TYPES[extname(name)] ?? 'text/plain', 'cache-control': 'no-store' })
    response.end(content)
  })

  server.listen(port, HOST)
  await new Promise((resolve, reject) => { server.once('listening', resolve).once('error', reject) })

  return server
}

async function run (port: number): Promise<void> {
  const dataDir = await openCommandDir(undefined)
  const interrupt = listenForInterrupt(() => { dataDir.removeNow() })
  const nodes: RunningNode[] = []
  let server: Server | undefined

  try {
    const files = await readFiles(join(dataDir.path, 'page'))
    const gate = await startNode(dataDir.path, 'gate', { config: { listen: [`/ip4/${HOST}/tcp/0`, `/ip4/${HOST}/tcp/0/ws`] } })
    nodes.push(gate)
    nodes.push(await startNode(dataDir.path, 'maker', {
      config: { listen: [`/ip4/${HOST}/tcp/0`], seedPeers: gate.addresses.slice(0, 1) }, makeBlocks: BLOCK_TIME, makeTransactions: BLOCK_TIME
    }))
    const seedPeers = gate.addresses.filter((address) => address.includes('/ws/'))
    const genesis = toHex(encodeBlock(createRules(NETWORK).genesis))
    server = await serve(files.set('network.json', JSON.stringify({ network: NETWORK, genesis, seedPeers })), port)
    console.log(`Open http://${HOST}:${(server.address() as AddressInfo).port}/ in a browser; Ctrl-C ends it.`)
    console.log(`The page connects to ${seedPeers.join(', ')}.`)
    await whenAborted(interrupt.signal)
  } finally {
    server?.close()
    server?.closeAllConnections()
    await Promise.all(nodes.map(async ({ node }) => node.stop()))
    await dataDir.remove()
    interrupt.dispose()
  }
}

const { values } = parseArgs({ options: { port: { type: 'string', default: '8080' } } })
await run(Number(values.port))
