import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import { addressOf, freePorts, startNode, stopNodes } from '../../integration/nodes.ts'
import { Listening } from '../../../src/libp2p/transport/listening.ts'
import type { Transport } from '@libp2p/interface'

const GOOD = '/ip4/127.0.0.1/tcp/1'
const BAD = '/ip6/2001:db8::1/tcp/2'
const OTHER = '/ip4/192.0.2.1/tcp/3'

function failure (code: string): Error {
  return Object.assign(new Error(`listen ${code}: a text of Node.js`), { code })
}

/** What is noted where listening on some addresses fails. */
async function listenOn (addresses: readonly string[], failures: ReadonlyMap<string, Error>): Promise<Listening> {
  const listening = new Listening()
  const create = listening.watch(() => ({
    createListener: () => ({
      listen: async (address: unknown) => {
        const err = failures.get(String(address))

        if (err != null) {
          throw err
        }
      }
    })
  }) as unknown as Transport)

  for (const address of addresses) {
    await create({}).createListener({} as never).listen(multiaddr(address)).catch(() => {})
  }

  return listening
}

describe('libp2p/transport/listening', () => {
  it('is content where all addresses are listened on, and where there are none', async () => {
    assert.equal((await listenOn([GOOD, OTHER], new Map())).error([GOOD, OTHER]), undefined)
    assert.equal(new Listening().error([]), undefined)
  })

  for (const [family, other, wildcard] of [['ip6', 'ip4', '/ip6/::/tcp/0'], ['ip4', 'ip6', '/ip4/0.0.0.0/tcp/0/ws']] as const) {
    it(`refuses ${wildcard} on a machine that has addresses of ${other} alone, where the operating system takes it`, async () => {
      const listening = await listenOn([GOOD, wildcard], new Map())
      assert.equal(listening.error([GOOD, wildcard], new Set(['ip4', 'ip6'])), undefined)
      // no interface is up yet
      assert.equal(listening.error([GOOD, wildcard], new Set()), undefined)
      const error = listening.error([GOOD, wildcard], new Set([other]))!
      assert.equal(error.message, `Could not listen on ${wildcard}: this machine does not have addresses of this kind. Leave it out (EAFNOSUPPORT)`)
      assert.match(String(error.cause), new RegExp(`No interface has an address of ${family}`))
    })
  }

  const advice: [code: string, text: RegExp][] = [
    ['EADDRINUSE', /: the port is taken\. .* \(EADDRINUSE\)$/],
    ['EADDRNOTAVAIL', /: this machine does not have the address\. .* \(EADDRNOTAVAIL\)$/],
    ['EAFNOSUPPORT', /: this machine does not have addresses of this kind\. .* \(EAFNOSUPPORT\)$/],
    ['EACCES', /: this user may not listen there\. .* \(EACCES\)$/],
    ['EOTHER', /: listen EOTHER: a text of Node\.js$/]
  ]

  for (const [code, text] of advice) {
    it(`names the address once, says what to do, and keeps the reason (${code})`, async () => {
      const cause = failure(code)
      const error = (await listenOn([GOOD, BAD], new Map([[BAD, cause]]))).error([GOOD, BAD])!
      assert.equal(error.name, 'ListenError')
      assert.equal(error.cause, cause)
      assert.match(error.message, text)
      assert.ok(error.message.startsWith(`Could not listen on ${BAD}: `) && !error.message.includes(GOOD), error.message)
      assert.equal(error.message.split(BAD).length, 2)
    })
  }

  it('keeps all reasons where there are several', async () => {
    const causes = [failure('EADDRNOTAVAIL'), failure('EADDRINUSE')]
    const error = (await listenOn([BAD, OTHER], new Map([[BAD, causes[0]!], [OTHER, causes[1]!]]))).error([BAD, OTHER])!
    assert.deepEqual((error.cause as AggregateError).errors, causes)
    assert.ok(error.message.includes(BAD) && error.message.includes(OTHER), error.message)
  })

  it('names an address once that was given twice, whichever of the two fails', async () => {
    const failures = new Map([[BAD, failure('EADDRINUSE')]])
    const listening = await listenOn([BAD], new Map())
    const listener = { listen: async () => Promise.reject(failures.get(BAD)!) }
    const create = listening.watch(() => ({ createListener: () => listener }) as unknown as Transport)
    await assert.rejects(create({}).createListener({} as never).listen(multiaddr(BAD)))
    assert.equal(listening.error([BAD, BAD])!.message.split(BAD).length, 2)
    const other = await listenOn([BAD], failures)
    assert.equal(other.error([BAD, BAD])!.message.split(BAD).length, 2)
  })

  describe('of a node', () => {
    afterEach(stopNodes)

    /** The node listens on an address that works, and is refused because of another. */
    async function refuse (address: string, text: RegExp): Promise<void> {
      const [port] = await freePorts(1) as [number]
      const good = `/ip4/127.0.0.1/tcp/${port}`
      await assert.rejects(startNode({ listen: [good, address] }), { name: 'ListenError', message: text })
      // nothing is open any more
      const server = createServer()
      await new Promise<void>((resolve, reject) => { server.once('error', reject).listen({ host: '127.0.0.1', port, exclusive: true }, resolve) })
      await new Promise((resolve) => { server.close(resolve) })
    }

    it('refuses an IPv6 address that the machine does not have, though one of IPv4 works', async () => {
      await refuse('/ip6/2001:db8::1/tcp/0', /^Could not listen on \/ip6\/2001:db8::1\/tcp\/0: this machine does not have /)
    })

    it('refuses an IPv4 address that the machine does not have, though another one works', async () => {
      await refuse('/ip4/192.0.2.1/tcp/0', /^Could not listen on \/ip4\/192\.0\.2\.1\/tcp\/0: this machine does not have the address/)
    })

    it('refuses a port that is taken, though another one works', async () => {
      const taken = addressOf(await startNode()).replace(/\/p2p\/.*/, '')
      await refuse(taken, new RegExp(`^Could not listen on ${taken}: the port is taken`))
    })

    it('refuses an address that nothing here can listen on, and a relay without the option', async () => {
      await refuse('/ip4/127.0.0.1/udp/4001/quic-v1/webtransport', /webtransport: no transport can listen there/)
      await refuse('/p2p-circuit', /^Could not listen on \/p2p-circuit: it is a reservation at a relay\. .*`nat\.relay`/)
    })

    it('starts without a relay that is not there yet', async () => {
      const node = await startNode({ listen: ['/ip4/127.0.0.1/tcp/0', '/p2p-circuit'], nat: { relay: true } })
      assert.equal(node.libp2p.getMultiaddrs().length, 1)
    })

    it('gives the same port in both kinds of addresses where the machine has both', async function () {
      const [port] = await freePorts(1) as [number]
      const node = await startNode({ listen: [`/ip4/127.0.0.1/tcp/${port}`, `/ip6/::1/tcp/${port}`] }).catch((err: unknown) => {
        // only a machine without IPv6 may refuse
        assert.match(String(err), /ListenError: Could not listen on \/ip6\/::1\/tcp\/\d+: this machine does not have/)
      })
      assert.ok(node == null || node.libp2p.getMultiaddrs().length === 2)
    })
  })
})
