import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import protobuf from 'protobufjs'
import { FEATURE_CASES } from '../../../scripts/fixtures/features.ts'
import { MESSAGES } from '../../../scripts/fixtures/messages.ts'
import { knownBodies, readEnvelope, writeEnvelope } from '../../../src/codec/envelope.ts'
import { decodeBlock, encodeBlock, readItem, readRange, writeItem, writeRange } from '../../../src/codec/items/items.ts'
import { encodeMessage } from '../../../src/codec/message.ts'
import { BLOCK, BODIES, ENVELOPE, FORK_ID, NODE_INFO, PEER_ADDRESS, PREFILLED, TRANSACTION } from '../../../src/codec/wire/schema.ts'
import { FEATURES } from '../../../src/types/features.ts'
import { DISCONNECT_REASONS } from '../../../src/types/message.ts'
import { sampleBlock, sampleTransaction } from '../../support/sample.ts'
import type { MessageSchema } from '../../../src/codec/wire/schema.ts'
import type { MessageType, WireMessage } from '../../../src/types/message.ts'

// proto/vibecoin.proto itself, read by protobufjs at run time: none of our code and none that was generated has a part in it.
const schema = protobuf.loadSync(fileURLToPath(new URL('../../../proto/vibecoin.proto', import.meta.url)))
const Message = schema.lookupType('vibecoin.network.v1.Message')
const Body = (type: string): protobuf.Type => Message.fields[type]!.resolve().resolvedType as protobuf.Type

/** A message with each of its values, which are no message or array, as `convert` has it. */
function mapValues (value: unknown, convert: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => mapValues(item, convert))
  }

  if (value instanceof Uint8Array || typeof value !== 'object' || value == null) {
    return convert(value)
  }

  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, mapValues(part, convert)]))
}

/** Reflection takes a decimal string for a uint64. */
function toReflected (value: unknown): unknown {
  return mapValues(value, (value) => (typeof value === 'bigint' ? String(value) : value))
}

/** Reflection gives a decimal string for a uint64 and a Buffer for bytes. */
function toComparable (value: unknown): unknown {
  return mapValues(value, (value) => {
    if (value instanceof Uint8Array) {
      return Buffer.from(value).toString('hex')
    }

    return typeof value === 'bigint' || typeof value === 'number' ? String(value) : value
  })
}

/** The body with what a node leaves out of it. */
function withDefaults (type: string, body: object): object {
  const absent = { minProtocolVersion: 0, features: 0n, lowestHeight: 0, forkId: null, blockOnly: false }

  if ('digests' in body) {
    return { shortDigests: new Uint8Array(0), ...(type === 'want' && { compact: false }), ...body }
  }

  return 'node' in body ? { node: { ...absent, ...body.node as object } } : body
}

function encodeReflected (message: WireMessage, requestId?: bigint): Uint8Array {
  const { type, ...body } = message
  const object = Message.fromObject({ requestId: requestId?.toString(), [type]: toReflected(body) })

  return new Uint8Array(Message.encode(object).finish())
}

const ALL_MESSAGES = [...MESSAGES, ...FEATURE_CASES.flatMap(({ valid }) => valid)]

