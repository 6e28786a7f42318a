import { setTimeout as delay } from 'node:timers/promises'
import { CHAIN_LENGTH } from './fleet.ts'
import { Random } from '../fuzz/random.ts'
import type { ChaosOptions } from './args.ts'
import type { Fleet } from './fleet.ts'
import type { Incident, IncidentKind } from './plan.ts'
import type { MemberState } from './rest.ts'

/** How long the network may take to be at rest, in ms: at first, and when everything that went wrong is over. */
export const START_TIMEOUT_MS = 30_000
export const REST_TIMEOUT_MS = 60_000

/** How long a block may take to reach everybody in the end, in ms. */
const BLOCK_TIMEOUT_MS = 15_000

/** Between two blocks, in ms. */
const BLOCK_MS = 400

/** Between two lines of progress, in ms. */
const PROGRESS_MS = 5000

/** What has come of a run. */
export interface ChaosResult {
  before: MemberState[]
  after: MemberState[]
  /** How long it took until all was well again, in ms. */
  recoveredMs: number
  /** How often what has gone wrong. */
  incidents: Map<IncidentKind, number>
}

/** What a run is made with. */
export interface ChaosInit {
  fleet: Fleet
  plan: readonly Incident[]
  options: ChaosOptions
  signal: AbortSignal
  print: (line: string) => void
}

/**
 * Lets everything of a plan go wrong while blocks are made, and waits until all is well again. Throws where it is not, and the
 * signal's reason.
 */
export async function runChaos (init: ChaosInit): Promise<ChaosResult> {
  const { fleet, plan, options, signal, print } = init
  const before = await fleet.rest({ timeout: START_TIMEOUT_MS, signal })
  print(`all ${options.nodes} nodes are up, with ${fleet.maxOutbound} outbound sessions each and a chain of ${CHAIN_LENGTH} blocks`)

  const incidents = await playPlan(init)
  const heights = fleet.members.map(({ height }) => height)
  print(`${plan.length} incidents are over, the nodes are at blocks ${Math.min(...heights)} to ${Math.max(...heights)}`)

  const overAt = performance.now()
  const statuses = before.map(({ status }) => status)
  const rested = await fleet.rest({ timeout: REST_TIMEOUT_MS, signal, before: statuses })
  const recoveredMs = performance.now() - overAt

  if (rested[0]!.height < Math.max(...heights)) {
    throw new Error(`The chain ends at block ${rested[0]!.height}, and one of ${Math.max(...heights)} blocks was there`)
  }

  fleet.make(0)
  const height = rested[0]!.height + 1
  const after = await whenAt({ fleet, height, signal })

  return { before, after, recoveredMs, incidents }
}

async function whenAt ({ fleet, height, signal }: { fleet: Fleet, height: number, signal: AbortSignal }): Promise<MemberState[]> {
  const deadline = performance.now() + BLOCK_TIMEOUT_MS

  for (;;) {
    const states = await fleet.rest({ timeout: BLOCK_TIMEOUT_MS, signal })

    if (states.every((state) => state.height === height)) {
      return states
    }

    if (performance.now() > deadline) {
      throw new Error(`A new block has not reached everybody within ${BLOCK_TIMEOUT_MS / 1000} s`)
    }

    await delay(50, undefined, { signal })
  }
}

async function playPlan ({ fleet, plan, options, signal, print }: ChaosInit): Promise<Map<IncidentKind, number>> {
  const startedAt = performance.now()
  const random = new Random(options.seed)
  const incidents = new Map<IncidentKind, number>()
  let under = 0
  const blocks = setInterval(() => { fleet.make(random.below(options.nodes)) }, BLOCK_MS)
  const progress = setInterval(() => {
    const heights = fleet.members.map(({ height }) => height)
    const up = fleet.members.filter(({ mode }) => mode === 'up').length
    fleet.members.forEach((member) => { member.check() })
    print(`${up} of ${options.nodes} nodes up, blocks ${Math.min(...heights)} to ${Math.max(...heights)}, ${under} incidents under way`)
  }, PROGRESS_MS)

  const play = async (incident: Incident): Promise<void> => {
    await delay(Math.max(0, startedAt + incident.at - performance.now()), undefined, { signal })
    const end = await fleet.begin(incident)

    if (end != null) {
      incidents.set(incident.kind, (incidents.get(incident.kind) ?? 0) + 1)
      under++
      await delay(incident.ms, undefined, { signal })
      await end()
      under--
    }
  }

  try {
    await Promise.all(plan.map(play))
    await delay(Math.max(0, startedAt + options.seconds * 1000 - performance.now()), undefined, { signal })
  } finally {
    clearInterval(blocks)
    clearInterval(progress)
  }

  return incidents
}
