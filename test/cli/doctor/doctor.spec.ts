import assert from 'node:assert/strict'
import { once } from 'node:events'
import { CommandRun } from '../../integration/command-run.ts'

describe('cli/doctor/doctor', function () {
  this.timeout(60_000)

  it('says that Ctrl-C came before all was known, and ends with 130', async () => {
    const doctor = new CommandRun(['doctor', '--listen', '/ip4/127.0.0.1/tcp/0', '--no-upnp', '--wait', '60'], { DEBUG: 'vibecoin*,libp2p*' })
    // its node starts by then
    await once(doctor.child.stderr, 'data')
    doctor.child.kill('SIGINT')
    const { code, out, err } = await doctor.end()
    assert.deepEqual([code, out], [130, ''])
    assert.match(err, /^vibecoin-network: Ended by Ctrl-C before all was known$/m)
  })
})
