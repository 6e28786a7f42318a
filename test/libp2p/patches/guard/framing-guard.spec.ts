import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { dhtProtocol } from '../../../../src/libp2p/discovery/dht.ts'
import {
  FramingGuard, MAX_IDENTIFY_MESSAGES, MAX_LINE_BYTES, MAX_LINE_LENGTH_BYTES, MAX_MESSAGE_LENGTH_BYTES, MAX_NEGOTIATION_LINES,
  MAX_STREAM_MESSAGES
} from '../../../../src/libp2p/patches/guard/framing-guard.ts'
import type { FramingVerdict } from '../../../../src/libp2p/patches/guard/framing-guard.ts'

const HEADER = '/multistream/1.0.0'
const RAW = '/echo/1.0.0'
const IDENTIFY = '/ipfs/id/1.0.0'
const HOP = '/libp2p/circuit/relay/0.2.0/hop'

/** Every protocol whose messages libp2p reads with `lpStream`. */
const FRAMED = [
  IDENTIFY, '/ipfs/id/push/1.0.0', '/libp2p/autonat/2/dial-request', '/libp2p/autonat/2/dial-back', '/libp2p/dcutr', '/webrtc-signaling/0.0.1',
  dhtProtocol('vibecoin-test'), dhtProtocol('a/network of $any.name')
]

/** What begins like them and is not. */
const NOT_FRAMED = [RAW, '/ipfs/ping/1.0.0', '/vibecoin/1.0.0', '/ipfs/id/1.0.0/x', '/x/ipfs/id/1.0.0', '/vibecoin/a/b/kad/1.0.0', '/libp2p/dcutr2']

const WITHOUT_END = new Uint8Array(1000).fill(0xff)

/** A length in so many bytes; the shortest form where it is not said. */
function lengthOf (value: number, bytes = value < 0x80 ? 1 : 2): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => Math.floor(value / 2 ** (7 * i)) & 0x7f | (i < bytes - 1 ? 0x80 : 0))
}

function line (text: string, lengthBytes?: number): Uint8Array {
  const body = new TextEncoder().encode(`${text}\n`)

  return Buffer.concat([lengthOf(body.byteLength, lengthBytes), body])
}

function message (bytes: number): Uint8Array {
  return Buffer.concat([lengthOf(bytes), new Uint8Array(bytes).fill(0xff)])
}

function guardOf (...accepted: string[]): FramingGuard {
  return new FramingGuard((protocol) => accepted.includes(protocol))
}

/** What is said of these parts, which come together, where these protocols are spoken. */
function judge (parts: Uint8Array[], accepted: string[] = [RAW, HOP, ...FRAMED]): FramingVerdict {
  return guardOf(...accepted).push(Buffer.concat(parts))
}

