import assert from 'node:assert/strict'
import fc from 'fast-check'
import { LineSplitter } from '../../src/util/line-splitter.ts'

describe('util/line-splitter', () => {
  it('gives the same lines however the text is cut into chunks', () => {
    fc.assert(fc.property(fc.array(fc.string({ maxLength: 20 }).map((text) => text.replaceAll('\n', ''))), fc.integer({ min: 1, max: 30 }), (lines, size) => {
      const text = lines.map((line) => `${line}\n`).join('')
      const splitter = new LineSplitter()
      const found: string[] = []

      for (let at = 0; at < text.length; at += size) {
        found.push(...splitter.push(text.slice(at, at + size)))
      }

      assert.deepEqual(found, lines)
    }))
  })

  it('keeps an unfinished line to itself', () => {
    const splitter = new LineSplitter()
    assert.deepEqual(splitter.push('a\nb'), ['a'])
    assert.deepEqual(splitter.push('c'), [])
    assert.deepEqual(splitter.push('\n'), ['bc'])
  })

  it('gives a line of N characters, drops one of N + 1, and goes on after it', () => {
    const splitter = new LineSplitter(5)
    assert.deepEqual(splitter.push('12345\n123456\nabc\n'), ['12345', 'abc'])
    assert.deepEqual(splitter.push('123'), [])
    assert.deepEqual(splitter.push('456'), [])
    assert.deepEqual(splitter.push('7'), [])
    assert.deepEqual(splitter.push('8\nabc\n'), ['abc'])
  })
})
