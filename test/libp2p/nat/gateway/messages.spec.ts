import assert from 'node:assert/strict'
import fc from 'fast-check'
import * as natPmp from '../../../../src/libp2p/nat/gateway/nat-pmp.ts'
import * as pcp from '../../../../src/libp2p/nat/gateway/pcp.ts'

const NONCE = Uint8Array.from({ length: 12 }, (_, i) => i + 1)
const REQUEST: pcp.PcpMapRequest = { protocol: 'tcp', port: 8765, externalPort: 8766, lifetime: 600, localAddress: '192.168.1.2', nonce: NONCE }
const MAPPED = '00000000000000000000ffff'

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

/** An answer of PCP that grants port 8767 of 203.0.113.7 for 300 s, with `changes` at some of its bytes. */
function granted (changes: Partial<Record<number, number>> = {}): Uint8Array {
  const bytes = hex(`02 81 00 00 0000012c 00000001 ${'00'.repeat(12)} 0102030405060708090a0b0c 06 000000 223d 223f ${MAPPED} cb007107`)
  Object.entries(changes).forEach(([at, byte]) => { bytes[Number(at)] = byte ?? 0 })

  return bytes
}

describe('libp2p/nat/gateway/nat-pmp', () => {
  it('has the questions of RFC 6886', () => {
    assert.deepEqual(natPmp.externalAddressRequest(), hex('0000'))
    assert.deepEqual(natPmp.mapRequest(REQUEST), hex('00 02 0000 223d 223e 00000258'))
    assert.deepEqual(natPmp.mapRequest({ ...REQUEST, protocol: 'udp' }), hex('00 01 0000 223d 223e 00000258'))
    // the end of a mapping: no port outside, no time
    assert.deepEqual(natPmp.mapRequest({ ...REQUEST, lifetime: 0 }), hex('00 02 0000 223d 0000 00000000'))
  })

  it('reads what a gateway grants and refuses', () => {
    assert.deepEqual(natPmp.externalAddressOf(hex('00 80 0000 00000001 cb007107')), { externalAddress: '203.0.113.7' })
    assert.deepEqual(natPmp.mapAnswerOf(hex('00 82 0000 00000001 223d 223f 0000012c'), REQUEST), { externalPort: 8767, lifetime: 300 })
    assert.match(JSON.stringify(natPmp.externalAddressOf(hex('00 80 0003 00000001'))), /no connection to the internet/)
    assert.match(JSON.stringify(natPmp.mapAnswerOf(hex('00 82 0002 00000001'), REQUEST)), /does not allow it/)
    assert.match(JSON.stringify(natPmp.mapAnswerOf(hex('00 82 7777 00000001'), REQUEST)), /the code 30583/)
  })

  it('takes no answer to something else, and none that is cut off', () => {
    for (const other of [
      '00 81 0000 00000001 223d 223f 0000012c', '01 82 0000 00000001 223d 223f 0000012c', '00 82 0000 00000001 223e 223f 0000012c',
      '00 02 0000 223d 223e 00000258'
    ]) {
      assert.equal(natPmp.mapAnswerOf(hex(other), REQUEST), undefined, other)
    }

    const [address, mapping] = [hex('00 80 0000 00000001 cb007107'), hex('00 82 0000 00000001 223d 223f 0000012c')]

    for (let length = 0; length < mapping.length; length++) {
      assert.equal(natPmp.mapAnswerOf(mapping.subarray(0, length), REQUEST), undefined)
      assert.equal(natPmp.externalAddressOf(address.subarray(0, Math.min(length, 11))), undefined)
    }
  })
})

describe('libp2p/nat/gateway/pcp', () => {
  it('has the questions of RFC 6887', () => {
    const question = `02 01 0000 00000258 ${MAPPED} c0a80102 0102030405060708090a0b0c 06 000000 223d 223e ${MAPPED} 00000000`
    assert.deepEqual(pcp.mapRequest(REQUEST), hex(question))
    assert.deepEqual(pcp.mapRequest({ ...REQUEST, protocol: 'udp', lifetime: 0 }).slice(36, 44), hex('11 000000 223d 0000'))
  })

  it('reads what a gateway grants and refuses', () => {
    assert.deepEqual(pcp.mapAnswerOf(granted(), REQUEST), { externalPort: 8767, lifetime: 300, externalAddress: '203.0.113.7' })
    assert.deepEqual(pcp.mapAnswerOf(granted({ 3: 8 }), REQUEST), { refused: 'it has no port left', isOfOtherProtocol: false })
    assert.deepEqual(pcp.mapAnswerOf(granted({ 3: 200 }), REQUEST), { refused: 'it answers with the code 200', isOfOtherProtocol: false })
    assert.equal((pcp.mapAnswerOf(granted({ 3: 2 }), REQUEST) as { isOfOtherProtocol: boolean }).isOfOtherProtocol, true)
  })

  it('hears that a gateway speaks another version only', () => {
    for (const answer of ['00 81 0001 00000001', '01 81 0001 00000000 00000001']) {
      assert.deepEqual(pcp.mapAnswerOf(hex(answer), REQUEST), { refused: 'it does not speak PCP', isOfOtherProtocol: true })
    }
  })

  it('takes no answer to something else, and none that is cut off', () => {
    // version, operation, a nonce, the transport, the port, an address of IPv6
    for (const changes of [{ 0: 1 }, { 1: 0x82 }, { 24: 9 }, { 35: 9 }, { 36: 17 }, { 40: 9 }, { 41: 9 }, { 44: 0x20 }]) {
      assert.equal(pcp.mapAnswerOf(granted(changes), REQUEST), undefined, JSON.stringify(changes))
    }

    for (let length = 0; length < granted().length; length++) {
      assert.equal(pcp.mapAnswerOf(granted().subarray(0, length), REQUEST), undefined)
    }
  })
})

describe('libp2p/nat/gateway: any bytes', () => {
  it('are an answer or none, and never an error', () => {
    const answers = [
      natPmp.externalAddressOf, (bytes: Uint8Array) => natPmp.mapAnswerOf(bytes, REQUEST),
      (bytes: Uint8Array) => pcp.mapAnswerOf(bytes, REQUEST)
    ]
    const head = fc.constantFrom([0, 128], [0, 130], [2, 129], [0, 129])
    const message = fc.tuple(head, fc.uint8Array({ maxLength: 80 })).map(([head, rest]) => Uint8Array.from([...head, ...rest]))

    fc.assert(fc.property(fc.oneof(message, fc.uint8Array({ maxLength: 80 })), (bytes) => {
      answers.forEach((read) => { read(bytes) })
    }), { numRuns: 2000 })
  })
})
