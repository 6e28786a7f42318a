import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { systemClock } from '../util/clock.ts'
import type { VibeCoinEvents } from '../service/reports/events.ts'
import type { DialEnd } from '../types/dial-end.ts'
import type { ServedRequest } from '../types/served-request.ts'
import type { SyncEnd, SyncFault, SyncProgress } from '../types/sync.ts'
import type { BlockTimeline, TimelineStep, TransactionTimeline } from '../types/timeline.ts'
import type { TypedEventTarget } from '@libp2p/interface'
import type { Attributes, Span, SpanOptions, Tracer } from '@opentelemetry/api'

/** What is traced: a `Network`, or the service of a libp2p node. */
export type TracedNetwork = Pick<TypedEventTarget<VibeCoinEvents>, 'addEventListener' | 'removeEventListener'>

/** A span that is over: from when to when, in ms since the Unix epoch. */
interface Past { name: string, from: number, to: number, attributes?: Attributes }

/** Makes spans of the events of a network. They tell of what is over, but for a synchronisation, whose span is open while it goes on. */
export class NetworkSpans {
  readonly #network: TracedNetwork
  readonly #tracer: Tracer
  #sync: Span | undefined

  constructor (network: TracedNetwork, tracer: Tracer) {
    this.#network = network
    this.#tracer = tracer
  }

  start (): void {
    const network = this.#network
    network.addEventListener('block:timeline', this.#onBlock)
    network.addEventListener('transaction:timeline', this.#onTransaction)
    network.addEventListener('dial:end', this.#onDial)
    network.addEventListener('request:served', this.#onServed)
    network.addEventListener('sync:progress', this.#onProgress)
    network.addEventListener('sync:fault', this.#onFault)
    network.addEventListener('sync:end', this.#onSyncEnd)
  }

  stop (): void {
    const network = this.#network
    network.removeEventListener('block:timeline', this.#onBlock)
    network.removeEventListener('transaction:timeline', this.#onTransaction)
    network.removeEventListener('dial:end', this.#onDial)
    network.removeEventListener('request:served', this.#onServed)
    network.removeEventListener('sync:progress', this.#onProgress)
    network.removeEventListener('sync:fault', this.#onFault)
    network.removeEventListener('sync:end', this.#onSyncEnd)
    this.#sync?.end()
    this.#sync = undefined
  }

  readonly #onBlock = ({ detail }: CustomEvent<BlockTimeline>): void => {
    const { height, hash, transactions, bytes, from, appended, judged, relayed } = detail
    this.#addItem('vibecoin.block', detail, {
      attributes: {
        'vibecoin.block.height': height,
        'vibecoin.block.hash': hash,
        'vibecoin.block.transactions': transactions,
        'vibecoin.bytes': bytes,
        'vibecoin.peer.id': from
      },
      steps: [
        ...(appended == null ? [] : [{ name: 'append', from: judged, to: appended }]),
        { name: 'relay', from: appended ?? judged, to: relayed.at, attributes: { 'vibecoin.relayed.peers': relayed.peers } }
      ]
    })
  }

  readonly #onTransaction = ({ detail }: CustomEvent<TransactionTimeline>): void => {
    const { id, bytes, from, judged, relayed } = detail
    this.#addItem('vibecoin.transaction', detail, {
      attributes: { 'vibecoin.transaction.id': id, 'vibecoin.bytes': bytes, 'vibecoin.peer.id': from },
      steps: [{ name: 'relay', from: judged, to: relayed.at, attributes: { 'vibecoin.relayed.peers': relayed.peers } }]
    })
  }

  readonly #onDial = ({ detail: { target, addresses, outcome, begun, connected, ended, peer, error } }: CustomEvent<DialEnd>): void => {
    const span = this.#begin('vibecoin.dial', begun, {
      kind: SpanKind.CLIENT,
      attributes: {
        'vibecoin.dial.target': target,
        'vibecoin.dial.addresses': addresses,
        'vibecoin.dial.outcome': outcome,
        ...(peer == null ? {} : { 'vibecoin.peer.id': peer })
      }
    })
    this.#addSteps(span, [
      { name: 'vibecoin.dial.connect', from: begun, to: connected ?? ended },
      ...(connected == null ? [] : [{ name: 'vibecoin.dial.handshake', from: connected, to: ended }])
    ])
    end(span, error, ended)
  }

  readonly #onServed = ({ detail }: CustomEvent<ServedRequest>): void => {
    const { peer, type, startHeight, endHeight, received, begun, ended, blocks, bytes, error } = detail
    const span = this.#begin('vibecoin.serve', received, {
      kind: SpanKind.SERVER,
      attributes: {
        'vibecoin.request.type': type,
        'vibecoin.request.start_height': startHeight,
        'vibecoin.request.end_height': endHeight,
        'vibecoin.response.blocks': blocks,
        'vibecoin.bytes': bytes,
        'vibecoin.peer.id': peer
      }
    })
    this.#addSteps(span, [{ name: 'vibecoin.serve.wait', from: received, to: begun }, { name: 'vibecoin.serve.answer', from: begun, to: ended }])
    end(span, error, ended)
  }

