import fc from 'fast-check'
import { decodeMessage } from '../../src/index.ts'
import { simulate } from '../../src/testing/index.ts'
import type { LinkOptions, Simulation, SimulationReport, Tamper } from '../../src/testing/index.ts'

/** How long everything may take to come to rest, in ms of virtual time: twice the longest pause between two dials. */
const REST_MS = 600_000

const SEEDS = 3
const MAX_OUTBOUND = 4
const MAX_INBOUND = 8

/** Ways to be a bad peer. */
const BAD = {
  /** Sends bytes that are no message in the place of each fourth one. */
  garbage: (): Tamper => {
    let count = 0

    return (message) => ++count % 4 === 0 ? [Uint8Array.of(255, 255, 255)] : [message]
  },
  /** Announces, and sends no block. */
  withholding: (): Tamper => (message) => decodeMessage(message).message?.type === 'newBlock' ? [] : [message],
  /** Says nothing but its handshake. */
  mute: (): Tamper => (message) => decodeMessage(message).message?.type === 'handshake' ? [message] : [],
  /** Sends every message twice. */
  echo: (): Tamper => (message) => decodeMessage(message).message?.type === 'handshake' ? [message] : [message, message]
} as const

/** Something that happens to a network. Nodes are counted from the first, and again from the first behind the last one. */
export type Action =
  | { do: 'mine', node: number, bytes: number }
  | { do: 'pay' | 'stop' | 'start' | 'crash' | 'vanish', node: number }
  | { do: 'cut', at: number }
  | { do: 'heal' }
  | { do: 'wait', ms: number }

/** A network and what happens to it. */
export interface Story {
  seed: number
  honest: number
  bad: (keyof typeof BAD)[]
  lossesPerHour: number
  actions: Action[]
}

const node = fc.nat(15)

/** Random stories. */
export const stories: fc.Arbitrary<Story> = fc.record({
  seed: fc.nat(1_000_000),
  honest: fc.integer({ min: 4, max: 10 }),
  bad: fc.array(fc.constantFrom(...Object.keys(BAD) as (keyof typeof BAD)[]), { maxLength: 3 }),
  lossesPerHour: fc.constantFrom(0, 0, 20),
  actions: fc.array(fc.oneof(
    fc.record({ do: fc.constant('mine' as const), node, bytes: fc.constantFrom(0, 5000, 60_000) }),
    fc.record({ do: fc.constantFrom('pay' as const, 'stop' as const, 'start' as const, 'crash' as const, 'vanish' as const), node }),
    fc.record({ do: fc.constant('cut' as const), at: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ do: fc.constant('heal' as const) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 10, max: 30_000 }) })
  ), { maxLength: 25 })
})

/** Runs a story, and throws for the first property that does not hold. */
export async function tell (
  { seed, honest, bad, lossesPerHour, actions }: Story, signal?: AbortSignal, links: LinkOptions = {}
): Promise<SimulationReport> {
  const count = honest + bad.length

  return simulate({
    nodes: count,
    seed,
    links: { lossesPerHour, ...links },
    topology: { seeds: Math.min(SEEDS, honest) },
    config: { maxOutbound: MAX_OUTBOUND, maxInbound: MAX_INBOUND },
    node: (index) => index < honest ? {} : { tamper: BAD[bad[index - honest]!]() },
    ...signal == null ? {} : { signal },
    script: async (simulation) => {
      const stop = simulation.every(1000, () => { checkSlots(simulation) })
      await simulation.sleep(5000)

      for (const action of actions) {
        await act(simulation, action, honest)
      }

      simulation.heal()
      await Promise.all(simulation.nodes.map(async (each) => each.start()))
      await rest(simulation, honest)
      checkBans(simulation, honest)
      stop()
    }
  })
}

async function act (simulation: Simulation, action: Action, honest: number): Promise<void> {
  if (action.do === 'wait') {
    await simulation.sleep(action.ms)
  } else if (action.do === 'heal') {
    simulation.heal()
  } else if (action.do === 'cut') {
    simulation.partition(Array.from({ length: action.at % honest }, (_, index) => index))
  } else {
    await actOn(simulation, action, honest)
  }
}

