import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { noise } from '@chainsafe/libp2p-noise'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { Uint8ArrayList } from 'uint8arraylist'
import { eventually } from '../../support/eventually.ts'
import { readNoiseLengths } from '../../../src/libp2p/patches/noise-lengths.ts'
import type { MessageStream } from '@libp2p/interface'

interface Decoder {
  lengthDecoder: (bytes: Uint8ArrayList) => number
  decode: (bytes: Uint8Array) => Generator<Uint8ArrayList>
}

const SIZES = [1, 2, 255, 256, 257, 5000, 65_519, 65_520, 200_000]

/** Two ends of a connection of the real Noise. */
async function secure (): Promise<MessageStream[]> {
  const ends = multiaddrConnectionPair()

  const encrypter = async (): Promise<ReturnType<ReturnType<typeof noise>>> => {
    const privateKey = await generateKeyPair('Ed25519')

    const upgrader = { getStreamMuxers: () => new Map() }

    return noise()({ peerId: peerIdFromPrivateKey(privateKey), privateKey, logger: defaultLogger(), upgrader } as never)
  }

  const [one, other] = await Promise.all([encrypter(), encrypter()])
  const secured = await Promise.all([one.secureOutbound(ends[0]), other.secureInbound(ends[1])])

  return secured.map(({ connection }) => connection)
}

describe('libp2p/patches/noise-lengths', () => {
  const decoderOf = (connection: MessageStream): Decoder => (connection as MessageStream & { decoder: Decoder }).decoder

  it('finds the decoder of connections of the real Noise, and throws nothing where a length is missing', async () => {
    const [connection] = await secure()
    const decoder = decoderOf(connection!)
    assert.throws(() => decoder.lengthDecoder(new Uint8ArrayList()), RangeError)
    readNoiseLengths(connection!)
    assert.equal(decoder.lengthDecoder(new Uint8ArrayList()), 0)
    assert.equal(decoder.lengthDecoder(new Uint8ArrayList(Uint8Array.of(1))), 0)
    assert.equal(decoder.lengthDecoder(new Uint8ArrayList(Uint8Array.of(1), Uint8Array.of(2))), 0x0102)
    assert.equal(decoder.lengthDecoder(new Uint8ArrayList(Uint8Array.of(0xff, 0xff, 7))), 0xffff)
  })

  it('gives the messages of Noise, however they are cut', async () => {
    const [connection] = await secure()
    readNoiseLengths(connection!)
    const decoder = decoderOf(connection!)
    const bytes = Uint8Array.of(0, 3, 7, 8, 9, 0, 1, 5, 0x01, 0x00, ...new Uint8Array(256).fill(4))

    for (const step of [1, 2, 3, 4, 7, 100, bytes.byteLength]) {
      const messages: Uint8Array[] = []

      for (let at = 0; at < bytes.byteLength; at += step) {
        messages.push(...[...decoder.decode(bytes.subarray(at, at + step))].map((list) => list.subarray()))
      }

      assert.deepEqual(messages, [Uint8Array.of(7, 8, 9), Uint8Array.of(5), new Uint8Array(256).fill(4)])
    }
  })

  it('carries what is sent', async () => {
    const [from, to] = await secure()
    readNoiseLengths(from!)
    readNoiseLengths(to!)
    let bytes = 0
    to!.addEventListener('message', ({ data }) => { bytes += data.byteLength })

    for (const size of SIZES) {
      if (!from!.send(new Uint8Array(size))) {
        await from!.onDrain()
      }
    }

    await eventually(() => bytes === SIZES.reduce((sum, size) => sum + size, 0), 'all of it')
  })

  it('leaves other connections alone', () => {
    const [connection] = multiaddrConnectionPair()
    readNoiseLengths(connection)
    assert.equal('decoder' in connection, false)
  })
})
