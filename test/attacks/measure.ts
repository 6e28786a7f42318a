import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GENESIS_HASH } from '../integration/nodes.ts'
import { sampleBlock, sampleHash } from '../support/sample.ts'
import { mostLeft } from './verdict.ts'
import { startNetwork } from '../../src/index.ts'
import type { Attack } from './attacks.ts'
import type { Crowd } from './crowd.ts'
import type { AttackerOrder, AttackerReport } from './attacker.ts'
import type { VictimReport } from './victim.ts'
import type { Network } from '../../src/index.ts'
import type { Session } from '../../src/session/session.ts'
import type { ChildProcess } from 'node:child_process'

/** Between two pings of the honest peer, and between two blocks, in ms. */
const PROBE_INTERVAL_MS = 20

/** How long memory may take to be as before an attack, in ms. */
const SETTLE_MS = 60_000

/** Between two looks at it: each collects all garbage. */
const SETTLE_INTERVAL_MS = 500

/** How long a child may take for its answer, in ms. */
const ANSWER_TIMEOUT_MS = 120_000

/** What an attack has done. */
export interface Outcome extends AttackerReport {
  /** The longest that the honest peer has waited for a pong, in ms; `Infinity` where it has lost its session. */
  pongMs: number
  /** The longest that it has waited for the block that the node sends when it has one of the honest peer's. */
  blockMs: number
  /** The processor time of the node in the longest of these waits, in ms: on a machine that does much else, the wait says little. */
  busyMs: number
  /** What memory was in use during the attack, and after it, that was not before. */
  grownBytes: number
  leftBytes: number
}

/** What a {@link Battle} is started with. */
export interface BattleInit {
  /** Whether the attacker and the honest peer both come through one relay. Memory is looked at there too. */
  isRelayed?: boolean
}

/** A node in a process of its own, and an honest peer that has a session with it. */
export class Battle {
  /** The node that is attacked, and the relay before it. */
  readonly #victims: readonly ChildProcess[]
  readonly #attacker: ChildProcess
  readonly #honest: Network
  readonly #session: Session
  readonly #pongs = new Set<bigint>()
  readonly #blocks = new Set<number>()
  #nonce = 0n
  #height = 0

