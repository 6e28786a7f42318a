import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { rawNodeInfo } from '../integration/nodes.ts'
import { encodeFrame } from '../../src/codec/frame.ts'
import { encodeMessage } from '../../src/index.ts'
import { RawPeer } from '../../src/testing/index.ts'
import { sampleHash, sampleTransaction } from '../support/sample.ts'
import type { RawSession } from '../../src/testing/index.ts'
import type { Transaction } from '../../src/index.ts'

/** Many peers, each with a session and a host of its own, that send transactions at the same time. */
export interface Crowd {
  name: string
  title: string
  over: 'sessions'
  isCut: false
  peers: number
  /** Transactions that each sends at once, and in each second after that. */
  burst: number
  perSecond: number
  /** Bytes of one, with everything around it. */
  bytes: number
  /** Whether the application of the victim has a signature to check for each of them. */
  isSigned: boolean
}

/** What the default rates allow to each peer. */
const ALLOWED = { over: 'sessions', isCut: false, peers: 24, burst: 10_000, perSecond: 1000, bytes: 500 } as const

export const CROWDS: readonly Crowd[] = [
  { ...ALLOWED, name: 'burst', title: 'peers with 10,000 transactions each at once', isSigned: false },
  { ...ALLOWED, name: 'burst-signed', title: 'peers with 10,000 transactions each at once, whose signatures the application checks', isSigned: true }
]

/** A transaction of this price has a signature that the victim checks. */
const SIGNED_PRICE = 1n

/** Of one transaction without its data, and of the frame around it. */
const OVERHEAD_BYTES = 200

/** Transactions that are handed to a stream in one piece. */
const BATCH = 100

/** Between two pieces after the burst, in ms. */
const PAUSE_MS = 100

const { publicKey, privateKey } = generateKeyPairSync('ed25519')

/** Checks what a transaction asks to be checked. The key is in the transaction: whoever makes it makes the key. */
export function check ({ gasPrice, data, sender, signature }: Transaction): 'accept' | 'reject' {
  if (gasPrice !== SIGNED_PRICE) {
    return 'accept'
  }

  const key = { key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(sender).toString('base64url') }, format: 'jwk' } as const

  return verify(undefined, data, key, signature) ? 'accept' : 'reject'
}

/** Connects all, has all send at once for so many ms, and resolves with how many sessions have ended before that was over. */
export async function sendAsCrowd (crowd: Crowd, address: string, ms: number): Promise<{ connections: number, cuts: number }> {
  const all: Awaited<ReturnType<typeof connect>>[] = []

  // one after the other: a node takes few handshakes at a time
  while (all.length < crowd.peers) {
    all.push(await connect(`127.${100 + all.length}.0.1`, address))
  }

  const make = transactionsOf(crowd)
  const until = performance.now() + ms
  await Promise.all(all.map(async ({ session }, i) => sendAll(session, crowd, { make: (k) => make(`${i} ${k}`), until })))
  const cuts = all.filter(({ session }) => session.closure != null).length
  await Promise.all(all.map(async ({ peer }) => peer.stop()))

  return { connections: all.length, cuts }
}

/** Makes transactions that differ in their id. The signature is over the data, which is the same in all: to check it takes as long. */
function transactionsOf ({ bytes, isSigned }: Crowd): (id: string) => Uint8Array {
  const data = new Uint8Array(bytes - OVERHEAD_BYTES)
  const common = {
    data,
    gasPrice: isSigned ? SIGNED_PRICE : SIGNED_PRICE + 1n,
    sender: new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url')),
    signature: new Uint8Array(sign(undefined, data, privateKey))
  }

  return (id) => encodeFrame(encodeMessage({ type: 'newTransaction', transaction: sampleTransaction({ ...common, id: sampleHash(id) }) }))
}

/** Sends the burst of one peer, and then what its rate allows. */
async function sendAll (
  session: RawSession, { burst, perSecond }: Crowd, { make, until }: { make: (k: number) => Uint8Array, until: number }
): Promise<void> {
  let sent = 0
  const send = async (count: number): Promise<void> => {
    for (let left = count; left > 0 && performance.now() < until && session.closure == null; left -= BATCH) {
      const frames = Array.from({ length: Math.min(left, BATCH) }, () => make(sent++))

      if (!session.sendBytes(Buffer.concat(frames))) {
        // it has ended where this fails
        await session.drained({ within: Math.max(1, until - performance.now()) }).catch(() => {})
      }
    }
  }

  await send(burst)

  while (performance.now() < until && session.closure == null) {
    // the attacker's pace
    await new Promise((resolve) => { setTimeout(resolve, PAUSE_MS) })
    await send(perSecond * PAUSE_MS / 1000)
  }
}

async function connect (host: string, address: string): Promise<{ peer: RawPeer, session: RawSession }> {
  const peer = await RawPeer.start({ host, listen: false, node: rawNodeInfo() })
  const session = await peer.connect(address)
  session.answerPings()
  // it reads what others have sent, or it would be too slow
  session.handle('newTransaction', () => {})

  return { peer, session }
}
