import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { VERSION } from '../src/version.ts'

describe('version', () => {
  it('is the one in package.json', () => {
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

    assert.equal(VERSION, manifest.version)
  })
})
