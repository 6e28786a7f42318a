import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { CHECKS, selectChecks } from '../../src/check/checks/index.ts'

const PROTOCOL = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8')

/** The text below each heading, up to the next one, with single spaces: lines are cut anywhere. */
function sections (): Map<string, string> {
  const parts = PROTOCOL.split(/^#+ /m).slice(1)

  return new Map(parts.map((part) => {
    const end = part.indexOf('\n')

    return [part.slice(0, end), part.slice(end).replace(/\s+/g, ' ')]
  }))
}

describe('check/checks', () => {
  it('are about a hundred and more, each with an id and a title of its own', () => {
    assert.ok(CHECKS.length >= 100, `${CHECKS.length} checks`)

    for (const key of ['id', 'title'] as const) {
      const seen = new Set<string>()
      CHECKS.forEach((check) => {
        assert.ok(!seen.has(check[key]), check[key])
        seen.add(check[key])
      })
    }
  })

  it('have ids of lower case words', () => {
    CHECKS.forEach(({ id }) => { assert.match(id, /^[a-z0-9]+(-[a-z0-9]+)+$/) })
  })

  it('stand in a section of the protocol that has their text in it, word by word', () => {
    const found = sections()

    for (const { id, section, text } of CHECKS) {
      const content = found.get(section)
      assert.ok(content != null, `${id} names the section "${section}", which is not there`)
      assert.ok(content.includes(text), `${id}: "${section}" does not say "${text}"`)
    }
  })

  it('test each rule of the grammar, each section with rules, and each disconnect reason that a peer can cause', () => {
    const rules = [...sections().get('Grammar')!.matchAll(/\| `([a-z-]+)` \|/g)].map(([, rule]) => rule!)
    const tested = CHECKS.filter(({ id }) => id.startsWith('vector-')).map(({ id }) => id.slice('vector-'.length))
    assert.deepEqual(rules.filter((rule) => !tested.includes(rule)), [])

    for (const section of ['Transport', 'Frames', 'Messages', 'Grammar', 'Handshake', 'Versions', 'Fork ids', 'Pruned nodes', 'Fields', 'Have and Want', 'Relay', 'Requests', 'Ping', 'Rates', 'Takeover']) {
      assert.ok(CHECKS.some((check) => check.section === section), section)
    }
  })

  describe('are picked', () => {
    it('by a part of the id or the section, in any case', () => {
      assert.deepEqual(selectChecks(['PING-NONCE']).map(({ id }) => id), ['ping-nonce'])
      assert.ok(selectChecks(['takeover']).every(({ id, section }) => /takeover/i.test(`${id} ${section}`)))
      assert.ok(selectChecks(['takeover']).length > 3)
    })

    it('by a pattern that has to match the whole', () => {
      assert.deepEqual(selectChecks(['tie-*r']).map(({ id }) => id), ['tie-break-smaller', 'tie-break-larger'])
      assert.deepEqual(selectChecks(['-break-*']), [])
    })

    it('all where there is no pattern, and none where none fits', () => {
      assert.equal(selectChecks([]).length, CHECKS.length)
      assert.deepEqual(selectChecks(['no such (check']), [])
    })
  })
})
