import type { PeerKey } from './types.ts'
import type { Slot } from '../slots.ts'
import type { Stream } from '@libp2p/interface'
import type { Session } from '../../session/session.ts'

/** What the manager keeps of a session until it has ended. */
export interface SessionEntry {
  slot: Slot | undefined
  peer: PeerKey
  stream: Stream
  /** When its stream was opened, by the clock. */
  openedAt: number
}

/** The sessions of a node: the ready one of each peer, all that have not ended, and those whose streams are being closed. */
export class SessionTable {
  readonly #ready = new Map<string, Session>()
  readonly #live = new Map<Session, SessionEntry>()
  readonly #finishing = new Set<Promise<void>>()

  /** The ready sessions. */
  get ready (): Session[] {
    return [...this.#ready.values()]
  }

  /** The sessions that have not ended, ready or not. */
  get live (): Session[] {
    return [...this.#live.keys()]
  }

  /** The ready sessions that peers have opened, one after the other: each stream that comes asks for them. */
  * inbound (): Generator<Session, void> {
    for (const session of this.#ready.values()) {
      if (session.direction === 'inbound') {
        yield session
      }
    }
  }

  /** The sessions with a peer that have not ended, ready or not. */
  liveOf (id: string): Session[] {
    const sessions: Session[] = []

    for (const session of this.#live.keys()) {
      if (session.id === id) {
        sessions.push(session)
      }
    }

    return sessions
  }

  /** The ready session with a peer. */
  get (id: string): Session | undefined {
    return this.#ready.get(id)
  }

  /** The session with a peer, ready or not yet: the one that does not go through a relay, where there is one. */
  find (id: string): Session | undefined {
    const ready = this.#ready.get(id)

    if (ready?.isRelayed === false) {
      return ready
    }

    const live = this.liveOf(id)

    return live.find(({ isRelayed }) => !isRelayed) ?? ready ?? live[0]
  }

  /** The entry of a session that has not ended. */
  entryOf (session: Session): SessionEntry | undefined {
    return this.#live.get(session)
  }

  /** Adds a session that has begun. */
  add (session: Session, entry: SessionEntry): void {
    this.#live.set(session, entry)
  }

  /** Makes a session the ready one of its peer. Returns the one before it. */
  setReady (session: Session): Session | undefined {
    const replaced = this.#ready.get(session.id)
    this.#ready.set(session.id, session)

    return replaced
  }

  /** Removes a session that has ended. */
  delete (session: Session): void {
    this.#live.delete(session)
    this.#finishing.add(session.finished)
    void session.finished.then(() => this.#finishing.delete(session.finished))

    if (this.#ready.get(session.id) === session) {
      this.#ready.delete(session.id)
    }
  }

  /** Resolves when the streams of all sessions are closed. */
  async whenFinished (): Promise<void> {
    await Promise.all([...this.live.map(({ finished }) => finished), ...this.#finishing])
  }
}