async function actOn (simulation: Simulation, action: Action & { node: number }, honest: number): Promise<void> {
  const { nodes } = simulation
  // bad nodes make no blocks, and may be anything else
  const chosen = nodes[action.node % (action.do === 'mine' || action.do === 'pay' ? honest : nodes.length)]!

  if (action.do === 'start') {
    await chosen.start()
  } else if (action.do === 'stop') {
    await chosen.stop()
  } else if (action.do === 'crash' || action.do === 'vanish') {
    chosen.kill({ isSilent: action.do === 'vanish' })
  } else if (action.do === 'mine' && chosen.isRunning) {
    simulation.mine(chosen, { bytes: action.bytes })
  } else if (action.do === 'pay' && chosen.isRunning) {
    simulation.pay(chosen, { bytes: 200 })
  }
}

/** One more block on the longest chain comes to every honest node, and all of them are in step. */
async function rest (simulation: Simulation, honest: number): Promise<void> {
  const among = Array.from({ length: honest }, (_, index) => index)
  const [longest] = simulation.nodes.slice(0, honest).sort((a, b) => b.chain.height - a.chain.height)
  await simulation.sleep(1000)
  const block = simulation.mine(longest!, { bytes: 30_000 })
  await simulation.untilHeard(block, { among, within: REST_MS })
  const tips = simulation.nodes.slice(0, honest).map(({ chain }) => Buffer.from(chain.tip().hash).toString('hex'))

  if (new Set(tips).size > 1) {
    throw simulation.error(`Honest nodes are on different chains at rest: ${tips.map((tip) => tip.slice(0, 8)).join(' ')}`)
  }
}

function checkSlots (simulation: Simulation): void {
  for (const { index, network } of simulation.running) {
    const { inbound, outbound } = network.peers.counts

    // two more for a while: peers that the node tries beside full slots
    if (inbound > MAX_INBOUND || outbound > MAX_OUTBOUND + 1) {
      throw simulation.error(`Node ${index} has ${inbound} inbound and ${outbound} outbound sessions`)
    }
  }
}

function checkBans (simulation: Simulation, honest: number): void {
  const good = new Set(simulation.nodes.slice(0, honest).flatMap(({ id, address }) => [id, address.split('/')[2]!]))

  for (const { index, network } of simulation.nodes.slice(0, honest)) {
    const wrong = network.peers.bans.find(({ subject }) => good.has(subject))

    if (wrong != null) {
      throw simulation.error(`Node ${index} has banned an honest one: ${wrong.subject} for ${wrong.reason}`)
    }
  }
}

/** What a run of many stories came to. */
export interface PropertyOutcome {
  runs: number
  /** The smallest story that fails, with its error and what it takes to run it again. */
  failure: { story: Story, error: string, seed: number, path: string } | undefined
}

/** Options of {@link checkStories}. */
export interface PropertyOptions {
  seed: number
  runs: number
  /** Which of the stories of a seed to run again. */
  path?: string | undefined
  signal?: AbortSignal
  onStory?: (count: number) => void
}

/** Runs as many stories, and shrinks the first one that fails. */
export async function checkStories ({ seed, runs, path, signal, onStory }: PropertyOptions): Promise<PropertyOutcome> {
  let count = 0

  const details = await fc.check(fc.asyncProperty(stories, async (story) => {
    signal?.throwIfAborted()
    onStory?.(++count)
    await tell(story, signal)
  }), { seed, numRuns: runs, ...path == null ? {} : { path, endOnFailure: true } })

  return {
    runs: details.numRuns,
    failure: !details.failed
      ? undefined
      : {
          story: details.counterexample![0],
          error: String((details.errorInstance as Error | undefined)?.message ?? details.errorInstance),
          seed: details.seed,
          path: details.counterexamplePath!
        }
  }
}
