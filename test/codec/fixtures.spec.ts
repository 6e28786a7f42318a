import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { fromHex, readFrames } from './read-frames.ts'
import { fixtureFiles } from '../../scripts/fixtures.ts'
import { INVALID } from '../../scripts/fixtures/invalid.ts'
import { fromJson } from '../../scripts/fixtures/json.ts'
import { encodeFrame } from '../../src/codec/frame.ts'
import { decodeMessage, encodeMessage } from '../../src/codec/message.ts'
import type { InvalidFixture, MessageFixture, ToleratedFixture } from '../../scripts/fixtures.ts'
import type { WireMessage } from '../../src/types/message.ts'

function read (file: string): string {
  return readFileSync(new URL(`../fixtures/${file}`, import.meta.url), 'utf8')
}

function messageOf ({ type, message }: { type: string | null, message: unknown }): WireMessage | undefined {
  return type == null ? undefined : { type, ...fromJson(message as never) as object } as WireMessage
}

async function decodeFrame (hex: string): Promise<{ message: WireMessage | undefined, requestId: string | null }> {
  const frames = await readFrames([fromHex(hex)])
  assert.equal(frames.length, 1)
  const { message, requestId } = decodeMessage(frames[0]!)

  return { message, requestId: requestId?.toString() ?? null }
}

/** The messages of an error and of its causes. */
function reasons (err: unknown): string {
  return err instanceof Error ? `${err.message}\n${reasons(err.cause)}` : ''
}

describe('fixtures', () => {
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
      })
    }
  })

  describe('invalid.json', () => {
    const errors = new Map(INVALID.map(([name, , error]) => [name, error]))

    for (const { name, frame } of JSON.parse(read('invalid.json')) as InvalidFixture[]) {
      it(`${name} is refused for this and nothing else`, async () => {
        await assert.rejects(decodeFrame(frame), (err: Error) => {
          assert.equal(err.name, 'DecodeError')
          assert.match(reasons(err), errors.get(name)!)

          return true
        })
      })
    }
  })

  describe('tolerated.json', () => {
    for (const fixture of JSON.parse(read('tolerated.json')) as ToleratedFixture[]) {
      it(`${fixture.name} is decoded`, async () => {
        assert.deepEqual(await decodeFrame(fixture.frame), { message: messageOf(fixture), requestId: fixture.requestId })
      })
    }
  })
})
