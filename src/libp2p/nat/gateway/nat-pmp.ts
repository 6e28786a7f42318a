import type { Answer, Granted, MapRequest } from './protocol.ts'

// Messages of NAT-PMP (RFC 6886). Numbers are big-endian.

const VERSION = 0

/** An answer has the number of its question, and this bit. */
const IS_ANSWER = 0x80

const EXTERNAL_ADDRESS = 0
const MAP = { udp: 1, tcp: 2 } as const

const REFUSALS: Readonly<Record<number, string>> = {
  1: 'it does not speak this version',
  2: 'it does not allow it, or NAT-PMP is off there',
  3: 'it has no connection to the internet',
  4: 'it has no port left',
  5: 'it does not know the question'
}

/** Asks for the address of the gateway outside. */
export function externalAddressRequest (): Uint8Array {
  return Uint8Array.of(VERSION, EXTERNAL_ADDRESS)
}

/** The address outside that bytes tell. `undefined` for what is no answer to that. */
export function externalAddressOf (bytes: Uint8Array): Answer<{ externalAddress: string }> | undefined {
  const view = answerTo(bytes, EXTERNAL_ADDRESS)

  if (view == null) {
    return undefined
  }

  return refusalOf(view) ?? (bytes.byteLength < 12 ? undefined : { externalAddress: bytes.subarray(8, 12).join('.') })
}

/** Asks for a mapping, for more time for one, or for its end. */
export function mapRequest ({ protocol, port, externalPort, lifetime }: MapRequest): Uint8Array {
  const bytes = new Uint8Array(12)
  const view = new DataView(bytes.buffer)
  bytes.set([VERSION, MAP[protocol]])
  view.setUint16(4, port)
  view.setUint16(6, lifetime === 0 ? 0 : externalPort)
  view.setUint32(8, lifetime)

  return bytes
}

/** The mapping that bytes grant or refuse. `undefined` for what is no answer to that request. */
export function mapAnswerOf (bytes: Uint8Array, { protocol, port }: MapRequest): Answer<Granted> | undefined {
  const view = answerTo(bytes, MAP[protocol])
  const refusal = view == null ? undefined : refusalOf(view)

  // a refusal may be cut off before the port
  if (view == null || refusal != null || bytes.byteLength < 16 || view.getUint16(8) !== port) {
    return refusal
  }

  return { externalPort: view.getUint16(10), lifetime: view.getUint32(12) }
}

function answerTo (bytes: Uint8Array, operation: number): DataView | undefined {
  const isAnswer = bytes.byteLength >= 8 && bytes[0] === VERSION && bytes[1] === (operation | IS_ANSWER)

  return isAnswer ? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) : undefined
}

function refusalOf (view: DataView): Answer<never> | undefined {
  const code = view.getUint16(2)

  return code === 0 ? undefined : { refused: REFUSALS[code] ?? `it answers with the code ${code}`, isOfOtherProtocol: false }
}
