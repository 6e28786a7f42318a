import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { MAX_OWN_ADDRESSES, MAX_OWN_RECORDS, OwnRecord } from '../../../src/connect/exchange/own-record.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const PEER = '/ip4/5.6.7.8/tcp/50000'
const ID = '12D3KooWGaNs8rXF8SWqEc4KiK3oSEcTEDjstUoe49m9E9CxfWdd'

describe('connect/exchange/own-record', () => {
  let clock: FakeClock
  let own: OwnRecord
  let advertised: string[]
  let signed: [addresses: string[], sequence: bigint][]
  let error: Error | undefined
  let size: number

  beforeEach(() => {
    clock = new FakeClock()
    advertised = [`/ip4/1.2.3.4/tcp/8765/p2p/${ID}`]
    signed = []
    error = undefined
    size = 200
    own = new OwnRecord({
      clock,
      addressesFor: () => advertised.map((address) => multiaddr(address)),
      records: {
        sign: async (addresses: readonly Multiaddr[], sequence) => {
          signed.push([addresses.map(String), sequence])

          if (error != null) {
            throw error
          }

          return new Uint8Array(size)
        },
        read: () => undefined,
        verify: async () => true
      }
    })
  })

  it('has the addresses of the node without its id, and is signed once for the same addresses', async () => {
    const [first, second] = [await own.for(PEER), await own.for('/ip4/9.9.9.9/tcp/1')]

    assert.equal(first, second)
    assert.deepEqual(signed, [[['/ip4/1.2.3.4/tcp/8765'], BigInt(clock.date())]])
  })

  it('looks at the addresses once for all peers of a family that are told the same', async () => {
    const all = Array.from({ length: 3 }, (_, index) => multiaddr(`/ip4/1.2.3.${index}/tcp/8765`))
    const looks = { count: 0 }
    const watched = new Proxy(all, { get: (target, name, receiver) => {
      looks.count += Number(name === 'map')

      return Reflect.get(target, name, receiver) as unknown
    } })
    own = new OwnRecord({
      clock,
      addressesFor: () => watched,
      records: { sign: async () => new Uint8Array(size), read: () => undefined, verify: async () => true }
    })
    await own.for(PEER)
    await own.for('/ip4/9.9.9.9/tcp/1')
    assert.equal(looks.count, 1)
    await own.for('/ip6/2001:db8::1/tcp/1')
    assert.equal(looks.count, 2)
  })

  it('has a larger number for other addresses, in the same millisecond too', async () => {
    await own.for(PEER)
    advertised = ['/ip4/1.2.3.5/tcp/8765']
    await own.for(PEER)

    assert.equal(signed[1]![1], signed[0]![1] + 1n)
  })

  it('has the addresses at one host: that of the family of the peer, or else the first', async () => {
    advertised = ['/ip6/2001:db8::1/tcp/1', '/ip4/1.2.3.4/tcp/1', '/ip4/4.3.2.1/tcp/1', '/ip4/1.2.3.4/tcp/2/ws']
    await own.for(PEER)
    await own.for('/ip6/2001:db8::9/tcp/50000')
    await own.for('/dns4/example.org/tcp/1')

    assert.deepEqual(signed.map(([addresses]) => addresses), [['/ip4/1.2.3.4/tcp/1', '/ip4/1.2.3.4/tcp/2/ws'], ['/ip6/2001:db8::1/tcp/1']])
  })

  it(`has ${MAX_OWN_ADDRESSES} addresses and no more, and none over 192 bytes`, async () => {
    advertised = [`/dns4/${'a'.repeat(190)}/tcp/1`, ...Array.from({ length: MAX_OWN_ADDRESSES + 1 }, (_, index) => `/ip4/1.2.3.4/tcp/${index + 1}`)]
    await own.for(PEER)

    assert.deepEqual(signed.map(([addresses]) => addresses), [advertised.slice(1, MAX_OWN_ADDRESSES + 1)])
  })

  it('is none without an address, where signing fails, and where it would be too large', async () => {
    advertised = []
    assert.equal(await own.for(PEER), undefined)
    assert.deepEqual(signed, [])
    advertised = ['/ip4/1.2.3.4/tcp/1']
    error = new Error('no')
    assert.equal(await own.for(PEER), undefined)
    error = undefined
    size = 1024
    advertised = ['/ip4/1.2.3.4/tcp/2']
    assert.equal((await own.for(PEER))?.byteLength, 1024)
    size = 1025
    advertised = ['/ip4/1.2.3.4/tcp/3']
    assert.equal(await own.for(PEER), undefined)
  })

  it(`keeps ${MAX_OWN_RECORDS} records and no more: the one that was used least lately goes`, async () => {
    const use = async (index: number): Promise<void> => {
      advertised = [`/ip4/1.2.3.4/tcp/${index + 1}`]
      await own.for(PEER)
    }

    for (let index = 0; index < MAX_OWN_RECORDS; index++) {
      await use(index)
    }

    await use(0)
    assert.equal(signed.length, MAX_OWN_RECORDS)
    await use(MAX_OWN_RECORDS)
    await use(0)
    assert.equal(signed.length, MAX_OWN_RECORDS + 1)
    await use(1)
    assert.equal(signed.length, MAX_OWN_RECORDS + 2)
  })
})
