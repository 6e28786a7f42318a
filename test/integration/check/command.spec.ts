import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { mock } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { noise } from '@chainsafe/libp2p-noise'
import { createLibp2p } from 'libp2p'
import { withChain } from './targets.ts'
import { CommandRun } from '../command-run.ts'
import { Mutant } from '../../support/mutant.ts'
import { BODY, field, join, utf8 } from '../../../src/check/checks/raw.ts'
import { selectChecks } from '../../../src/check/checks/index.ts'
import { runChecks } from '../../../src/check/run.ts'
import { main } from '../../../src/cli/main.ts'
import { startNetwork } from '../../../src/index.ts'
import { LIBP2P_PARTS } from '../nodes.ts'
import type { AddressInfo } from 'node:net'
import type { Run } from '../../../src/check/run.ts'
import type { CheckReport } from '../../../src/cli/check/json.ts'
import type { Network } from '../../../src/index.ts'

/** Runs the command in this process, with what it writes caught. */
async function run (...args: string[]): Promise<{ code: number, out: string, err: string }> {
  const out = mock.method(process.stdout, 'write', () => true)
  const err = mock.method(process.stderr, 'write', () => true)
  const textOf = ({ mock }: typeof out): string => stripVTControlCharacters(mock.calls.map(({ arguments: [text] }) => String(text)).join(''))

  try {
    const code = await main(['check', ...args], {})

    return { code, out: textOf(out), err: textOf(err) }
  } finally {
    out.mock.restore()
    err.mock.restore()
  }
}

/** A handshake with a genesis hash of 31 bytes. */
const SHORT_HASH = field(BODY.handshake, field(1, join(field(1, 1), field(2, utf8('vibecoin-test')), field(3, new Uint8Array(31)))))

