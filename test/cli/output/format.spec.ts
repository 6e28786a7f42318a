import assert from 'node:assert/strict'
import { cleanText, cutText, formatBlockRate, formatBytes, formatCount, formatDuration, formatTime, peerLabel, shortHash, shortId, toHex } from '../../../src/cli/output/format.ts'

describe('cli/output/format', () => {
  describe('text that a peer chose', () => {
    const cases: [string, string, string][] = [
      ['plain text', 'node-1', 'node-1'],
      ['letters of any script', 'Ünïcødé 节点 🚀', 'Ünïcødé 节点 🚀'],
      ['the escape of terminal sequences', 'a\x1b[31mb\x1b]0;title\x07c', 'a[31mb]0;titlec'],
      ['C1 control characters', 'a\x9b31mb\x85c', 'a31mbc'],
      ['ends of lines of any kind', 'a\r\nb\u2028c\u2029d\x0be', 'abcde'],
      ['characters that change the direction of text', 'a\u202eb\u2066c\u200fd', 'abcd'],
      ['characters without a width', 'a\u200bb\ufeffc', 'abc'],
      ['half a character', 'a\ud800b', 'a\ufffdb'],
      ['NUL and DEL', 'a\x00b\x7fc', 'abc']
    ]

    for (const [what, text, expected] of cases) {
      it(`is printed without harm: ${what}`, () => {
        assert.equal(cleanText(text), expected)
      })
    }

    it('takes at most as many columns as asked, and is cut between characters', () => {
      assert.equal(cleanText('x'.repeat(64)), 'x'.repeat(64))
      assert.equal(cleanText('x'.repeat(65)), `${'x'.repeat(63)}…`)
      assert.equal(cleanText('🚀🚀🚀', 5), '🚀🚀…')
      assert.equal(cleanText('🚀🚀🚀', 4), '🚀…')
      assert.equal(cleanText('节点节点', 8), '节点节点')
      assert.equal(cutText('abc', 0), '')
    })

    it('is not looked at beyond its first characters', () => {
      assert.equal(cleanText('\x00'.repeat(5000) + 'a'), '')
    })
  })

  it('calls a peer by its name, or by its id where the name has nothing to print', () => {
    const id = '12D3KooWBhMbLvQGgrByMsWnzvpWPpUmFYzLsTnHhDqkFvNxYxab'
    assert.equal(peerLabel({ id, nodeId: 'alpha' }), 'alpha')
    assert.equal(peerLabel({ id, nodeId: '' }), '..FvNxYxab')
    assert.equal(peerLabel({ id, nodeId: ' \x1b\u202e ' }), '..FvNxYxab')
    assert.equal(Array.from(peerLabel({ id, nodeId: 'x'.repeat(64) })).length, 24)
  })

  it('shortens hashes and ids, and leaves short ones', () => {
    assert.equal(shortHash(toHex(Uint8Array.of(0x1a, 0x2b, 0x3c, 0x4d, 0x5e, 0x6f))), '1a2b3c4d..')
    assert.equal(shortHash('1a2b'), '1a2b')
    assert.equal(shortId('short'), 'short')
  })

  it('shows bytes in the unit that suits them', () => {
    const cases: [number, string][] = [
      [0, '0 B'], [999, '999 B'], [1000, '1 kB'], [1234, '1.2 kB'], [99_900, '99.9 kB'], [2_500_000_000, '2.5 GB']
    ]

    assert.deepEqual(cases.map(([bytes]) => formatBytes(bytes)), cases.map(([, text]) => text))
  })

  it('shows durations in the unit that suits them', () => {
    const cases: [number, string][] = [
      [0.34, '0.3ms'], [12.7, '13ms'], [999.4, '999ms'], [1500, '1.5s'], [59_900, '59.9s'], [60_000, '1m'], [3_599_900, '59m 59s'],
      [3_660_000, '1h 1m']
    ]

    assert.deepEqual(cases.map(([ms]) => formatDuration(ms)), cases.map(([, text]) => text))
  })

  it('writes a rate of blocks with a decimal where they are few, and as 0 only where none come', () => {
    assert.deepEqual([0, 0.01, 0.26, 1, 9.96, 10.4, 1234.5].map(formatBlockRate), [
      '0 blocks/s', '0.1 blocks/s', '0.3 blocks/s', '1 block/s', '10 blocks/s', '10 blocks/s', '1235 blocks/s'
    ])
  })

  it('shows the time of day with two digits each', () => {
    assert.equal(formatTime(new Date(2026, 10, 22, 7, 5, 9)), '07:05:09')
  })

  it('counts one and many', () => {
    assert.deepEqual([0, 1, 2].map((count) => formatCount(count, 'block')), ['0 blocks', '1 block', '2 blocks'])
  })
})
