import { formatDuration } from '../output/format.ts'
import type { DevnetNode } from './node.ts'
import type { Schedule } from './plan.ts'
import type { EventName, Report, ReportEvents } from '../output/report.ts'

/** Options of {@link DevnetStory}. */
export interface DevnetStoryInit {
  nodes: DevnetNode[]
  schedule: Schedule
  /** Blocks made since the devnet started. */
  blocksMade: () => number
  /** Height of the best block made. */
  height: () => number
  /** Whether a node runs and its chain is one with the maker's. */
  inSync: (node: DevnetNode) => boolean
  onReport: (report: Report) => void
  /** @default the machine's clock */
  now?: () => number
}

/** The events that a devnet shows, and their nodes. */
export interface StoryFacts {
  joinedAt?: number
  caughtUp?: boolean
  killedAt?: number
  restartedAt?: number
  reconnectedBy?: string
  /** Milliseconds from the restart. */
  reconnectedAfter?: number
}

/**
 * The story that a devnet shows: a node that joins late and catches up, and one that is killed, comes back and reconnects. One step
 * after the other, each as soon as possible.
 */
export class DevnetStory {
  readonly #init: DevnetStoryInit
  readonly #now: () => number
  readonly #facts: StoryFacts = {}
  #restartTime = 0
  #killedAfter = 0
  #exited = false

  constructor (init: DevnetStoryInit) {
    this.#init = init
    this.#now = init.now ?? (() => performance.now())
  }

  /** The heights at which steps happened. */
  get facts (): Readonly<StoryFacts> {
    return this.#facts
  }

  /** True when everything has been shown. */
  get done (): boolean {
    return this.#facts.caughtUp === true && this.#facts.reconnectedBy != null
  }

  /** The steps that are left, in words; empty when done. */
  get missing (): string[] {
    const { joinedAt, caughtUp, killedAt, restartedAt, reconnectedBy } = this.#facts
    const late = this.#late.plan.name
    const killed = this.#killed.plan.name

    return [
      ...(joinedAt == null ? [`${late} has not joined yet`] : caughtUp !== true ? [`${late} has not caught up`] : []),
      ...(killedAt == null ? [`${killed} was not killed yet`] : []),
      ...(killedAt != null && restartedAt == null ? [`${killed} was not restarted yet`] : []),
      ...(restartedAt != null && reconnectedBy == null ? [`${killed} was not seen reconnecting`] : [])
    ]
  }

  /** The steps that are done, in words. */
  get told (): string[] {
    const { joinedAt, caughtUp, killedAt, reconnectedBy, reconnectedAfter = 0 } = this.#facts
    const late = this.#late.plan.name
    const killed = this.#killed.plan.name

    return [
      ...(caughtUp === true ? [`${late} joined late, at block ${joinedAt ?? 0}, and caught up`] : []),
      ...(reconnectedBy != null
        ? [`${killed} was killed at block ${killedAt ?? 0}; ${reconnectedBy} had it back ${formatDuration(reconnectedAfter)} after its restart`]
        : [])
    ]
  }

  /** Takes the next step, if it is time. Called whenever something has changed. */
  advance (): void {
    const { joinedAt, caughtUp, killedAt, restartedAt } = this.#facts

    if (joinedAt == null) {
      this.#tryJoin()
    } else if (caughtUp !== true) {
      this.#watchCatchUp()
    }

    if (this.#facts.caughtUp === true && killedAt == null) {
      this.#tryKill()
    } else if (killedAt != null && restartedAt == null) {
      this.#tryRestart()
    }
  }

  /** Takes note that a node has a session with the peer of this id. */
  onConnected (node: DevnetNode, peer: string): void {
    const { restartedAt, reconnectedBy } = this.#facts

    if (restartedAt != null && reconnectedBy == null && peer === this.#killed.id && node !== this.#killed) {
      this.#facts.reconnectedBy = node.plan.name
      this.#facts.reconnectedAfter = Math.round(this.#now() - this.#restartTime)
      this.#report('reconnected', this.#killed, { by: node.plan.name, after: this.#facts.reconnectedAfter })
    }
  }

  /** Takes note that the process of a node has ended. Returns whether that is part of the story. */
  onExit (node: DevnetNode): boolean {
    const expected = node === this.#killed && this.#facts.killedAt != null && !this.#exited
    this.#exited ||= expected

    return expected
  }

  get #late (): DevnetNode {
    return this.#init.nodes.find(({ plan }) => plan.joinsLate)!
  }

  get #killed (): DevnetNode {
    return this.#init.nodes.find(({ plan }) => plan.isKilled)!
  }

  #tryJoin (): void {
    const { nodes, schedule, blocksMade, height } = this.#init
    const othersRun = nodes.every((node) => node.plan.joinsLate || node.phase === 'running')

    if (othersRun && blocksMade() >= schedule.joinAt) {
      this.#facts.joinedAt = height()
      this.#report('joinedLate', this.#late, { height: height() })
      this.#late.start()
    }
  }

  #watchCatchUp (): void {
    if (this.#init.inSync(this.#late)) {
      this.#facts.caughtUp = true
      this.#report('caughtUp', this.#late, { height: this.#late.status?.height ?? 0 })
    }
  }

  /** Only a node with a connected peer can be missed. */
  #tryKill (): void {
    const { schedule, blocksMade, height, inSync } = this.#init
    const { inbound = 0, outbound = 0 } = this.#killed.status ?? {}

    if (blocksMade() >= schedule.killAt && inSync(this.#killed) && inbound + outbound > 0) {
      this.#facts.killedAt = height()
      this.#killedAfter = blocksMade()
      this.#report('killed', this.#killed, { height: height() })
      this.#killed.kill()
    }
  }

  #tryRestart (): void {
    const { schedule, blocksMade, height } = this.#init

    if (this.#exited && blocksMade() >= this.#killedAfter + schedule.restartAfter) {
      this.#facts.restartedAt = height()
      this.#restartTime = this.#now()
      this.#report('restarted', this.#killed, { height: height() })
      this.#killed.start()
    }
  }

  #report<Name extends EventName> (event: Name, node: DevnetNode, fields: ReportEvents[Name]): void {
    this.#init.onReport({ event, node: node.plan.name, ...fields } as Report)
  }
}
