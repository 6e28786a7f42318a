import { systemClock } from '../util/clock.ts'
import type { Clock } from '../util/clock.ts'

/** A node that is asked how it is: a `Network`, or the service of a libp2p node. */
export interface StatusSource {
  /** All that it tells, for `JSON.stringify`. What is named here says whether it is ready. */
  status: () => StatusFacts
}

/** What decides whether a node is ready. */
export interface StatusFacts {
  /** How long it has been running, in ms; 0 where it does not run. */
  uptime: number
  /** Its ready sessions. */
  peers: readonly unknown[]
  /** Whether its chain is in step: `unknown` where it has none, or no peer. */
  sync: SyncFacts
}

/** What of a synchronisation says why a node is not ready. */
export interface SyncFacts {
  state: 'synced' | 'behind' | 'unknown'
  behind: number
  /** Peers that did not send the blocks that they say to have. */
  doubted?: readonly { nodeId: string, peer: string, claimed: number }[]
  /** How the last synchronisation has ended. */
  lastEnd?: { error: string | null } | null
}

/** What `/metrics` shows: a registry of `prom-client`. */
export interface MetricsPage {
  readonly contentType: string
  metrics: () => Promise<string>
}

/** An answer, whole. */
export interface Answer { status: number, contentType: string, body: string }

/** The pages, by their path; `undefined` where there is none. */
export type Pages = (path: string) => Promise<Answer | undefined>

/** Options of {@link createPages}. */
export interface PagesInit {
  network: StatusSource
  /** The sessions, and the blocks that may be missing, of a node that is ready. */
  ready: { minPeers: number, maxBehind: number }
  registry: MetricsPage | undefined
  clock?: Clock
}

/**
 * How long the metrics may take.
 *
 * @remarks `/metrics` answers with 503.
 */
export const METRICS_TIMEOUT_MS = 5000

const TEXT = 'text/plain; charset=utf-8'
const JSON_TYPE = 'application/json; charset=utf-8'

/** The pages of a node. */
export function createPages (init: PagesInit): Pages {
  const { network, registry } = init
  const metrics = registry == null ? undefined : shareMetrics(registry, init.clock ?? systemClock)
  const pages: Record<string, (() => Answer | Promise<Answer>) | undefined> = {
    '/': () => text(200, Object.keys(pages).filter((path) => path !== '/').join('\n')),
    '/healthz': () => network.status().uptime > 0 ? text(200, 'ok') : text(503, 'The node does not run'),
    '/readyz': () => {
      const { why, ...facts } = readiness(network.status(), init.ready)

      return json(why.length === 0 ? 200 : 503, { ready: why.length === 0, ...facts, why })
    },
    '/status': () => json(200, network.status()),
    ...(metrics == null ? {} : { '/metrics': metrics })
  }

  return async (path) => Object.hasOwn(pages, path) ? pages[path]?.() : undefined
}

/** An answer of text. */
export function text (status: number, line: string): Answer {
  return { status, contentType: TEXT, body: `${line}\n` }
}

function json (status: number, value: unknown): Answer {
  return { status, contentType: JSON_TYPE, body: `${JSON.stringify(value)}\n` }
}

/** Whether a node is in step and has peers, and why not. */
function readiness (
  { uptime, peers, sync: { state, behind, doubted = [], lastEnd } }: StatusFacts, { minPeers, maxBehind }: PagesInit['ready']
): { peers: number, sync: string, behind: number, why: string[] } {
  const isBehind = state === 'behind' && behind > maxBehind
  const why = [
    ...(uptime > 0 ? [] : ['the node does not run']),
    ...(peers.length >= minPeers ? [] : [`expected ${minPeers} ${minPeers === 1 ? 'peer' : 'peers'}, got ${peers.length}`]),
    ...(isBehind ? [`${behind} blocks behind its peers${lastEnd?.error == null ? '' : `, the last synchronisation failed: ${lastEnd.error}`}`] : []),
    ...(state === 'unknown' && doubted.length > 0 ? [`no peer to compare with: ${doubted.map(describeDoubt).join(', ')}`] : [])
  ]

  return { peers: peers.length, sync: state, behind, why }
}

function describeDoubt ({ nodeId, peer, claimed }: { nodeId: string, peer: string, claimed: number }): string {
  return `${nodeId === '' ? peer : nodeId} claims block ${claimed} and did not send what it was asked for`
}

/** Makes the page of metrics once for all who ask at the same time. */
function shareMetrics (registry: MetricsPage, clock: Clock): () => Promise<Answer> {
  let underWay: Promise<Answer> | undefined

  return async () => {
    underWay ??= measure(registry, clock).finally(() => { underWay = undefined })

    return underWay
  }
}

async function measure (registry: MetricsPage, clock: Clock): Promise<Answer> {
  const late = Promise.withResolvers<Answer>()
  const timer = clock.setTimeout(() => { late.resolve(text(503, `The metrics took longer than ${METRICS_TIMEOUT_MS} ms`)) }, METRICS_TIMEOUT_MS)
  const page = registry.metrics().then((body) => ({ status: 200, contentType: registry.contentType, body }))

  try {
    return await Promise.race([page, late.promise])
  } finally {
    clock.clearTimeout(timer)
  }
}
