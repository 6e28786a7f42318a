import { build } from './build.ts'
import { resolveOptions } from './options.ts'
import { drive } from './time/driver.ts'
import { SimulationError } from './world/errors.ts'
import { Outside } from './world/outside.ts'
import type { SimulationOptions } from './options.ts'
import type { SimulationReport } from './report.ts'
import type { Simulation } from './simulation.ts'

/** How long a simulation without a script runs, in ms of virtual time. */
const DURATION_MS = 60_000

/** Events at one moment, after which time is taken to stand still for good: something calls itself again and again. */
const MAX_STANDING = 1_000_000

/** Events between two reports of progress. */
const PROGRESS_EVENTS = 16_384

/** Options of {@link simulate}. */
export interface SimulateOptions extends SimulationOptions {
  /**
   * What happens. The simulation ends when it is done. It waits with the methods of the simulation, and for nothing else.
   *
   * @default async (simulation) => { await simulation.sleep(60_000) }
   */
  script?: (simulation: Simulation) => Promise<void>
}

/**
 * Runs a network of nodes on virtual time in this process: the real service of each, with its sessions, gossip, synchronisation and dialer,
 * over simulated links. The same options and seed give the same report, on every machine.
 *
 * Throws a {@link SimulationError} with the seed and the time where the script throws, a condition is not met in time, or a handler waits
 * for something that is not simulated. Throws a `ConfigError` for an option that cannot be used, and the reason of `signal`.
 */
export async function simulate ({ script = defaultScript, ...options }: SimulateOptions): Promise<SimulationReport> {
  const resolved = resolveOptions(options)
  const { signal, onProgress, node } = resolved
  signal?.throwIfAborted()
  // what the caller begins in this turn is no part of the simulation
  await Promise.resolve()
  const outside = new Outside()
  const { simulation, time, knownPeersDone } = build(resolved, outside)
  await knownPeersDone
  let outcome: { error?: unknown } | undefined
  const run = async (): Promise<void> => {
    await Promise.all(simulation.nodes.filter(({ index }) => node(index).isStarted !== false).map(async (started) => started.start()))
    await script(simulation)
  }
  run().then(() => { outcome = {} }, (error: unknown) => { outcome = { error } })

  try {
    await drive(time, {
      isDone: () => {
        signal?.throwIfAborted()

        if (time.happened % PROGRESS_EVENTS === 0) {
          onProgress(time.now)
        }

        if (time.standing > MAX_STANDING) {
          throw simulation.error('Time stands still: something begins itself again without a pause')
        }

        const found = outcome == null ? outside.found(!simulation.isWaited) : undefined

        if (found != null) {
          throw simulation.error(`A handler or the script waits for something that is not simulated (${found}): use the clock of the node`)
        }

        return outcome != null
      },
      onIdle: () => { throw simulation.error('Nothing is left to happen, and the script is not done') }
    })

    if (outcome != null && 'error' in outcome) {
      throw outcome.error
    }

    return simulation.report()
  } catch (err) {
    throw signal?.aborted === true || err instanceof SimulationError ? err : simulation.error(`The simulation failed: ${String(err)}`, err)
  } finally {
    simulation.nodes.forEach((node) => { node.release() })
  }
}

async function defaultScript (simulation: Simulation): Promise<void> {
  await simulation.sleep(DURATION_MS)
}
