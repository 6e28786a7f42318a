import { networkInterfaces } from 'node:os'
import { multiaddr } from '@multiformats/multiaddr'
import { TargetError } from './failure.ts'
import { describeArrival, plain } from './peer/describe.ts'
import { CheckPeer } from './peer/peer.ts'
import { readEnvelope } from '../codec/envelope.ts'
import { errorMessage } from '../errors.ts'
import { PROTOCOL_ID } from '../types/message.ts'
import type { Arrival } from './peer/arrival.ts'
import type { Link } from './peer/link.ts'
import type { CheckPeerInit, Layer } from './peer/peer.ts'
import type { NodeInfo } from '../types/message.ts'

/** What the target says of itself. */
export interface Target {
  /** The multiaddr that was given. */
  readonly address: string
  /** Its peer id. */
  readonly id: string
  /** Its handshake. */
  readonly node: NodeInfo
}

/** Dials the target and reads its handshake. Throws a {@link TargetError} that says what is wrong with the address. */
export async function meetTarget (init: CheckPeerInit): Promise<Target> {
  const peer = await CheckPeer.start(init)

  try {
    const link = await openLink(peer, init.target)
    const node = await readHandshake(link, init.target)
    link.reset()
    const { remotePeer } = link.connection

    return { address: init.target, id: remotePeer.toString(), node }
  } finally {
    await peer.stop()
  }
}

async function openLink (peer: CheckPeer, address: string): Promise<Link> {
  let connection

  try {
    connection = await peer.dial()
  } catch (err) {
    throw new TargetError(`Cannot connect to ${address}: ${whyNot(err, peer.layer)}`, { cause: err })
  }

  try {
    return await peer.open(connection)
  } catch (err) {
    throw new TargetError(
      `There is a libp2p node at ${address} (${connection.remotePeer.toString()}), which does not speak ${PROTOCOL_ID}. Check that the address is that of a VibeCoin node`,
      { cause: err }
    )
  }
}

/** What a dial has failed in, in words. */
const LAYERS: Record<Layer, string> = {
  tcp: 'TCP',
  'noise-choice': 'the choice of /noise with multistream-select, over TCP',
  noise: 'the handshake of Noise, its identity key and signature included, after /noise was agreed on',
  'yamux-choice': 'the choice of /yamux/1.0.0 with multistream-select, after Noise',
  yamux: 'Yamux, after it was agreed on'
}

/** What to do about a dial that has failed. */
function whyNot (err: unknown, layer: Layer): string {
  const text = `${errorMessage(err)} ${err instanceof AggregateError ? err.errors.map(errorMessage).join(' ') : ''}`

  if (text.includes('ECONNREFUSED')) {
    return 'nothing listens there. Start the node, or correct the port'
  }

  if (/ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH/.test(text)) {
    return 'the host is not found or not reached. Correct the address'
  }

  if (text.includes('EADDRNOTAVAIL')) {
    return 'this machine does not have the --source address'
  }

  if (err instanceof Error && ['TimeoutError', 'AbortError'].includes(err.name)) {
    return 'nothing answers in time. Check the address and the firewall, or give more time with --timeout'
  }

  if (/peer id|payload identity|different/i.test(text)) {
    return 'another node is there: the peer id at the end of the address is not its own'
  }

  return `what is there is no libp2p node with Noise and Yamux, or it cuts this host (a ban, a limit, a private network). It has failed in ${LAYERS[layer]}: ${text.trim().slice(0, 300)}`
}

async function readHandshake (link: Link, address: string): Promise<NodeInfo> {
  const first = await link.tryNext(['handshake', 'disconnect'])

  if (first?.message.type === 'handshake') {
    return first.message.node
  }

  if (first?.message.type === 'disconnect') {
    throw new TargetError(`The node at ${address} refuses the tester with ${describeArrival(first)}. Make room for it, or lift the ban, and try again`)
  }

  const fault = link.arrivals[0]?.fault

  if (fault != null) {
    const what = isHandshake(link.arrivals[0]!) ? 'Handshake' : 'first frame, which has to be its Handshake'
    throw new TargetError(`The node at ${address} speaks ${PROTOCOL_ID} and sends a malformed ${what}: ${plain(fault)}. See "Handshake" and "Fields" in docs/protocol.md`)
  }

  throw new TargetError(
    `The node at ${address} speaks ${PROTOCOL_ID} and does not send a Handshake by itself: it sent ${link.seen}. Nothing can be checked without it: see "Handshake" in docs/protocol.md`
  )
}

/** Whether a frame is in the body of a `Handshake`, whatever is in there. */
function isHandshake ({ bytes }: Arrival): boolean {
  try {
    return readEnvelope(bytes).type === 'handshake'
  } catch {
    return false
  }
}

/** The IP address or name in a multiaddr. Throws a {@link TargetError} for what is no address of a host with a port. */
export function hostOfTarget (address: string): string {
  try {
    const [first, second] = multiaddr(address).getComponents()

    if (first?.value != null && /^(ip4|ip6|dns|dns4|dns6)$/.test(first.name) && second?.name === 'tcp') {
      return first.value
    }
  } catch {
    // the same as an address of another kind
  }

  throw new TargetError(`Expected a multiaddr such as /ip4/127.0.0.1/tcp/8765, got \`${address}\``)
}

/** Whether a host is reached from this machine alone. */
export function isLoopback (host: string): boolean {
  return host.startsWith('127.') || host === '::1' || host === 'localhost'
}

/** Whether a host is this machine, which reaches what listens on loopback. */
export function isOfThisMachine (host: string): boolean {
  return isLoopback(host) || Object.values(networkInterfaces()).flat().some((one) => one?.address === host)
}
