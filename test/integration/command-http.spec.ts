import assert from 'node:assert/strict'
import { CommandRun } from './command-run.ts'

describe('integration/command-http', function () {
  this.timeout(30_000)
  let command: CommandRun

  afterEach(async () => {
    command.child.kill('SIGKILL')
    await command.end()
  })

  function start (...args: string[]): void {
    command = new CommandRun(['start', '--json', '--listen', '/ip4/127.0.0.1/tcp/0', ...args])
  }

  it('serves metrics, health and status of a node, until it stops', async () => {
    start('--http', '127.0.0.1:0', '--make-blocks', '0.5')
    const url = String((await command.line('serving'))['url'])
    const page = await (await fetch(`${url}/metrics`)).text()
    assert.match(page, /^vibecoin_peers\{direction="inbound"\} 0$/m)
    assert.match(page, /^nodejs_eventloop_lag_p99_seconds \d/m)
    assert.equal((await fetch(`${url}/healthz`)).status, 200)
    assert.equal((await fetch(`${url}/readyz`)).status, 503)
    assert.equal(((await (await fetch(`${url}/status`)).json()) as { node: { network: string } }).node.network, 'vibecoin-devnet')
    command.child.kill('SIGTERM')
    assert.equal((await command.end()).code, 0)
    await assert.rejects(fetch(url))
  })

  it('does not start where others could read them, unless that is said too', async () => {
    start('--http', '0.0.0.0:0')
    const { code, err } = await command.end()
    assert.equal(code, 2)
    assert.match(err, /Expected --http to be an address of loopback, got 0\.0\.0\.0:0/)
  })

  it('ends where the port is taken, and says so', async () => {
    start('--http', '127.0.0.1:0')
    const url = String((await command.line('serving'))['url'])
    const other = new CommandRun(['start', '--listen', '/ip4/127.0.0.1/tcp/0', '--http', new URL(url).host])
    const { code, err } = await other.end()
    assert.equal(code, 1)
    assert.match(err, /Could not serve HTTP on 127\.0\.0\.1:\d+: the port is taken/)
  })
})
