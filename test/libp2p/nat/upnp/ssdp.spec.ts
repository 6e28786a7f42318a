import assert from 'node:assert/strict'
import fc from 'fast-check'
import { locationOf, MAX_SSDP_BYTES, searchRequest } from '../../../../src/libp2p/nat/upnp/ssdp.ts'

const TYPE = 'urn:schemas-upnp-org:device:InternetGatewayDevice:2'
const HERE = { sender: '192.168.1.1', own: '192.168.1.2' }

function bytesOf (text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function answer (location: string, { type = TYPE, status = 'HTTP/1.1 200 OK' } = {}): Uint8Array {
  return bytesOf([status, 'EXT:', `ST: ${type}`, 'USN: uuid:1', `location:${location}`, '', ''].join('\r\n'))
}

describe('libp2p/nat/upnp/ssdp', () => {
  it('has the question of UPnP', () => {
    const question = new TextDecoder().decode(searchRequest({ group: 'ff05::c', port: 1900 }))
    assert.equal(question, `M-SEARCH * HTTP/1.1\r\nHOST: [ff05::c]:1900\r\nST: ${TYPE}\r\nMAN: "ssdp:discover"\r\nMX: 1\r\n\r\n`)
    assert.match(new TextDecoder().decode(searchRequest({ group: '239.255.255.250', port: 1900 })), /HOST: 239\.255\.255\.250:1900\r\n/)
  })

  it('reads where a gateway has its description', () => {
    assert.equal(locationOf(answer('http://192.168.1.1:5000/root.xml'), HERE)?.href, 'http://192.168.1.1:5000/root.xml')
    const nearIp6 = { sender: '2001:db8::1', own: '2001:db8::2' }
    assert.equal(locationOf(answer('http://[2001:db8:0::1]:5000/'), nearIp6)?.href, 'http://[2001:db8::1]:5000/')
    assert.equal(locationOf(answer('http://[fd00::1]/'), { sender: 'fd00::1%eth0', own: 'fd00::2' })?.href, 'http://[fd00::1]/')
  })

  it('takes nothing that leads to another host than the one that has sent it, or to no host', () => {
    for (const location of [
      'http://127.0.0.1/', 'http://192.168.1.7:5000/', 'http://example.org/', 'https://192.168.1.1/', 'file:///etc/passwd', '', '7', 'http://',
      'ftp://192.168.1.1/', 'http://[fd00::1]/'
    ]) {
      assert.equal(locationOf(answer(location), HERE), undefined, location)
    }
  })

  it('takes nothing of a sender that is not in the local network', () => {
    assert.equal(locationOf(answer('http://8.8.8.8/'), { sender: '8.8.8.8', own: '192.168.1.2' }), undefined)
    assert.equal(locationOf(answer('http://8.8.8.8/'), { sender: '8.8.8.8', own: '8.8.8.9' }), undefined)
    assert.equal(locationOf(answer('http://[2001:db8:1::1]/'), { sender: '2001:db8:1::1', own: '2001:db8::2' }), undefined)
  })

  it('takes nothing of another kind, and reads so many bytes and no more', () => {
    const location = 'http://192.168.1.1/'
    assert.equal(locationOf(answer(location, { type: TYPE.replace('2', '1') }), HERE), undefined)
    assert.equal(locationOf(answer(location, { status: 'HTTP/1.1 404 Not Found' }), HERE), undefined)
    assert.equal(locationOf(answer(location, { status: 'NOTIFY * HTTP/1.1' }), HERE), undefined)
    const short = answer(location).byteLength
    assert.notEqual(locationOf(answer(location + 'a'.repeat(MAX_SSDP_BYTES - short)), HERE), undefined)
    assert.equal(locationOf(answer(location + 'a'.repeat(MAX_SSDP_BYTES - short + 1)), HERE), undefined)
  })

  it('throws for nothing that comes', () => {
    const texts = fc.array(fc.oneof(fc.string(), fc.constantFrom('HTTP/1.1 200 OK', `ST: ${TYPE}`, 'LOCATION:', ':', 'X * HTTP/1.1')))
    const sender = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string())

    fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), texts.map((lines) => bytesOf(lines.join('\r\n')))), sender, (bytes, from) => {
      assert.equal(locationOf(bytes, { sender: from, own: '192.168.1.2' }), undefined)
    }))
  })
})
