import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { addressOf, startNode, stopNodes } from '../integration/nodes.ts'
import { openKnownPeers } from '../../src/store/known-peers/open-known-peers.ts'
import type { Network } from '../../src/index.ts'
import type { DeadPeersOrder, DeadPeersReport } from './dead-peers-node.ts'
import type { AddressInfo, Server } from 'node:net'

const HELP = `npm run soak:dead-peers -- [--kind refused|silent] [--dead N] [--seconds N]

A node that knows many peers of an earlier run, of which three are there: how long until it has a session with all three,
and how much processor time it takes.

  --kind     what the others do: refuse, or take a connection and say nothing (default refused)
  --dead N   how many they are (default 997)
  --seconds  for how long the node runs (default 25)

Processor time is that of the process after its modules were loaded. Beside it stands what a node takes that knows no peer, and what a loop
of net.connect takes for as many dials. Exits with 1 where the third session takes more than 15 s, or the node more than 2 s of the processor.`

const ALIVE = 3
const LONGEST_MS = 15_000
const MOST_CPU_MS = 2000
const NODE_FILE = fileURLToPath(new URL('dead-peers-node.ts', import.meta.url))

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    kind: { type: 'string', default: 'refused' },
    dead: { type: 'string', default: '997' },
    seconds: { type: 'string', default: '25' }
  }
})

if (values.help === true) {
  console.log(HELP)
} else {
  process.exitCode = await run({ isSilent: values.kind === 'silent', dead: Number(values.dead), seconds: Number(values.seconds) })
}

/** The exit code. */
async function run ({ isSilent, dead, seconds }: { isSilent: boolean, dead: number, seconds: number }): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'vibecoin-soak-'))
  const alive = await Promise.all(Array.from({ length: ALIVE }, async (_, i) => startNode({ listen: [`/ip4/127.${250 + i}.0.1/tcp/0`] })))
  const server = createServer()

  try {
    const port = await portOf(server, isSilent)
    await writeKnown(directory, { alive, dead, port })
    const none = await measure({ directory: join(directory, 'none'), seconds })
    const { sessions, failed, cpu } = await measure({ directory, seconds })
    const bare = await measure({ port, connections: failed })
    const third = sessions[ALIVE - 1] ?? Infinity
    console.log(`third session after ${(third / 1000).toFixed(1)} s`)
    console.log(`${failed} dials have failed`)
    console.log(`processor time of ${seconds} s: ${(cpu / 1000).toFixed(2)} s`)
    console.log(`of a node that knows no peer: ${(none.cpu / 1000).toFixed(2)} s`)
    console.log(`of a loop of net.connect for as many dials: ${(bare.cpu / 1000).toFixed(2)} s`)

    return third <= LONGEST_MS && cpu <= MOST_CPU_MS ? 0 : 1
  } finally {
    server.close()
    await stopNodes()
    await rm(directory, { recursive: true, force: true })
  }
}

/** A port on which nobody answers. */
async function portOf (server: Server, isSilent: boolean): Promise<number> {
  server.listen(0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  if (!isSilent) {
    server.close()
  }

  return port
}

/** All on loopback, each on a host of its own. */
async function writeKnown (
  directory: string, { alive, dead, port }: { alive: Network[], dead: number, port: number }
): Promise<void> {
  const known = await openKnownPeers(directory)

  for (let i = 0; i < dead; i++) {
    const id = peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString()
    await known.save({ id, addresses: [`/ip4/127.${1 + i % 200}.${1 + Math.floor(i / 200)}.1/tcp/${port}`], lastSuccess: Date.now() - 1000 * i })
  }

  for (const node of alive) {
    await known.save({ id: node.libp2p.peerId.toString(), addresses: [addressOf(node)], lastSuccess: Date.now() })
  }

  await known.close()
}

/** Runs a node, or the loop, in a process of its own. */
async function measure (order: DeadPeersOrder): Promise<DeadPeersReport> {
  const child = fork(NODE_FILE, [JSON.stringify(order)], { execArgv: process.execArgv })
  const [report] = await once(child, 'message') as [DeadPeersReport]

  return report
}
