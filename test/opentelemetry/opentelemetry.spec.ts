import assert from 'node:assert/strict'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { addressOf, connect, freePorts, nextEvent, startNode, stopNodes } from '../integration/nodes.ts'
import { eventually } from '../support/eventually.ts'
import { MemoryChain } from '../support/memory-chain.ts'
import { sampleBlock, sampleBlockHash, sampleChain } from '../support/sample.ts'
import { encodeBlock } from '../../src/index.ts'
import { traceNetwork, TRACER_NAME } from '../../src/opentelemetry/opentelemetry.ts'
import { VERSION } from '../../src/version.ts'
import type { Block, Network } from '../../src/index.ts'
import type { Tracing } from '../../src/opentelemetry/opentelemetry.ts'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'

const CHAIN = sampleChain(40)

/** A time of a span in ms since the Unix epoch. */
const ms = ([seconds, nanoseconds]: [number, number]): number => Math.round(seconds * 1000 + nanoseconds / 1e6)

describe('opentelemetry/opentelemetry', function () {
  this.timeout(20_000)

  let exporter: InMemorySpanExporter
  let tracerProvider: BasicTracerProvider
  let tracing: Tracing | undefined

  beforeEach(() => {
    exporter = new InMemorySpanExporter()
    tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  })

  afterEach(async () => {
    tracing?.stop()
    await stopNodes()
    await tracerProvider.shutdown()
  })

  function observe (network: Network): void {
    tracing = traceNetwork(network, { tracerProvider })
  }

  const spans = (name: string): ReadableSpan[] => exporter.getFinishedSpans().filter((span) => span.name === name)

  async function span (name: string): Promise<ReadableSpan> {
    await eventually(() => spans(name).length > 0, name)

    return spans(name)[0]!
  }

  /** The names of the steps of a span, which have to lie within it and follow each other. */
  function stepsOf (parent: ReadableSpan): string[] {
    const steps = exporter.getFinishedSpans().filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent.spanContext().spanId)

    steps.forEach((step, i) => {
      const { startTime, endTime } = step
      assert.equal(step.spanContext().traceId, parent.spanContext().traceId)
      assert.ok(ms(startTime) >= ms(parent.startTime) && ms(endTime) <= ms(parent.endTime), parent.name)
      assert.equal(ms(startTime), i === 0 ? ms(parent.startTime) : ms(steps[i - 1]!.endTime))
    })

    return steps.map(({ name }) => name.slice(parent.name.length + 1))
  }

  it('has a span of each block of a peer, from the first that the node hears of it until it is sent on', async () => {
    const genesis = CHAIN[0]!
    const template = sampleBlock({ height: 1, prevHash: genesis.hash, proof: new Uint8Array(64) })
    const block: Block = { ...template, hash: sampleBlockHash({ ...template, hash: new Uint8Array(32) }) }
    const [own, chain] = [new MemoryChain([genesis]), new MemoryChain([genesis])]
    const [maker, node] = [await startNode({ chain: own }), await startNode({ chain })]
    observe(node)
    await connect(node, maker)
    const timeline = nextEvent(node, 'block:timeline')
    own.blocks.push(block)
    maker.broadcast({ type: 'newBlock', block })
    const { received, appended, relayed, bytes } = await timeline
    const found = await span('vibecoin.block')

    assert.deepEqual(found.attributes, {
      'vibecoin.block.height': 1,
      'vibecoin.block.hash': Buffer.from(block.hash).toString('hex'),
      'vibecoin.block.transactions': block.transactions.length,
      'vibecoin.bytes': bytes,
      'vibecoin.peer.id': maker.libp2p.peerId.toString()
    })
    const { kind, parentSpanContext, instrumentationScope: { name, version } } = found
    assert.deepEqual([kind, parentSpanContext, name, version], [SpanKind.CONSUMER, undefined, TRACER_NAME, VERSION])
    assert.deepEqual([ms(found.startTime), ms(found.endTime)], [received.at, relayed.at])
    assert.deepEqual(stepsOf(found), ['judge', 'append', 'relay'])
    assert.equal(ms(spans('vibecoin.block.append')[0]!.endTime), appended)
  })

  it('has a span of a synchronisation, and of each request of a peer that is served', async () => {
    const full = await startNode({ chain: new MemoryChain(CHAIN) })
    const node = await startNode({ chain: new MemoryChain(CHAIN.slice(0, 1)) })
    const served = traceNetwork(full, { tracerProvider })
    observe(node)
    const ended = nextEvent(node, 'sync:end')
    await connect(node, full)
    await ended
    const { attributes, status, parentSpanContext } = await span('vibecoin.sync')
    assert.deepEqual(attributes, { 'vibecoin.sync.from': 0, 'vibecoin.sync.to': 39, 'vibecoin.sync.height': 39, 'vibecoin.sync.reorganised': false })
    assert.deepEqual([status.code, parentSpanContext], [SpanStatusCode.UNSET, undefined])
    const answer = await span('vibecoin.serve')
    assert.deepEqual([answer.kind, stepsOf(answer)], [SpanKind.SERVER, ['wait', 'answer']])
    const all = spans('vibecoin.serve').map(({ attributes }) => attributes)
    const total = (name: string): number => all.reduce((sum, attributes) => sum + Number(attributes[name]), 0)
    assert.equal(total('vibecoin.response.blocks'), 39)
    assert.equal(total('vibecoin.bytes'), CHAIN.slice(1).reduce((sum, block) => sum + encodeBlock(block).byteLength, 0))
    assert.deepEqual([all[0]!['vibecoin.peer.id'], all[0]!['vibecoin.request.start_height']], [node.libp2p.peerId.toString(), 1])
    served.stop()
  })

  it('says why a request was not served in full, and why a synchronisation has failed', async () => {
    const chain = new MemoryChain(CHAIN)
    const full = await startNode({ chain })
    chain.break({ kind: 'throws', on: ['get'] })
    const node = await startNode({ chain: new MemoryChain(CHAIN.slice(0, 1)), autoSync: false })
    const served = traceNetwork(full, { tracerProvider })
    observe(node)
    const { there } = await connect(node, full)
    await assert.rejects(node.sync())
    const answer = await span('vibecoin.serve')
    assert.deepEqual([answer.status.code, answer.attributes['vibecoin.response.blocks']], [SpanStatusCode.ERROR, 0])
    assert.match(answer.status.message ?? '', /./)
    const sync = await span('vibecoin.sync')
    assert.equal(sync.status.code, SpanStatusCode.ERROR)
    assert.deepEqual(sync.events.filter(({ name }) => name === 'vibecoin.sync.fault').map(({ attributes }) => attributes?.['vibecoin.peer.id']), [there.id])
    served.stop()
  })

  it('has a span of each dial, with the handshake where there was a connection', async () => {
    const node = await startNode()
    const [other, foreign] = [await startNode(), await startNode({ network: 'vibecoin-other' })]
    const [port] = await freePorts(1)
    observe(node)
    await connect(node, other)
    await assert.rejects(node.connect(addressOf(foreign)))
    await assert.rejects(node.connect(`/ip4/127.0.0.1/tcp/${port}`))
    await eventually(() => spans('vibecoin.dial').length === 3, 'the dials')
    const [ready, refused, failed] = spans('vibecoin.dial') as [ReadableSpan, ReadableSpan, ReadableSpan]

    const facts = ({ kind, attributes, status: { code } }: ReadableSpan): unknown[] => {
      return [kind, attributes['vibecoin.dial.outcome'], attributes['vibecoin.peer.id'], code]
    }
    assert.deepEqual([ready, refused, failed].map(facts), [
      [SpanKind.CLIENT, 'ready', other.libp2p.peerId.toString(), SpanStatusCode.UNSET],
      [SpanKind.CLIENT, 'refused', foreign.libp2p.peerId.toString(), SpanStatusCode.ERROR],
      [SpanKind.CLIENT, 'failed', undefined, SpanStatusCode.ERROR]
    ])
    assert.deepEqual([ready, refused, failed].map(stepsOf), [['connect', 'handshake'], ['connect', 'handshake'], ['connect']])
  })

  it('listens to nothing more when it is stopped, and ends what is open', async () => {
    const node = await startNode()
    observe(node)
    node.safeDispatchEvent('sync:progress', {
      detail: { from: 0, to: 5, height: 0, blocksPerSecond: 0, bytesPerSecond: 0, peers: 0, eta: undefined }
    })
    tracing!.stop()
    tracing!.stop()
    assert.deepEqual(exporter.getFinishedSpans().map(({ name }) => name), ['vibecoin.sync'])
    await assert.rejects(node.connect('/ip4/127.0.0.1/tcp/1'))
    assert.equal(exporter.getFinishedSpans().length, 1)
    const types = ['block:timeline', 'transaction:timeline', 'dial:end', 'request:served', 'sync:progress', 'sync:fault', 'sync:end']
    assert.deepEqual(types.filter((type) => node.listenerCount(type) > 0), [])
  })
})