describe('integration/check/command', function () {
  this.timeout(60_000)

  let node: Network
  let address: string
  let directory: string

  before(async () => {
    node = await startNetwork(withChain())
    address = node.libp2p.getMultiaddrs()[0]!.toString()
    directory = await mkdtemp(joinPath(tmpdir(), 'vibecoin-test-'))
  })

  after(async () => {
    await node.stop()
    await rm(directory, { recursive: true })
  })

  it('prints a table, and ends with 0 where nothing has failed', async () => {
    const { code, out, err } = await run(address, '--only', 'ping-n*', '--only', 'pruned-below')
    assert.equal(code, 0, err)
    assert.match(out, /^CHECK +RESULT/)
    assert.match(out, /^ping-nonce +ok/m)
    assert.match(out, /^pruned-below +skipped/m)
    assert.match(err, /^checking vibecoin-network\/\S+ at block 299 of vibecoin-test, /)
  })

  it('ends with 1 where a check is skipped and --strict is on, and writes JSON and JUnit', async () => {
    const file = joinPath(directory, 'junit.xml')
    const { code, out } = await run(address, '--only', 'pruned-below', '--only', 'ping-nonce', '--strict', '--json', '--junit', file)
    const { checks, ok, skipped } = JSON.parse(out) as CheckReport
    assert.deepEqual([code, ok, skipped], [1, 1, 1])
    assert.deepEqual(checks.map(({ id, verdict }) => [id, verdict]), [['pruned-below', 'skipped'], ['ping-nonce', 'ok']])
    assert.match(await readFile(file, 'utf8'), /<testsuite name="vibecoin-network check" tests="2" failures="0" skipped="1"/)
  })

  it('lists checks without a node', async () => {
    const { code, out } = await run('--list', '--only', 'tie-*')
    assert.deepEqual([code, out.trim().split('\n').map((line) => line.split(' ')[0])], [0, ['CHECK', 'tie-break-smaller', 'tie-break-larger']])
    const json = JSON.parse((await run('--list', '--only', 'tie-*', '--json')).out) as { id: string }[]
    assert.deepEqual(json.map(({ id }) => id), ['tie-break-smaller', 'tie-break-larger'])
  })

  it('has the node dialled by a command, and says when that fails', async () => {
    const { out } = await run(address, '--only', 'dial-handshake', '--dial-with', 'echo {} is not dialled >&2; exit 3', '--json')
    const { checks: [check] } = JSON.parse(out) as CheckReport
    assert.equal(check!.verdict, 'skipped')
    assert.match(check!.reason!, /^the command of --dial-with has failed: .*\/ip4\/127\.\d+\.\d+\.\d+\/tcp\/\d+\/p2p\/12D3Koo\w+ is not dialled/)
  })

  it('does not wait for the command that has the node dial, and says so where it is all that was left to wait for', async () => {
    const ofDial = (ask: (dialled: string) => Promise<void>): Promise<Run> => runChecks({
      address, checks: selectChecks(['dial-*']), patience: 10_000, listening: { address: '/ip4/127.0.0.1/tcp/0', ask }
    })
    // as a command that ends when the session is ready, or was refused
    const connect = async (dialled: string): Promise<void> => { await node.connect(dialled) }
    const [good, waited] = await Promise.all([ofDial(connect), run(address, '--only', 'dial-handshake', '--dial-with', 'exec sleep 600 # {}', '--json')])
    assert.deepEqual(good.results.map(({ check: { id }, verdict }) => `${id} ${verdict}`).filter((line) => !line.endsWith(' ok')), [])
    assert.match((JSON.parse(waited.out) as CheckReport).checks[0]!.reason!, /has not dialled .* within 15 s: the command is still running$/)
  })

  it('ends with 130 after Ctrl-C, with what has been found so far', async () => {
    const command = new CommandRun(['check', address, '--only', 'ping-nonce', '--only', 'handshake-timeout', '--json'], { NO_COLOR: '1' })
    let isAsked = false
    command.child.stderr.on('data', (text: string) => {
      if (!isAsked && text.includes('checking')) {
        isAsked = true
        // the other check takes ten seconds
        command.child.kill('SIGINT')
      }
    })
    const { code, out } = await command.end()
    const { isInterrupted, checks, left } = JSON.parse(out) as CheckReport
    assert.deepEqual([code, isInterrupted, checks.length + left], [130, true, 3])
    assert.ok(!checks.some(({ id }) => id === 'handshake-timeout'))
  })

  const wrong: [args: string[], text: RegExp][] = [
    [[], /^vibecoin-network: Expected the address of a node, such as \/ip4/],
    [['not-an-address'], /^vibecoin-network: Expected a multiaddr such as .*, got `not-an-address`/],
    [['/ip4/127.0.0.1/tcp/1', '--only', 'no-such-check'], /Expected --only to fit a check, got `no-such-check`/],
    [['/ip4/127.0.0.1/tcp/1', '--dial-with', 'my-node connect'], /Expected --dial-with to have \{\} in it, .* got `my-node connect`/],
    [['/dns4/node.invalid/tcp/1', '--dial-with', 'ssh node connect {}'], /Expected --listen with an address of this machine that .* got --dial-with alone/],
    [['/ip4/203.0.113.7/tcp/1', '--listen', '/ip4/127.0.0.1/tcp/0'], /Expected --listen with an address .* got `.*`, which is on loopback/],
    [['/ip4/127.0.0.1/tcp/1', '--source', 'eth0'], /Expected --source to be an IP address of this machine, got `eth0`/],
    [['/ip4/127.0.0.1/tcp/1', '--junit', '/nowhere/at/all.xml'], /Expected --junit to be a file that can be written: ENOENT.*'\/nowhere\/at\/all\.xml'/],
    [['/ip4/127.0.0.1/tcp/1', '--timeout', 'soon'], /Expected --timeout to be a number of seconds/]
  ]

  for (const [args, text] of wrong) {
    it(`ends with 2 for \`check ${args.join(' ')}\``, async () => {
      const { code, err } = await run(...args)
      assert.equal(code, 2)
      assert.match(err, text)
      assert.match(err, /Try: vibecoin-network check --help\n$/)
    })
  }

  describe('ends with 3, and says what to do, where', () => {
    async function expectNone (target: string, text: RegExp): Promise<void> {
      const { code, out, err } = await run(target, '--timeout', '2', '--only', 'ping-nonce')
      assert.deepEqual([code, out], [3, ''])
      assert.match(err, text)
    }

    it('nothing listens', async () => {
      await expectNone('/ip4/127.0.0.1/tcp/1', /nothing listens there\. Start the node, or correct the port\n$/)
    })

    it('the host has no address', async () => {
      await expectNone('/dns4/nowhere.invalid/tcp/1', /the host is not found or not reached\. Correct the address\n$/)
    })

    it('no libp2p node is there', async () => {
      const server = createServer((socket) => { socket.end('HTTP/1.1 400 Bad Request\r\n\r\n') }).listen(0, '127.0.0.1')
      await new Promise((resolve) => { server.once('listening', resolve) })
      await expectNone(`/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}`, /no libp2p node with Noise and Yamux/)
      server.close()
    })

    it('a libp2p node has an identity key that is none', async () => {
      const other = await createLibp2p({
        ...LIBP2P_PARTS,
        addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
        connectionEncrypters: [(components) => {
          const { peerId, privateKey, logger } = components
          const publicKey = Object.assign(Object.create(privateKey.publicKey) as typeof privateKey.publicKey, { raw: new Uint8Array(3) })
          const broken = Object.assign(Object.create(privateKey) as typeof privateKey, { publicKey })

          return noise()({ peerId, privateKey: broken, logger, get upgrader () { return components.upgrader } })
        }]
      })
      const target = other.getMultiaddrs()[0]!.toString().replace(/\/p2p\/.*/, '')
      await expectNone(target, /no libp2p node with Noise and Yamux.* failed in the handshake of Noise, its identity key and signature included/)
      await other.stop()
    })

    it('the handshake is malformed', async () => {
      const mutant = await Mutant.start(withChain(), {
        sent: ({ message }) => message?.type === 'handshake' ? [SHORT_HASH] : undefined
      })
      await expectNone(mutant.address, /speaks \/vibecoin\/1\.0\.0 and sends a malformed Handshake: .*genesis/i)
      await mutant.stop()
    })

    it('a libp2p node speaks another protocol', async () => {
      const other = await createLibp2p({ ...LIBP2P_PARTS, addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] } })
      await expectNone(other.getMultiaddrs()[0]!.toString(), /does not speak \/vibecoin\/1\.0\.0/)
      await other.stop()
    })

    it('the peer id of the address is that of another node', async () => {
      const other = '12D3KooWGaNs8rXF8SWqEc4KiK3oSEcTEDjstUoe49m9E9CxfWdd'
      await expectNone(address.replace(/[^/]*$/, other), /another node is there: the peer id at the end of the address is not its own\n$/)
    })
  })
})
