/** The header of a message of STUN: type, length of what follows, cookie, id of the transaction (RFC 5389, section 6). */
export const STUN_HEADER_BYTES = 20

/**
 * The largest question that the STUN responder of a relay reads. Those of clients have 20 to 100 bytes.
 *
 * @remarks The relay does not answer.
 */
export const MAX_STUN_BYTES = 256

/** Where the sender of a question is, as the socket tells. */
export interface StunSource {
  readonly address: string
  readonly port: number
}

const BINDING_REQUEST = 0x0001
const BINDING_SUCCESS = 0x0101
const XOR_MAPPED_ADDRESS = 0x0020
const MAGIC_COOKIE = 0x2112a442
const COOKIE_OFFSET = 4
const ID_OFFSET = 8

/** An attribute begins with its type and its length, 2 bytes each, and its value is padded to a multiple of this. */
const ATTRIBUTE_HEADER_BYTES = 4

/** Attributes from here on may be passed over by those who do not know them. */
const FIRST_OPTIONAL_ATTRIBUTE = 0x8000

const FAMILY_IP4 = 1
const FAMILY_IP6 = 2

/**
 * Whether bytes are a question for an address: a binding request of RFC 5389 without attributes that have to be understood. What asks for
 * passwords, and the older protocol of RFC 3489, is none.
 */
export function isBindingRequest (bytes: Uint8Array): boolean {
  if (bytes.byteLength < STUN_HEADER_BYTES || bytes.byteLength > MAX_STUN_BYTES || bytes.byteLength % ATTRIBUTE_HEADER_BYTES !== 0) {
    return false
  }

  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isRequest = view.getUint16(0) === BINDING_REQUEST && view.getUint32(COOKIE_OFFSET) === MAGIC_COOKIE

  return isRequest && view.getUint16(2) === bytes.byteLength - STUN_HEADER_BYTES && hasOnlyOptional(view)
}

/** The answer to a binding request: where its sender is. `ip` is the address as bytes, 4 or 16 of them. */
export function bindingResponse (request: Uint8Array, { ip, port }: { ip: Uint8Array, port: number }): Uint8Array {
  const attributeBytes = ATTRIBUTE_HEADER_BYTES + ip.byteLength
  const bytes = new Uint8Array(STUN_HEADER_BYTES + ATTRIBUTE_HEADER_BYTES + attributeBytes)
  const view = new DataView(bytes.buffer)
  bytes.set(request.subarray(0, STUN_HEADER_BYTES))
  view.setUint16(0, BINDING_SUCCESS)
  view.setUint16(2, bytes.byteLength - STUN_HEADER_BYTES)
  view.setUint16(STUN_HEADER_BYTES, XOR_MAPPED_ADDRESS)
  view.setUint16(STUN_HEADER_BYTES + 2, attributeBytes)
  // what is 0 stays 0
  view.setUint8(STUN_HEADER_BYTES + 5, ip.byteLength === 4 ? FAMILY_IP4 : FAMILY_IP6)
  view.setUint16(STUN_HEADER_BYTES + 6, port ^ (MAGIC_COOKIE >>> 16))
  // routers that rewrite addresses inside of packets do not find this one: it is mixed with the cookie and the id
  ip.forEach((byte, i) => { bytes[STUN_HEADER_BYTES + 8 + i] = byte ^ bytes[COOKIE_OFFSET + i]! })

  return bytes
}

/** A binding request with this id, of 12 bytes. */
export function bindingRequest (id: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(STUN_HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, BINDING_REQUEST)
  view.setUint32(COOKIE_OFFSET, MAGIC_COOKIE)
  bytes.set(id.subarray(0, STUN_HEADER_BYTES - ID_OFFSET), ID_OFFSET)

  return bytes
}

function hasOnlyOptional (view: DataView): boolean {
  for (let at = STUN_HEADER_BYTES; at < view.byteLength;) {
    const type = view.getUint16(at)
    const length = view.getUint16(at + 2)
    at += ATTRIBUTE_HEADER_BYTES + Math.ceil(length / ATTRIBUTE_HEADER_BYTES) * ATTRIBUTE_HEADER_BYTES

    if (type < FIRST_OPTIONAL_ATTRIBUTE || at > view.byteLength) {
      return false
    }
  }

  return true
}
