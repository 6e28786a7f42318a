import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { bundles } from './bundles.ts'
import type { BundledFile } from './bundles.ts'

/** What is recorded may grow by so much before somebody has to look at it. */
const HEADROOM = 1.05

/** What makes code out of text, which a strict policy forbids. */
const EVALUATION = /\beval\s*\(|\bnew Function\b|\bFunction\s*\(\s*["'`]/

const sum = (files: BundledFile[], key: 'bytes' | 'gzipBytes'): number => files.reduce((total, file) => total + file[key], 0)

describe('browser/bundle', function () {
  this.timeout(60_000)

  let least: BundledFile[]
  let atOnce: BundledFile[]

  before(async () => {
    least = (await bundles())['least']!
    atOnce = least.filter((file) => file.atOnce)
  })

  it('is no larger than recorded in bundle-size.json', async () => {
    const recorded = JSON.parse(await readFile(new URL('bundle-size.json', import.meta.url), 'utf8')) as Record<string, number>
    const found = { minified: sum(atOnce, 'bytes'), gzip: sum(atOnce, 'gzipBytes') }
    const message = `recorded ${JSON.stringify(recorded)}, found ${JSON.stringify(found)}: record it where it is worth that`

    for (const [name, bytes] of Object.entries(found)) {
      assert.ok(bytes <= recorded[name]! * HEADROOM, message)
      assert.ok(bytes >= recorded[name]! / HEADROOM / HEADROOM, message)
    }
  })

  it('has nothing in it that is for Node.js', () => {
    const inputs = least.flatMap((file) => file.inputs)

    for (const name of ['classic-level', '@libp2p/tcp', 'ws', '@libp2p/mdns', '@libp2p/upnp-nat', 'node-datachannel']) {
      assert.deepEqual(inputs.filter((path) => path.startsWith(`node_modules/${name}/`)), [], name)
    }

    for (const { content } of least) {
      assert.doesNotMatch(Buffer.from(content).toString(), /["']node:/)
    }
  })

  it('evaluates no text', () => {
    for (const { name, content } of least) {
      assert.doesNotMatch(Buffer.from(content).toString(), EVALUATION, name)
    }
  })

  it('loads what is optional only on demand', () => {
    const inputs = atOnce.flatMap((file) => file.inputs)

    for (const name of ['@libp2p/kad-dht', '@libp2p/circuit-relay-v2', '@libp2p/webrtc', 'datastore-idb']) {
      assert.deepEqual(inputs.filter((path) => path.startsWith(`node_modules/${name}/`)), [], name)
    }
  })
})
