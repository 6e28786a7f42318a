import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { Uint8ArrayList } from 'uint8arraylist'
import { signOnce } from '../../src/libp2p/sign-once.ts'
import type { ConnectionEncrypter, PrivateKey } from '@libp2p/interface'

describe('libp2p/sign-once', () => {
  const [first, second] = [Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 4)]
  let key: PrivateKey
  let signed: number
  /** The key that the encrypter is given. */
  let given: PrivateKey

  beforeEach(async () => {
    key = await generateKeyPair('Ed25519')
    const sign = key.sign.bind(key)
    signed = 0
    Object.assign(key, { sign: (data: Parameters<PrivateKey['sign']>[0]) => { signed++; return sign(data) } })

    signOnce(({ privateKey }: { privateKey: PrivateKey }) => {
      given = privateKey

      return {} as ConnectionEncrypter
    })({ privateKey: key })
  })

  it('has what is signed again and again signed once, in whatever pieces it comes', async () => {
    const pieces = new Uint8ArrayList(first.subarray(0, 1), first.subarray(1))
    const signatures = [await given.sign(first), await given.sign(first.slice()), await given.sign(pieces)]

    assert.equal(signed, 1)
    assert.ok(await key.publicKey.verify(first, signatures[0]!))
    assert.deepEqual(signatures, Array(3).fill(signatures[0]))
  })

  it('has everything else signed anew', async () => {
    const message = first.slice()

    for (const data of [first, second, first, Uint8Array.of(1, 2), message]) {
      assert.ok(await given.publicKey.verify(data, await given.sign(data)))
    }

    message[0] = 9
    assert.ok(await given.publicKey.verify(message, await given.sign(message)))
    assert.equal(signed, 6)
  })

  it('gives a key that is the same otherwise, and leaves that of the node alone', () => {
    assert.deepEqual([given.type, given.raw, given.publicKey], [key.type, key.raw, key.publicKey])
    assert.ok(given.equals(key))
    assert.notEqual(given, key)
  })
})