  private constructor (victims: ChildProcess[], attacker: ChildProcess, { honest, session }: { honest: Network, session: Session }) {
    this.#victims = victims
    this.#attacker = attacker
    this.#honest = honest
    this.#session = session
    honest.router.handle('pong', ({ nonce }) => { this.#pongs.add(nonce) })
    honest.router.handle('newBlock', ({ height }) => { this.#blocks.add(height) })
  }

  static async start ({ isRelayed = false }: BattleInit = {}): Promise<Battle> {
    const relay = isRelayed ? await startVictim('relay') : undefined
    const victim = await startVictim(...relay == null ? [] : [relay.addresses[0]!])
    const { addresses } = victim
    const rate = { perSecond: 10_000, burst: 10_000 }
    const honest = await startNetwork({
      listen: [],
      network: 'vibecoin-test',
      genesisHash: GENESIS_HASH,
      rateLimits: { pings: rate, others: rate, blocks: rate },
      nat: { relay: isRelayed }
    })
    const session = await honest.connect(addresses[0]!) as Session

    const victims = [victim, relay].flatMap((victim) => victim?.child ?? [])

    return new Battle(victims, fork(join(import.meta.dirname, 'attacker.ts'), addresses), { honest, session })
  }

  /** Attacks for so many ms. */
  async run (attack: Pick<Attack | Crowd, 'name'> & Partial<Pick<Crowd, 'peers'>>, ms: number): Promise<Outcome> {
    const before = await this.#memory()
    const over = answer<AttackerReport>(this.#attacker)
    const { name, peers } = attack
    this.#attacker.send({ name, ms, ...peers == null ? {} : { peers } } satisfies AttackerOrder)
    const state = { isOver: false }
    const end = (): void => { state.isOver = true }
    over.then(end, end)
    const waits = { pongMs: 0, blockMs: 0, busyMs: 0 }

    const repeat = async (key: 'pongMs' | 'blockMs', once: () => Promise<number>): Promise<void> => {
      do {
        const used = this.#used()
        waits[key] = Math.max(waits[key], await once())
        waits.busyMs = Math.max(waits.busyMs, this.#used() - used)
        await new Promise((resolve) => { setTimeout(resolve, PROBE_INTERVAL_MS) })
      } while (!state.isOver)
    }

    await Promise.all([repeat('pongMs', async () => this.#ping()), repeat('blockMs', async () => this.#exchange())])

    const report = await over
    const after = await this.#memoryAfter(before, mostLeft(attack))

    return {
      ...report,
      ...waits,
      grownBytes: Math.max(...after.map(({ peakBytes }, i) => peakBytes - before[i]!.usedBytes)),
      leftBytes: Math.max(...after.map(({ usedBytes }, i) => usedBytes - before[i]!.usedBytes))
    }
  }

  async stop (): Promise<void> {
    await this.#honest.stop()
    this.#attacker.kill()
    this.#victims.forEach((victim) => { victim.kill() })
  }

  /** What the node that is attacked has used of the processor so far, in ms; all time where the system does not say. */
  #used (): number {
    try {
      const [ns] = readFileSync(`/proc/${this.#victims[0]!.pid}/schedstat`, 'utf8').split(' ')

      return Number(ns) / 1e6
    } catch {
      return performance.now()
    }
  }

  /** The peak of an attack, and what is in use when that is as before, or at the end of a wait. */
  async #memoryAfter (before: { usedBytes: number }[], most: number): Promise<{ usedBytes: number, peakBytes: number }[]> {
    const until = performance.now() + SETTLE_MS
    const after = await this.#memory()
    let latest = after

    // what was sent is still in the sockets of a crowd that has gone
    while (latest.some(({ usedBytes }, i) => usedBytes - before[i]!.usedBytes > most) && performance.now() < until) {
      await new Promise((resolve) => { setTimeout(resolve, SETTLE_INTERVAL_MS) })
      latest = await this.#memory()
    }

    return latest.map(({ usedBytes }, i) => ({ usedBytes, peakBytes: after[i]!.peakBytes }))
  }

  async #memory (): Promise<{ usedBytes: number, peakBytes: number }[]> {
    return Promise.all(this.#victims.map(async (victim) => {
      victim.send('memory')

      return answer<{ usedBytes: number, peakBytes: number }>(victim)
    }))
  }

  /** How long a ping takes, in ms. */
  async #ping (): Promise<number> {
    const nonce = ++this.#nonce
    const since = performance.now()
    this.#session.send('control', { type: 'ping', nonce, bestHeight: 0 })

    return await this.#came(() => this.#pongs.delete(nonce)) ? performance.now() - since : Infinity
  }

  /** How long a block takes to the node, and one back, in ms. */
  async #exchange (): Promise<number> {
    const height = this.#height += 2
    const since = performance.now()
    this.#honest.broadcast({ type: 'newBlock', block: sampleBlock({ height, hash: sampleHash(`honest ${height}`) }) })

    return await this.#came(() => this.#blocks.delete(height + 1)) ? performance.now() - since : Infinity
  }

  /** False where the session has ended before. */
  async #came (isThere: () => boolean): Promise<boolean> {
    while (!isThere()) {
      if (this.#session.state !== 'ready') {
        return false
      }

      // what is measured, to a millisecond: the handlers of this session only take notes
      await new Promise((resolve) => { setTimeout(resolve, 1) })
    }

    return true
  }
}

async function startVictim (...args: string[]): Promise<{ child: ChildProcess, addresses: string[] }> {
  const child = fork(join(import.meta.dirname, 'victim.ts'), args)
  const { addresses } = await answer<{ addresses: string[] }>(child)

  return { child, addresses }
}

async function answer<T extends Partial<VictimReport> | AttackerReport> (child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => { reject(new Error('A process does not answer')) }, ANSWER_TIMEOUT_MS)
    const onExit = (): void => { reject(new Error('A process has ended')) }
    child.once('exit', onExit)
    child.once('message', (message) => {
      clearTimeout(timer)
      child.off('exit', onExit)
      resolve(message as T)
    })
  })
}
