import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fromHex, readFrames } from '../support/read-frames.ts'
import { ruleOn } from '../support/reference.ts'
import { fixtureFiles } from '../../scripts/fixtures.ts'
import { fromJson } from '../../scripts/fixtures/json.ts'
import { expand } from '../../scripts/fixtures/large.ts'
import { readEnvelope } from '../../src/codec/envelope.ts'
import { encodeFrame } from '../../src/codec/frame.ts'
import { encodeItemFrame } from '../../src/codec/items/item-frame.ts'
import { checkReceivedSize, readItem } from '../../src/codec/items/items.ts'
import { MAX_FRAME_BYTES, MAX_HANDSHAKE_FRAME_BYTES, maxItemBytes } from '../../src/codec/limits.ts'
import { decodeMessage, encodeMessage } from '../../src/codec/message.ts'
import { encodeBlockResponse } from '../../src/codec/items/response-frame.ts'
import type { Ruling } from '../support/reference.ts'
import type { FeatureFixture, InvalidFixture, MessageFixture, ToleratedFixture } from '../../scripts/fixtures.ts'
import type { LargeFixture } from '../../scripts/fixtures/large.ts'
import type { Feature } from '../../src/types/features.ts'
import type { WireMessage } from '../../src/types/message.ts'

function read (file: string): string {
  return readFileSync(new URL(`../fixtures/${file}`, import.meta.url), 'utf8')
}

function messageOf ({ type, message }: { type: string | null, message: unknown }): WireMessage | undefined {
  return type == null ? undefined : { type, ...fromJson(message as never) as object } as WireMessage
}

async function decodeFrame (
  hex: string, phase?: string, features: readonly Feature[] = []
): Promise<{ message: WireMessage | undefined, requestId: string | null }> {
  const frames = await readFrames([fromHex(hex)], { maxBytes: () => (phase === 'before' ? MAX_HANDSHAKE_FRAME_BYTES : MAX_FRAME_BYTES) })
  assert.equal(frames.length, 1)
  const { message, requestId } = decodeMessage(frames[0]!, features)

  return { message, requestId: requestId?.toString() ?? null }
}

/** What the naive decoder makes of the message in a frame. */
async function rule (hex: string, features: readonly Feature[] = []): Promise<Ruling> {
  return ruleOn((await readFrames([fromHex(hex)]))[0]!, features)
}

/** Rules for frames, which are none for messages, and rules for when a message comes. */
const FRAME_RULES = new Set<string | null>([null, 'frame-size', 'frame-length'])
const SESSION_RULES = new Set<string | null>(['first-message', 'second-handshake'])

const MOST = maxItemBytes(MAX_FRAME_BYTES)

