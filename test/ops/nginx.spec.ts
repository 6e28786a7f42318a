import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { endTools, hasTool, opsFile, run, start } from './tools.ts'
import { freePorts, nextEvent, startNode, stopNodes } from '../integration/nodes.ts'
import { eventually } from '../support/eventually.ts'
import { sampleBlock, sampleHash } from '../support/sample.ts'
import type { Network } from '../../src/index.ts'

const TLS = fileURLToPath(new URL('../integration/tls', import.meta.url))

/** Sessions of one visitor that the configuration lets through. */
const MAX_CONNECTIONS = 4

describe('ops/nginx', function () {
  this.timeout(60_000)
  const trusted = getCACertificates('default')
  let directory: string

  before(function () {
    if (!hasTool('nginx')) {
      console.log('    skipped: no nginx')
      this.skip()
    }
  })

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vibecoin-nginx-'))
    setDefaultCACertificates([...trusted, readFileSync(join(TLS, 'cert.pem'), 'utf8')])
  })

  afterEach(async () => {
    setDefaultCACertificates(trusted)
    await stopNodes()
    await endTools()
    await rm(directory, { recursive: true, force: true })
  })

  /** nginx with the file of ops/, with ports and certificate of this test. Returns where it listens. */
  async function startNginx (behind: number): Promise<number> {
    const [port] = await freePorts(1)
    const changes: [string, string][] = [
      ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
      ['server_name node.example.org', 'server_name localhost'],
      ['/etc/letsencrypt/live/node.example.org/fullchain.pem', join(TLS, 'cert.pem')],
      ['/etc/letsencrypt/live/node.example.org/privkey.pem', join(TLS, 'key.pem')],
      ['http://127.0.0.1:8766', `http://127.0.0.1:${behind}`]
    ]
    const site = changes.reduce((text, [from, to]) => {
      assert.ok(text.includes(from), from)

      return text.replace(from, to)
    }, opsFile('nginx/vibecoin.conf'))
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${directory}/${kind};`)
    const file = join(directory, 'nginx.conf')
    await writeFile(join(directory, 'vibecoin.conf'), site)
    await writeFile(file, `daemon off; master_process off; pid ${directory}/pid; error_log stderr;
      events {}
      http { access_log off; ${temporary.join(' ')} include ${directory}/vibecoin.conf; }`)

    const checked = run('nginx', ['-t', '-c', file, '-p', directory])
    assert.equal(checked.code, 0, checked.output)
    const { output, process } = start('nginx', ['-c', file, '-p', directory])
    await eventually(() => process.exitCode != null || isListening(port!), 'nginx')
    assert.equal(process.exitCode, null, output())

    return port!
  }

  const open = new Map<number, boolean>()

  function isListening (port: number): boolean {
    const socket = connectTcp(port, '127.0.0.1')
    socket.on('connect', () => { open.set(port, true) })
    socket.on('connect', () => { socket.destroy() })
    socket.on('error', () => {})

    return open.get(port) === true
  }

  async function startBehind (): Promise<{ node: Network, address: string }> {
    const [behind] = await freePorts(1)
    const node = await startNode({ listen: [`/ip4/127.0.0.1/tcp/${behind}/ws`], maxInboundRate: 50 })
    const port = await startNginx(behind!)

    return { node, address: `/ip4/127.0.0.1/tcp/${port}/tls/ws/p2p/${node.libp2p.peerId.toString()}` }
  }

  it('leads a peer at /tls/ws to the node behind it, and a block of 2 MB to the peer', async () => {
    const { node, address } = await startBehind()
    const visitor = await startNode({ listen: ['/ip4/127.0.0.1/tcp/0/ws'] })
    await visitor.connect(address)
    const arrived = nextEvent(visitor, 'block')
    const block = sampleBlock({ height: 1, hash: sampleHash('behind nginx'), transactions: [], proof: new Uint8Array(2_000_000).fill(7) })
    await eventually(() => [...node.peers].length === 1, 'the session')
    node.broadcast({ type: 'newBlock', block })

    assert.deepEqual((await arrived).block.hash, block.hash)
    assert.match([...node.peers][0]!.address, /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws/)
  })

  it(`lets ${MAX_CONNECTIONS} connections of a visitor through, and refuses the next`, async () => {
    const { node, address } = await startBehind()

    for (let i = 0; i < MAX_CONNECTIONS; i++) {
      await (await startNode({ listen: ['/ip4/127.0.0.1/tcp/0/ws'] })).connect(address)
    }

    await eventually(() => [...node.peers].length === MAX_CONNECTIONS, 'the sessions')
    await assert.rejects((await startNode({ listen: ['/ip4/127.0.0.1/tcp/0/ws'] })).connect(address))
  })
})
