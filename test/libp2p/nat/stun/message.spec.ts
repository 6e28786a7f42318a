import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_STUN_BYTES, STUN_HEADER_BYTES, bindingRequest, bindingResponse, isBindingRequest } from '../../../../src/libp2p/nat/stun/message.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'))

const ID = hex('b7e7a701bc34d686fa87dfae')

/** A binding request with these attributes, already padded. */
function requestWith (...attributes: Uint8Array[]): Uint8Array {
  const body = Buffer.concat(attributes)
  const bytes = new Uint8Array([...bindingRequest(ID), ...body])
  new DataView(bytes.buffer).setUint16(2, body.byteLength)

  return bytes
}

function attribute (type: number, bytes: number, length = bytes): Uint8Array {
  const attribute = new Uint8Array(4 + Math.ceil(bytes / 4) * 4)
  new DataView(attribute.buffer).setUint16(0, type)
  new DataView(attribute.buffer).setUint16(2, length)

  return attribute
}

/** SOFTWARE, which may be passed over. */
const SOFTWARE = 0x8022

describe('libp2p/nat/stun/message', () => {
  it('knows a binding request', () => {
    assert.deepEqual(bindingRequest(ID), hex('0001 0000 2112a442 b7e7a701bc34d686fa87dfae'))
    assert.equal(isBindingRequest(bindingRequest(ID)), true)
    assert.equal(isBindingRequest(requestWith(attribute(SOFTWARE, 11), attribute(SOFTWARE, 0))), true)
  })

  it('takes no other message for one', () => {
    const good = bindingRequest(ID)

    for (const [at, byte] of [[0, 0x01], [0, 0x80], [1, 0x11], [2, 0x01], [3, 0x04], [4, 0x20], [7, 0x43]] as const) {
      const bytes = good.slice()
      bytes[at] = byte
      assert.equal(isBindingRequest(bytes), false, `byte ${at}`)
    }

    const others = [[], good.subarray(0, STUN_HEADER_BYTES - 1), [...good, 0], [...good, 0, 0, 0, 0]]

    for (const bytes of others.map((given) => Uint8Array.from(given))) {
      assert.equal(isBindingRequest(bytes), false, `${bytes.byteLength} bytes`)
    }
  })

  it('takes none with an attribute that has to be understood, or that is longer than the message', () => {
    // USERNAME, MESSAGE-INTEGRITY, CHANGE-REQUEST, PRIORITY
    for (const type of [0x0006, 0x0008, 0x0003, 0x0024, 0x7fff]) {
      assert.equal(isBindingRequest(requestWith(attribute(type, 4))), false)
    }

    assert.equal(isBindingRequest(requestWith(attribute(SOFTWARE, 4, 5))), false)
    assert.equal(isBindingRequest(requestWith(attribute(SOFTWARE, 4, 0xffff))), false)
    assert.equal(isBindingRequest(requestWith(attribute(0x8000, 4))), true)
  })

  it('takes one of the largest size, and none that is larger', () => {
    const most = MAX_STUN_BYTES - STUN_HEADER_BYTES - 4
    assert.equal(isBindingRequest(requestWith(attribute(SOFTWARE, most))), true)
    assert.equal(isBindingRequest(requestWith(attribute(SOFTWARE, most + 4))), false)
  })

  // the answers of RFC 5769, sections 2.2 and 2.3, without the attributes that they have besides
  it('answers with the address of the sender, mixed with what came', () => {
    assert.deepEqual(bindingResponse(bindingRequest(ID), { ip: Uint8Array.of(192, 0, 2, 1), port: 32853 }), hex(`
      0101 000c 2112a442 b7e7a701bc34d686fa87dfae
      0020 0008 0001 a147 e112a643`))
    assert.deepEqual(bindingResponse(bindingRequest(ID), { ip: hex('20010db8123456780011223344556677'), port: 32853 }), hex(`
      0101 0018 2112a442 b7e7a701bc34d686fa87dfae
      0020 0014 0002 a147 0113a9faa5d3f179bc25f4b5bed2b9d9`))
  })

  it('says yes or no to any bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 64 }).map((body) => new Uint8Array([...bindingRequest(ID), ...body]))
    )

    fc.assert(fc.property(bytes, fc.boolean(), (bytes, hasLength) => {
      if (hasLength && bytes.byteLength >= STUN_HEADER_BYTES) {
        new DataView(bytes.buffer).setUint16(2, bytes.byteLength - STUN_HEADER_BYTES)
      }

      // what is answered is never answered with much more
      if (isBindingRequest(bytes)) {
        assert.ok(bindingResponse(bytes, { ip: new Uint8Array(16), port: 1 }).byteLength <= bytes.byteLength + 24)
      }
    }), { numRuns: 20_000 })
  })
})