describe('codec/fixtures', () => {
  for (const [file, content] of Object.entries(fixtureFiles())) {
    it(`${file} is what \`node scripts/fixtures.ts\` writes`, () => {
      assert.equal(read(file), content)
    })

    it(`${file} has each name once`, () => {
      const names = (JSON.parse(content) as { name: string }[]).map(({ name }) => name)

      assert.deepEqual(names, [...new Set(names)])
    })
  }

  describe('messages.json', () => {
    for (const fixture of JSON.parse(read('messages.json')) as MessageFixture[]) {
      it(`${fixture.name} is encoded to its frame and decoded from it`, async () => {
        const message = messageOf(fixture)!
        const requestId = fixture.requestId == null ? undefined : BigInt(fixture.requestId)

        assert.equal(Buffer.from(encodeFrame(encodeMessage(message, requestId))).toString('hex'), fixture.frame)
        assert.deepEqual(await decodeFrame(fixture.frame), { message, requestId: fixture.requestId })
        assert.deepEqual(await rule(fixture.frame), { effect: 'taken', message, requestId })
      })
    }
  })

  describe('invalid.json', () => {
    for (const { name, frame, rule: broken, effect, phase } of JSON.parse(read('invalid.json')) as InvalidFixture[]) {
      if (SESSION_RULES.has(broken)) {
        it(`${name} is what no codec refuses`, async () => {
          assert.notEqual((await rule(frame)).effect, 'violation')
        })
        continue
      }

      it(`${name} is refused for this and nothing else: ${effect}, ${broken}`, async () => {
        await assert.rejects(decodeFrame(frame, phase), { name: 'DecodeError', rule: broken ?? undefined, truncated: effect === 'lost' })

        if (!FRAME_RULES.has(broken)) {
          assert.equal((await rule(frame)).effect, effect)
        }
      })
    }

    it('has a frame for each rule that docs/protocol.md has for bytes, and the rules have these names', () => {
      const protocol = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8')
      const [, table = ''] = protocol.split('\n| rule | what is broken |\n')
      const listed = table.slice(0, table.indexOf('\n\n')).split('\n').flatMap((row) => /^\| `([\w-]+)`/.exec(row)?.[1] ?? [])
      const files = ['invalid.json', 'large.json', 'features.json'].map((file) => JSON.parse(read(file)) as { rule?: string | null }[])

      assert.deepEqual(new Set(files.flat().flatMap(({ rule }) => rule ?? [])), new Set(listed))
    })
  })

  describe('tolerated.json', () => {
    for (const fixture of JSON.parse(read('tolerated.json')) as ToleratedFixture[]) {
      it(`${fixture.name} is decoded`, async () => {
        const message = messageOf(fixture)
        const requestId = fixture.requestId == null ? undefined : BigInt(fixture.requestId)

        assert.deepEqual(await decodeFrame(fixture.frame), { message, requestId: fixture.requestId })
        assert.deepEqual(await rule(fixture.frame), message == null ? { effect: 'ignored', requestId } : { effect: 'taken', message, requestId })
      })
    }
  })

  describe('features.json', () => {
    for (const fixture of JSON.parse(read('features.json')) as FeatureFixture[]) {
      const { name, frame, features } = fixture

      if ('rule' in fixture) {
        it(`${name} is refused for this and nothing else: ${fixture.effect}, ${fixture.rule}`, async () => {
          await assert.rejects(decodeFrame(frame, 'after', features), { name: 'DecodeError', rule: fixture.rule })
          assert.equal((await rule(frame, features)).effect, fixture.effect)
        })
        continue
      }

      it(`${name} is decoded`, async () => {
        const message = messageOf(fixture)
        const requestId = fixture.requestId == null ? undefined : BigInt(fixture.requestId)

        if (fixture.effect === 'valid') {
          assert.equal(Buffer.from(encodeFrame(encodeMessage(message!, requestId))).toString('hex'), frame)
        }

        assert.deepEqual(await decodeFrame(frame, 'after', features), { message, requestId: fixture.requestId })
        assert.deepEqual(await rule(frame, features), message == null ? { effect: 'ignored', requestId } : { effect: 'taken', message, requestId })
      })
    }
  })

  describe('large.json', () => {
    for (const { name, type, effect, bytes, sha256, frame: parts } of JSON.parse(read('large.json')) as LargeFixture[]) {
      it(`${name}: ${effect}`, async () => {
        const frame = fromHex(expand(parts))
        assert.deepEqual([frame.byteLength, createHash('sha256').update(frame).digest('hex')], [bytes, sha256])
        const { body } = readEnvelope((await readFrames([frame]))[0]!)
        const item = readItem(body)!
        const isLegal = effect === 'valid' || effect === 'tolerated'

        if (isLegal) {
          checkReceivedSize(item, MOST)
        } else {
          assert.throws(() => checkReceivedSize(item, MOST), { name: 'DecodeError', rule: 'item-size' })
        }

        if (effect === 'valid') {
          const made = type === 'responseBlock'
            ? encodeBlockResponse(item, { requestId: 2n ** 64n - 1n, maxBytes: MAX_FRAME_BYTES })
            : encodeItemFrame(type as 'newBlock', item, MAX_FRAME_BYTES)
          assert.ok(Buffer.from(made.subarray()).equals(frame))
        } else if (!isLegal) {
          assert.throws(() => encodeItemFrame('newBlock', item, MAX_FRAME_BYTES), { name: 'EncodeError' })
          assert.throws(() => encodeBlockResponse(item, { requestId: undefined, maxBytes: MAX_FRAME_BYTES }), { name: 'EncodeError' })
        }
      })
    }
  })
})
