import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { renderSchema, SCHEMA_FILE } from '../../../scripts/reference/json-schema.ts'

describe('cli/output/json-schema', function () {
  this.timeout(60_000)

  const text = readFileSync(SCHEMA_FILE, 'utf8')
  const validate = new Ajv({ allowUnionTypes: true }).compile(JSON.parse(text) as object)

  it('is what npm run docs:reference writes', () => {
    assert.equal(text, renderSchema())
  })

  it('takes a line, and none with a field too few, too many, or of another type', () => {
    const line = { time: '2026-01-01T00:00:00.000Z', event: 'made', node: 'a', height: 1, hash: 'ab', transactions: 2 }
    const { hash, ...without } = line

    assert.equal(validate(line), true)
    assert.deepEqual([without, { ...line, extra: hash }, { ...line, height: '1' }, { ...line, event: 'other' }].map((line) => validate(line)), [false, false, false, false])
  })
})