  readonly #onProgress = ({ detail: { from, to } }: CustomEvent<SyncProgress>): void => {
    this.#sync ??= this.#begin('vibecoin.sync', systemClock.date(), { attributes: { 'vibecoin.sync.from': from } })
    this.#sync.setAttribute('vibecoin.sync.to', to)
  }

  readonly #onFault = ({ detail: { peer, kind, height } }: CustomEvent<SyncFault>): void => {
    this.#sync?.addEvent('vibecoin.sync.fault', { 'vibecoin.peer.id': peer.id, 'vibecoin.fault.kind': kind, 'vibecoin.block.height': height })
  }

  readonly #onSyncEnd = ({ detail: { height, reorganised, error } }: CustomEvent<SyncEnd>): void => {
    const span = this.#sync
    this.#sync = undefined

    if (span != null) {
      span.setAttributes({ 'vibecoin.sync.height': height, 'vibecoin.sync.reorganised': reorganised })
      end(span, error, systemClock.date())
    }
  }

  #addItem (name: string, timeline: ItemTimeline, { attributes, steps }: { attributes: Attributes, steps: Past[] }): void {
    const { announced, asked, received, judged, relayed } = timeline
    const span = this.#begin(name, (announced ?? received).at, { kind: SpanKind.CONSUMER, attributes })
    const heard = announced == null ? [] : [{ name: 'receive', from: announced.at, to: received.at, attributes: { 'vibecoin.announcer.id': announced.peer } }]
    const all = [...heard, { name: 'judge', from: received.at, to: judged }, ...steps]

    if (asked != null) {
      span.addEvent('asked', { 'vibecoin.peer.id': asked.peer }, asked.at)
    }

    this.#addSteps(span, all.map((step) => ({ ...step, name: `${name}.${step.name}` })))
    span.end(relayed.at)
  }

  #addSteps (parent: Span, steps: readonly Past[]): void {
    const context = trace.setSpan(ROOT_CONTEXT, parent)

    for (const { name, from, to, attributes = {} } of steps) {
      this.#tracer.startSpan(name, { startTime: from, attributes }, context).end(to)
    }
  }

  /** A span of its own: events come while other spans of the application may be active, which have not caused them. */
  #begin (name: string, startTime: number, options: SpanOptions): Span {
    return this.#tracer.startSpan(name, { startTime, ...options }, ROOT_CONTEXT)
  }
}

/** What the timelines of blocks and transactions have in common. */
interface ItemTimeline extends Pick<TransactionTimeline, 'judged' | 'relayed' | 'received'> {
  announced?: TimelineStep
  asked?: TimelineStep
}

function end (span: Span, error: Error | undefined, at: number): void {
  if (error != null) {
    span.recordException(error, at)
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
  }

  span.end(at)
}
