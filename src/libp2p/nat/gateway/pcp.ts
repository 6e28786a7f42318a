import { ipBytesOf } from '../../../address/ip-block.ts'
import type { Answer, Granted, MapRequest } from './protocol.ts'

// Messages of PCP (RFC 6887): only those that map a port, over IPv4. Numbers are big-endian.

/**
 * The largest answer that the node reads, in bytes: what RFC 6887 allows.
 *
 * @remarks The node takes no notice of a larger one.
 */
export const MAX_GATEWAY_ANSWER_BYTES = 1100

/** What the gateway knows the owner of a mapping by, in bytes. */
export const NONCE_BYTES = 12

const VERSION = 2
const MAP = 1
const IS_ANSWER = 0x80
const UNSUPPORTED_VERSION = 1
const NOT_AUTHORISED = 2
const HEADER_BYTES = 24
const MAP_BYTES = 36
const PROTOCOLS = { tcp: 6, udp: 17 } as const

/** An IPv4 address stands at the end of one of IPv6 that begins with these bytes. */
const IP4_PREFIX: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]

const REFUSALS: Readonly<Record<number, string>> = {
  [NOT_AUTHORISED]: 'it does not allow it, or another program has the port',
  3: 'it does not understand the question',
  4: 'it does not know the question',
  7: 'it has no connection to the internet',
  8: 'it has no port left',
  9: 'it does not map this protocol',
  10: 'this machine has all the ports that it may have',
  11: 'it cannot give the port outside',
  12: 'there is another router between it and this machine'
}

/** A request, and who asks. */
export interface PcpMapRequest extends MapRequest {
  /** The IPv4 address that the request is sent from. */
  localAddress: string
  /** {@link NONCE_BYTES} that stay the same for as long as the mapping does. */
  nonce: Uint8Array
}

/** Asks for a mapping, for more time for one, or for its end. */
export function mapRequest ({ protocol, port, externalPort, lifetime, localAddress, nonce }: PcpMapRequest): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + MAP_BYTES)
  const view = new DataView(bytes.buffer)
  bytes.set([VERSION, MAP])
  view.setUint32(4, lifetime)
  bytes.set([...IP4_PREFIX, ...ipBytesOf(localAddress) ?? []], 8)
  bytes.set(nonce, HEADER_BYTES)
  bytes[36] = PROTOCOLS[protocol]
  view.setUint16(40, port)
  view.setUint16(42, lifetime === 0 ? 0 : externalPort)
  // the address outside is for the gateway to choose: any of IPv4
  bytes.set(IP4_PREFIX, 44)

  return bytes
}

/** The mapping that bytes grant or refuse. `undefined` for what is no answer to that request. */
export function mapAnswerOf (bytes: Uint8Array, request: PcpMapRequest): Answer<Granted> | undefined {
  const code = bytes[3] ?? 0

  // a gateway that speaks NAT-PMP only, or another version of PCP, does not repeat the request
  if (bytes.byteLength >= 8 && bytes[1] === (MAP | IS_ANSWER) && code === UNSUPPORTED_VERSION) {
    return { refused: 'it does not speak PCP', isOfOtherProtocol: true }
  }

  if (!isAnswerTo(bytes, request)) {
    return undefined
  }

  if (code !== 0) {
    // NAT-PMP knows no owners of mappings
    return { refused: REFUSALS[code] ?? `it answers with the code ${code}`, isOfOtherProtocol: code === NOT_AUTHORISED }
  }

  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isIp4 = IP4_PREFIX.every((byte, i) => bytes[44 + i] === byte)

  return isIp4
    ? { externalPort: view.getUint16(42), lifetime: view.getUint32(4), externalAddress: bytes.subarray(56, 60).join('.') }
    : undefined
}

/** Whether bytes repeat what a request has to be known by. */
function isAnswerTo (bytes: Uint8Array, { protocol, port, nonce }: PcpMapRequest): boolean {
  const isMapAnswer = bytes.byteLength >= HEADER_BYTES + MAP_BYTES && bytes[0] === VERSION && bytes[1] === (MAP | IS_ANSWER)
  const isOfPort = bytes[36] === PROTOCOLS[protocol] && bytes[40] === port >> 8 && bytes[41] === (port & 0xff)

  return isMapAnswer && isOfPort && nonce.every((byte, i) => bytes[HEADER_BYTES + i] === byte)
}
