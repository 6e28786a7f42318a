import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { multiaddr } from '@multiformats/multiaddr'
import { flatAddress } from '../../../src/libp2p/patches/address-text.ts'

const CHILD = fileURLToPath(new URL('child-address-memory.ts', import.meta.url))

describe('libp2p/patches/address-text', () => {
  it('leaves an address what it is', () => {
    const text = '/ip4/127.0.0.1/tcp/8765/p2p/12D3KooWFWEJXYBPC19yQPaq45SzgBxXMJvRzVugFiB5GHj478z3'

    assert.equal(flatAddress(multiaddr(text)).toString(), text)
  })

  it('has it take less memory, in a process that does nothing else', () => {
    const [asParsed = NaN, flat = NaN] = JSON.parse(execFileSync(process.execPath, ['--expose-gc', CHILD], { encoding: 'utf8' })) as number[]

    assert.ok(asParsed - flat > 500, `${asParsed} bytes and ${flat}: multiaddr has changed, and the patch is not needed any more`)
  })
})
