import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasTool, opsFile, run } from './tools.ts'

/** What systemd calls OK ends at 2, of 10. The network itself counts 1.0, and an address that is listened on 0.1. */
const MAX_EXPOSURE = 1.5

describe('ops/systemd', function () {
  this.timeout(60_000)
  let directory: string
  let file: string

  before(function () {
    if (!hasTool('systemd-analyze')) {
      console.log('    skipped: no systemd-analyze')
      this.skip()
    }
  })

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vibecoin-systemd-'))
    file = join(directory, 'vibecoin.service')
    // systemd looks whether the program is there
    await writeFile(file, opsFile('systemd/vibecoin.service').replace('/usr/bin/vibecoin-network', '/bin/true'))
  })

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true })
  })

  it('is a unit that systemd understands, without a warning', () => {
    assert.deepEqual(run('systemd-analyze', ['verify', file]), { code: 0, output: '' })
  })

  it('exposes little of the machine', () => {
    const { output } = run('systemd-analyze', ['security', '--offline=true', file])
    const exposure = /Overall exposure level for vibecoin.service: ([\d.]+)/.exec(output)?.[1]
    assert.ok(Number(exposure) <= MAX_EXPOSURE, output)
  })
})
