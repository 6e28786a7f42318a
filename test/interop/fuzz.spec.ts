import assert from 'node:assert/strict'
import { readArgs } from './fuzz/args.ts'
import { Differ } from './fuzz/differ.ts'
import { CRASH, judge } from './fuzz/judgement.ts'
import { PeerJudge } from './fuzz/peer-judge.ts'
import { describePeers } from './peers.ts'
import { Random } from '../fuzz/random.ts'
import { fromHex, toHex } from '../fuzz/seeds.ts'
import type { Finding } from './fuzz/differ.ts'
import type { Answer, Question } from './fuzz/judgement.ts'
import type { Judge } from './fuzz/peer-judge.ts'

/** Judged in each run of the tests; `npm run fuzz:interop` judges more. */
const INPUTS = 20_000
const SEED = 7

/** The rules of docs/protocol.md, but for `item-size`: what is so large is rare, and in test/fixtures. */
const RULES = [
  'frame-size', 'frame-length', 'tag', 'wire-type', 'length', 'varint', 'end', 'known-type', 'width', 'once', 'required', 'hash',
  'safe-integer', 'text', 'size', 'count', 'order', 'index', 'empty-range', 'first-message', 'second-handshake'
]
const KINDS = [
  'handshake', 'newBlock', 'newTransaction', 'requestBlock', 'responseBlock', 'requestBlockRange', 'responseBlockRange', 'ping', 'pong',
  'disconnect', 'have', 'want', 'requestPeers', 'responsePeers'
]

async function run (judges: Judge[], inputs = INPUTS): Promise<{ findings: Finding[], differ: Differ }> {
  const findings: Finding[] = []
  const differ = new Differ({ random: new Random(SEED), judges, onFinding: (finding) => { findings.push(finding) } })
  await differ.run(inputs)

  return { findings, differ }
}

/** Our decoder with a fault. */
function faulty (answer: (question: Question, right: Answer) => Answer): Judge {
  return { name: 'faulty', judge: (questions) => questions.map((question) => answer(question, judge(question).answer)) }
}

describePeers('mutated frames', ({ binary, language }) => {
  it(`are judged alike: ${INPUTS} of them`, async () => {
    const peer = new PeerJudge(language, binary())

    try {
      const { findings } = await run([peer])
      assert.deepEqual(findings.map(({ question, ...rest }) => ({ frame: toHex(question.frame), isFirst: question.isFirst, ...rest })), [])
    } finally {
      peer.end()
    }
  })
})

describe('interop: the comparison of decoders', () => {
  it('breaks every rule, and has every kind of message taken', async () => {
    const { differ } = await run([])
    const about = new Set([...differ.counts.keys()].map((key) => key.split(' ').slice(1).join(' ')))
    assert.deepEqual([...RULES, ...KINDS].filter((name) => !about.has(name)), [])
    assert.equal(differ.inputs, INPUTS)
  })

  it('is the same for the same seed', async () => {
    const [one, two] = [await run([], 3000), await run([], 3000)]
    assert.deepEqual(one.differ.counts, two.differ.counts)
  })

  it('finds a decoder that takes another meaning, and makes the frame as short as it can', async () => {
    // takes a ping for one with another nonce
    const { findings } = await run([faulty(({ isFirst, frame }, right) => {
      return !isFirst && right[0] === 0 && frame[1] === 0x4a ? new Uint8Array([...right.slice(0, -1), 99]) : right
    })], 3000)
    assert.deepEqual(findings.map(({ question, ...rest }) => ({ frame: toHex(question.frame), ...rest })), [
      { frame: '024a00', verdicts: { ours: 'valid', faulty: 'valid' }, about: 'ping' }
    ])
  })

  it('finds a decoder that refuses what is to be ignored, and one that ends', async () => {
    const refusing = await run([faulty((_, right) => right[0] === 1 ? Uint8Array.of(4) : right)], 3000)
    assert.deepEqual(refusing.findings.map(({ verdicts }) => verdicts), [{ ours: 'ignored', faulty: 'violation' }])
    const ending = await run([faulty((_, right) => right[0] === 2 ? CRASH : right)], 3000)
    assert.ok(ending.findings.length > 0 && ending.findings.every(({ verdicts }) => verdicts['faulty'] === 'crash'))
  })

  it('finds the frame that ends a peer among many', async () => {
    // a program that is no peer: it ends at once
    const said: string[] = []
    const peer = new PeerJudge('none', process.execPath, (text) => { said.push(text) })
    const question = { isFirst: false, frame: fromHex('024a00') }
    assert.deepEqual(await peer.judge([question, question, question]), [CRASH, CRASH, CRASH])
    assert.match(said.join(), /none: It has ended with 9: .*bad option: --judge-stdin/s)
    peer.end()
  })

  it('reads its command line', () => {
    assert.deepEqual(readArgs(['--inputs', '5', '--seed', '1', '--replay', '024a00', '--first']), {
      inputs: 5, seed: 1, replay: { isFirst: true, isFeatured: false, frame: fromHex('024a00') }
    })
    assert.equal(readArgs(['--replay', '024a00', '--featured'])?.replay?.isFeatured, true)
    assert.throws(() => readArgs(['--replay', '024a00', '--first', '--featured']), { name: 'RangeError', message: /^Expected --featured to come without --first/ })
    assert.equal(readArgs([])?.inputs, 1_000_000)
    assert.equal(readArgs(['--help']), undefined)
    assert.throws(() => readArgs(['--replay', 'x']), { name: 'RangeError', message: 'Expected --replay to be bytes in hex' })
    assert.throws(() => readArgs(['--first']), { name: 'RangeError', message: 'Expected --first to come with --replay' })
    assert.throws(() => readArgs(['--inputs', '0']), { name: 'RangeError' })
  })
})
