import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { NODE_PORT } from './internet.ts'
import { useInternet } from './use-internet.ts'
import type { Diagnosis } from '../../src/cli/doctor/diagnose.ts'
import type { Host } from '../integration/hosts.ts'
import type { ChildProcessByStdio } from 'node:child_process'
import type { Readable } from 'node:stream'

type Command = ChildProcessByStdio<null, Readable, null>

const BIN = fileURLToPath(new URL('../../src/cli/bin.ts', import.meta.url))

describe('hosts/doctor', function () {
  this.timeout(120_000)
  let seed = ''
  /** A node that dials others back where they ask it to. */
  let helper: Command

  afterEach(async () => {
    helper.kill('SIGKILL')
    await once(helper, 'close')
  })

  const internet = useInternet('miniupnpd')

  beforeEach(async () => {
    const host = await internet.addHost()
    seed = `/ip4/${host.ip}/tcp/${NODE_PORT}`
    helper = spawnIn(host, 'start', '--autonat', '--announce', seed, '--json')
    await once(helper.stdout, 'data')
    helper.stdout.resume()
  })

  function spawnIn (host: Host, ...args: string[]): Command {
    return spawn('ip', ['netns', 'exec', host.name, process.execPath, BIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  }

  async function doctor (host: Host, ...args: string[]): Promise<{ code: number | null, diagnosis: Diagnosis }> {
    const child = spawnIn(host, 'doctor', '--json', '--seed', seed, ...args)
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => { out += chunk })
    const [code] = await once(child, 'close') as [number | null]

    return { code, diagnosis: JSON.parse(out) as Diagnosis }
  }

  it('says that a public node is reached', async () => {
    const { code, diagnosis } = await doctor(await internet.addHost(), '--no-upnp', '--wait', '40')
    assert.deepEqual([code, diagnosis.verdict, diagnosis.peers], [0, 'reachable', 1])
  })

  for (const [kind, protocol] of [['upnp', 'UPnP'], ['pcp', 'PCP'], ['nat-pmp', 'NAT-PMP']] as const) {
    it(`says that a node is reached whose gateway opens the port by ${protocol}, and has it closed again`, async () => {
      const home = await internet.addHome(kind)
      const { code, diagnosis } = await doctor(home.host, '--wait', '60')
      assert.deepEqual([code, diagnosis.verdict], [0, 'reachable'], JSON.stringify(diagnosis))
      assert.ok(diagnosis.findings.includes(`The gateway leads ${home.outside} to this node (${protocol}).`), JSON.stringify(diagnosis))
      assert.equal(await internet.isMapped(home), false)
    })
  }

  it('says that a node behind a closed NAT is behind a router, and what to do', async () => {
    const { code, diagnosis } = await doctor((await internet.addHome('closed')).host, '--wait', '15')
    assert.deepEqual([code, diagnosis.verdict], [3, 'unknown'])
    assert.match(diagnosis.findings.join(' '), /behind a router.*No gateway has opened the port: 192\.168\.1\.1 answers neither PCP nor NAT-PMP, and none speaks UPnP/)
    assert.match(diagnosis.advice.join(' '), /--relay --hole-punch --webrtc/)
  })
})