describe('codec/wire/schema', () => {
  for (const [name, message, requestId] of ALL_MESSAGES) {
    it(`has the same bytes for ${name} as the codec`, () => {
      assert.deepEqual(encodeReflected(message, requestId), new Uint8Array(encodeMessage(message, requestId)))
    })

    it(`reads from ${name} what the codec was given`, () => {
      const { type, ...body } = message
      const decoded = Message.toObject(Message.decode(encodeMessage(message, requestId)), {
        longs: String, enums: String, arrays: true, defaults: true, oneofs: true
      })

      assert.equal(decoded['requestId'], String(requestId ?? 0n))
      assert.equal(decoded['body'], type)
      assert.deepEqual(toComparable(decoded[type]), toComparable({ ...(type === 'responseBlock' && { block: null }), ...withDefaults(type, body) }))
    })
  }

  it('has the messages of the codec and no others, in the fields that the envelope writes', () => {
    const types = Message.oneofs['body']!.fieldsArray.map(({ name }) => name as MessageType)

    assert.deepEqual(new Set(types), new Set(ALL_MESSAGES.map(([, message]) => message.type)))

    for (const type of types) {
      const message = writeEnvelope(type, Uint8Array.of(1))
      assert.equal(protobuf.Reader.create(message).uint32() >>> 3, Message.fields[type]!.id, type)
      assert.equal(readEnvelope(message, knownBodies(FEATURES)).type, type)
    }

    assert.deepEqual(Message.fieldsArray.map(({ name }) => name), ['requestId', ...types])
    assert.equal(writeEnvelope('ping', new Uint8Array(0), 1n)[0]! >>> 3, Message.fields['requestId']!.id)
  })

  for (const type of ['newBlock', 'newTransaction', 'responseBlock'] as const) {
    it(`has the item of a ${type} where it is read and written`, () => {
      const field = type === 'newTransaction' ? 'transaction' : 'block'
      const item = type === 'newTransaction' ? sampleTransaction() : sampleBlock()
      const body = new Uint8Array(Body(type).encode(Body(type).fromObject({ [field]: toReflected(item) })).finish())
      const itemType = Body(type).fields[field]!.resolvedType as protobuf.Type
      const expected = new Uint8Array(itemType.encode(itemType.fromObject(toReflected(item) as object)).finish())

      assert.deepEqual(readItem(body), expected)
      assert.deepEqual(new Uint8Array(writeItem(expected)), body)
    })
  }

  it('has the blocks of a responseBlockRange and its last where they are read and written', () => {
    const blocks = [sampleBlock(), sampleBlock({ height: 43 })]
    const Range = Body('responseBlockRange')
    const body = new Uint8Array(Range.encode(Range.fromObject({ blocks: toReflected(blocks), last: true })).finish())
    const { items, last } = readRange(body)

    assert.equal(last, true)
    assert.deepEqual(items, blocks.map((block) => new Uint8Array(encodeBlock(block))))
    assert.deepEqual(new Uint8Array(writeRange(items, last)), body)
  })

  it('has the transactions of a block where their size is checked', () => {
    const Block = schema.lookupType('vibecoin.network.v1.Block')
    const block = { ...sampleBlock(), transactions: [{ data: new Uint8Array(95) }] }
    const encoded = Block.encode(Block.fromObject(toReflected(block) as object)).finish()

    assert.throws(() => decodeBlock(encoded), (err: Error) => /`block.transactions` to be at least 102/.test((err.cause as Error).message))
  })

  const TABLES: [type: string, table: MessageSchema][] = [
    ['Message', ENVELOPE], ['NodeInfo', NODE_INFO], ['ForkId', FORK_ID], ['PeerAddress', PEER_ADDRESS], ['Block', BLOCK], ['Transaction', TRANSACTION],
    ['Prefilled', PREFILLED],
    ...Object.entries(BODIES).map(([type, table]): [string, MessageSchema] => [Body(type).name, table])
  ]

  for (const [type, table] of TABLES) {
    it(`has the fields of ${type} that the scanner knows, and no others`, () => {
      const fields = schema.lookupType(`vibecoin.network.v1.${type}`).fieldsArray.map(({ id, type, repeated, resolvedType }) => {
        const isVarint = resolvedType instanceof protobuf.Enum || /^(u?int|bool)/.test(type)

        const isPacked = repeated && isVarint

        return [id, { isRepeated: repeated && !isPacked, wireType: type === 'fixed32' ? 5 : isVarint && !isPacked ? 0 : 2 }]
      })
      const known = table.fields.filter((field) => field != null).map(({ number, isRepeated, wireType }) => {
        return [number, { isRepeated, wireType }]
      })

      assert.deepEqual(Object.fromEntries(known), Object.fromEntries(fields))
    })
  }

  it('has the reasons of a disconnect', () => {
    assert.deepEqual({ ...schema.lookupEnum('vibecoin.network.v1.Disconnect.Reason').values }, DISCONNECT_REASONS)
  })
})