describe('libp2p/patches/guard/framing-guard', () => {
  it('goes on through a negotiation, and is done with what is agreed on', () => {
    const guard = guardOf(RAW)
    assert.equal(guard.push(line(HEADER)), 'go on')
    assert.equal(guard.push(line('/other/1.0.0')), 'go on')
    assert.equal(guard.push(line('na')), 'go on')
    assert.equal(guard.push(line('ls')), 'go on')
    assert.equal(guard.push(line(RAW)), 'done')
    assert.equal(guard.push(WITHOUT_END), 'done')
  })

  it('takes any bytes of the protocol in the chunk with the line', () => {
    assert.equal(judge([line(HEADER), line(RAW), WITHOUT_END]), 'done')
  })

  it('begins with messages right behind the line', () => {
    for (const protocol of FRAMED) {
      assert.equal(judge([line(HEADER), line(protocol), message(300), message(0), message(1)]), 'go on', protocol)
      assert.equal(judge([line(HEADER), line(protocol), WITHOUT_END]), 'bad', protocol)
      assert.equal(judge([line(HEADER), line(protocol), message(300), WITHOUT_END]), 'bad', protocol)
    }
  })

  it('looks at no messages of other protocols', () => {
    for (const protocol of NOT_FRAMED) {
      assert.equal(judge([line(HEADER), line(protocol), WITHOUT_END], [protocol]), 'done', protocol)
    }
  })

  it('looks at one message where a relay passes on what follows', () => {
    for (const protocol of [HOP, '/libp2p/circuit/relay/0.2.0/stop']) {
      assert.equal(judge([line(protocol), WITHOUT_END], [protocol]), 'bad')
      assert.equal(judge([line(protocol), message(300).subarray(0, 301)], [protocol]), 'go on')
      assert.equal(judge([line(protocol), message(300), WITHOUT_END], [protocol]), 'done')
      assert.equal(judge([line(protocol), message(0), WITHOUT_END], [protocol]), 'done')
    }
  })

  it(`takes ${MAX_LINE_LENGTH_BYTES} bytes for the length of a line and no more`, () => {
    assert.equal(judge([line(RAW, MAX_LINE_LENGTH_BYTES)]), 'done')
    assert.equal(judge([line(RAW, MAX_LINE_LENGTH_BYTES + 1)]), 'bad')
    // without a look at what follows
    assert.equal(judge([WITHOUT_END.subarray(0, MAX_LINE_LENGTH_BYTES - 1)]), 'go on')
    assert.equal(judge([WITHOUT_END.subarray(0, MAX_LINE_LENGTH_BYTES)]), 'bad')
  })

  it(`takes a line of ${MAX_LINE_BYTES} bytes and none that is longer, nor an empty one`, () => {
    assert.equal(judge([line('x'.repeat(MAX_LINE_BYTES - 1)), line(RAW)]), 'done')
    assert.equal(judge([lengthOf(MAX_LINE_BYTES + 1)]), 'bad')
    assert.equal(judge([line('')]), 'go on')
    assert.equal(judge([lengthOf(0)]), 'bad')
  })

  it(`takes ${MAX_NEGOTIATION_LINES} lines and no more`, () => {
    const lines = Array.from({ length: MAX_NEGOTIATION_LINES - 1 }, () => line('ls'))

    assert.equal(judge([...lines, line(RAW)]), 'done')
    assert.equal(judge([...lines, line('ls')]), 'go on')
    assert.equal(judge([...lines, line('ls'), line(RAW)]), 'bad')
  })

  it(`takes ${MAX_MESSAGE_LENGTH_BYTES} bytes for the length of a message and no more`, () => {
    const most = Buffer.concat([lengthOf(3, MAX_MESSAGE_LENGTH_BYTES), new Uint8Array(3)])

    assert.equal(judge([line(IDENTIFY), most, most]), 'go on')
    assert.equal(judge([line(IDENTIFY), lengthOf(3, MAX_MESSAGE_LENGTH_BYTES + 1)]), 'bad')
    assert.equal(judge([line(IDENTIFY), WITHOUT_END.subarray(0, MAX_MESSAGE_LENGTH_BYTES - 1)]), 'go on')
    assert.equal(judge([line(IDENTIFY), WITHOUT_END.subarray(0, MAX_MESSAGE_LENGTH_BYTES)]), 'bad')
    // a length of 35 bits is one, however long it takes until all of it is there
    assert.equal(judge([line(IDENTIFY), Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x7f), WITHOUT_END]), 'go on')
  })

  it(`takes ${MAX_STREAM_MESSAGES} messages of a protocol of libp2p and no more`, () => {
    const messages = Array.from({ length: MAX_STREAM_MESSAGES }, (_, i) => message(i % 3))

    for (const protocol of FRAMED.filter((name) => !name.startsWith('/ipfs/id/'))) {
      assert.equal(judge([line(protocol), ...messages]), 'go on')
      assert.equal(judge([line(protocol), ...messages, message(0)]), 'bad')
    }
  })

  it(`takes ${MAX_IDENTIFY_MESSAGES} messages of what a peer says of itself and no more`, () => {
    const messages = Array.from({ length: MAX_IDENTIFY_MESSAGES }, (_, i) => message(i % 3))

    for (const protocol of FRAMED.filter((name) => name.startsWith('/ipfs/id/'))) {
      assert.equal(judge([line(protocol), ...messages]), 'go on')
      assert.equal(judge([line(protocol), ...messages, message(0)]), 'bad')
    }
  })

  it('takes no line that does not end as one', () => {
    assert.equal(judge([Uint8Array.of(3), new TextEncoder().encode('abc')]), 'bad')
  })

  it('reads names as libp2p does, or takes them for others', () => {
    assert.equal(judge([line(`${RAW} \r`)]), 'done')
    assert.equal(judge([line(`\uFEFF${RAW}`)]), 'go on')
    assert.equal(judge([line(`${RAW}\0`)]), 'go on')
    assert.equal(judge([Uint8Array.of(2, 0xff, 0x0a)]), 'go on')
  })

  it('never takes the header for a protocol', () => {
    assert.equal(new FramingGuard(() => true).push(line(HEADER)), 'go on')
    assert.equal(judge([line(HEADER), WITHOUT_END], [HEADER]), 'bad')
  })

  it('stays with its verdict', () => {
    const guard = guardOf(RAW)
    assert.equal(guard.push(WITHOUT_END), 'bad')
    assert.equal(guard.push(line(RAW)), 'bad')
  })

  it('says the same however the bytes are cut', () => {
    const part = fc.oneof(
      fc.constantFrom(line(HEADER), line('na'), line(RAW), line(RAW, 2), line(IDENTIFY), line(HOP), WITHOUT_END, message(0), message(200)),
      fc.uint8Array({ maxLength: 40 })
    )

    fc.assert(fc.property(fc.array(part, { maxLength: 8 }), fc.array(fc.nat(2000), { maxLength: 12 }), (parts, cuts) => {
      const bytes = new Uint8Array(Buffer.concat(parts))
      const ends = [...cuts.map((cut) => cut % (bytes.byteLength + 1)), bytes.byteLength].sort((a, b) => a - b)
      const chunks = ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end))
      const [whole, cut, byteByByte] = [guardOf(RAW, IDENTIFY, HOP), guardOf(RAW, IDENTIFY, HOP), guardOf(RAW, IDENTIFY, HOP)]
      const verdict = whole.push(bytes)

      chunks.forEach((chunk) => { cut.push(chunk) })
      bytes.forEach((byte) => { byteByByte.push(Uint8Array.of(byte)) })
      assert.equal(cut.push(new Uint8Array(0)), verdict)
      assert.equal(byteByByte.push(new Uint8Array(0)), verdict)
      assert.equal(guardOf(RAW, IDENTIFY, HOP).push(new Uint8ArrayList(...chunks)), verdict)
    }), { numRuns: 500 })
  })
})
