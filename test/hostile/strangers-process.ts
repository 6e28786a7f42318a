import { publicKeyToProtobuf } from '@libp2p/crypto/keys'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import protobuf from 'protobufjs/minimal.js'
import { LIBP2P_PARTS } from '../integration/nodes.ts'
import type { StrangersAnswer, StrangersInit, StrangersOrder, StrangersReport } from './strangers.ts'
import type { PeerId } from '@libp2p/interface'

// Strangers in a process of their own: each has another identity, says what it is when it is asked, and goes. What they are to do comes
// as JSON in the first argument, how many have been there goes out as messages. See strangers.ts for the other side.

const IDENTIFY = '/ipfs/id/1.0.0'

/** As much as libp2p reads of an answer. */
const MESSAGES = 10
const MESSAGE_BYTES = 8 * 1024

/** Fields of an answer. */
const PUBLIC_KEY = 1
const LISTEN_ADDRESS = 2
const PROTOCOL = 3

/** Room for the key, and a field more, in bytes. */
const KEY_BYTES = 64

const { address, hosts, count, atATime, answers } = JSON.parse(process.argv[2] ?? '{}') as StrangersInit
const onDisconnect = (): void => { process.exit(1) }
process.once('disconnect', onDisconnect)
const parts = answers.map(makeParts)
let begun = 0
let answered = 0
let underWay = 0
/** Until when nobody begins. */
let pause: PromiseWithResolvers<void> | undefined

process.on('message', (order: StrangersOrder) => {
  pause?.resolve()
  pause = order === 'pause' ? Promise.withResolvers() : undefined
  report()
})

await Promise.all(Array.from({ length: atATime }, async () => {
  for (await pause?.promise; begun < count; await pause?.promise) {
    const which = begun++
    underWay++
    await meet(hosts[which % hosts.length]!, parts[which % parts.length]!)
    underWay--
    report()
  }
}))

process.off('disconnect', onDisconnect)
process.disconnect()

function report (): void {
  process.send?.({ answered, underWay, isPaused: pause != null } satisfies StrangersReport)
}

/** One of them: it stays until it was asked, and has answered. */
async function meet (host: string, parts: readonly Uint8Array[]): Promise<void> {
  // of `node:net`, which libp2p passes on to it
  const dialOpts: object = { localAddress: host }
  const node = await createLibp2p({ ...LIBP2P_PARTS, transports: [tcp({ dialOpts })] })

  try {
    const over = Promise.withResolvers<void>()
    await node.handle(IDENTIFY, (stream) => {
      stream.addEventListener('close', () => {
        answered++
        over.resolve()
      }, { once: true })

      for (const message of answerOf(node.peerId, parts)) {
        stream.send(message)
      }

      stream.close().catch(() => {})
    })
    // a node under attack may not let it in
    const connection = await node.dial(multiaddr(address)).catch(() => {})
    connection?.addEventListener('close', () => { over.resolve() }, { once: true })
    await (connection == null ? undefined : over.promise)
  } finally {
    await node.stop()
  }
}

/** What one says of itself, with a length before each message: its key comes first. */
function answerOf (peer: PeerId, [first, ...others]: readonly Uint8Array[]): Uint8Array[] {
  return [Buffer.concat([field(PUBLIC_KEY, publicKeyToProtobuf(peer.publicKey!)), first!]), ...others].map(withLength)
}

/** What they say, as messages: of the size that libp2p takes, with room for the key. */
function makeParts (answer: StrangersAnswer): Uint8Array[] {
  if (answer === 'usual') {
    const addresses = ['/ip4/203.0.113.7/tcp/8765', '/ip4/192.168.1.7/tcp/8765'].map((text) => field(LISTEN_ADDRESS, multiaddr(text).bytes))
    const protocols = [IDENTIFY, '/ipfs/id/push/1.0.0', '/ipfs/ping/1.0.0'].map((name) => field(PROTOCOL, Buffer.from(name)))

    return [Buffer.concat([...addresses, ...protocols])]
  }

  let made = 0
  const next = (): Uint8Array => answer === 'addresses'
    ? field(LISTEN_ADDRESS, multiaddr(`/tcp/${++made}`).bytes)
    : field(PROTOCOL, Buffer.from((++made).toString(36)))

  return Array.from({ length: MESSAGES }, () => {
    const fields: Uint8Array[] = []

    for (let bytes = 0; bytes < MESSAGE_BYTES - KEY_BYTES; bytes += fields.at(-1)!.byteLength) {
      fields.push(next())
    }

    return Buffer.concat(fields)
  })
}

function field (id: number, bytes: Uint8Array): Uint8Array {
  return protobuf.Writer.create().uint32(id << 3 | 2).bytes(bytes).finish()
}

function withLength (message: Uint8Array): Uint8Array {
  return protobuf.Writer.create().bytes(message).finish()
}
