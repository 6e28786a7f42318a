import { Assembly } from './assembly.ts'
import {
  addHolder, ASSEMBLER_BOUNDS, createPending, createSource, holdersOf, NEXT_SOURCE_MS, TRANSACTIONS_TIMEOUT_MS, WholeWants
} from './pending.ts'
import { AssemblyRoom } from './room.ts'
import { WANT_HOLD_MS, WANT_PROGRESS_BYTES } from '../fetch/want-requests.ts'
import { RequestError } from '../../errors.ts'
import type { Pending, Source } from './pending.ts'
import type { TableSecret } from './short-ids.ts'
import type { AssembledBlock, AssemblerBounds, AssemblerInit, ReceivedCompact } from './types.ts'
import type { Session } from '../../session/session.ts'
import type { Usage } from '../../types/status.ts'

/**
 * Puts blocks together from compact blocks. What is missing is asked of the peer that has sent the compact block, then of others that have
 * sent one. Where that comes to nothing, the whole block is wanted.
 */
export class Assembler {
  readonly #init: AssemblerInit
  readonly #bounds: AssemblerBounds
  readonly #pending = new Map<string, Pending>()
  readonly #whole: WholeWants
  readonly #secret: TableSecret
  readonly #room: AssemblyRoom
  #bytes = 0

  constructor (init: AssemblerInit) {
    this.#init = init
    this.#bounds = init.bounds ?? ASSEMBLER_BOUNDS
    this.#whole = new WholeWants(init.clock)
    const [low, high] = init.chance.fill(new Uint32Array(2))
    this.#secret = [low!, high!]
    this.#room = new AssemblyRoom({ ...init, bounds: this.#bounds, pending: this.#pending, whole: this.#whole })
  }

  get usage (): Usage {
    return { items: this.#pending.size, maxItems: this.#bounds.blocks, bytes: this.#bytes, maxBytes: this.#bounds.bytes }
  }

  /** Whether a block is being put together. Asked for each transaction of a flood: a map would hash the key. */
  has (key: string): boolean { return this.#pending.size > 0 && this.#pending.get(key)?.isJoined === false }

  /** Whether a peer is to be asked for the whole block: its compact block came to nothing. */
  isWhole (key: string, id: string): boolean { return this.#whole.has(key, id) }

  /** Takes note that a peer has a block. True where the node asks no other peer for it yet, and nothing more is to be done. */
  noteHolder (key: string, id: string): boolean {
    const pending = this.has(key) ? this.#pending.get(key)! : undefined

    if (pending == null || pending.isWaitedFor) {
      return false
    }

    addHolder(pending, id)

    return true
  }

  /**
   * Takes a compact block of a block that the node has not seen. Returns a promise where the verdict takes its time. Throws a DecodeError
   * for one that cannot be a block.
   */
  take (compact: ReceivedCompact): Promise<void> | undefined {
    const { key, from } = compact

    if (this.#isRepeated(compact)) {
      this.noteHolder(key, from.id)
      this.#init.onOutcome?.('unused')
      return
    }

    if (!this.#room.isThereFor(compact, this.#bytes)) {
      this.#whole.add(key, from.id)
      this.#init.onOutcome?.('unused')

      if (!this.noteHolder(key, from.id)) {
        this.#init.onFailed(key, [from.id])
      }

      return
    }

    return this.#begin(compact, new Assembly(compact.message, this.#init.maxItemBytes, this.#secret))
  }

  /** Ends what is done for a block that has come whole. Returns the ids of peers that have it, and what the node had waited for. */
  cancel (key: string): Pick<AssembledBlock, 'wanted' | 'holders'> | undefined {
    const pending = this.has(key) ? this.#pending.get(key)! : undefined

    if (pending == null) {
      return undefined
    }

    this.#end(pending)

    return { wanted: pending.wanted, holders: holdersOf(pending) }
  }

  /** Forgets all of it. */
  stop (): void { [...this.#pending.values()].forEach((pending) => { this.#end(pending) }) }

  /** The peer has sent it before, or its compact block of this block came to nothing. */
  #isRepeated ({ key, from }: ReceivedCompact): boolean {
    const pending = this.#pending.get(key)

    return pending != null && (pending.isJoined || pending.peers.has(from.id))
  }

  #begin (compact: ReceivedCompact, assembly: Assembly): Promise<void> | undefined {
    const { clock, known } = this.#init
    const { key, from, bytes } = compact
    const pending = this.#pending.get(key) ?? this.#createPending(key, from)
    const source = createSource(compact, assembly, clock.now())
    this.#pending.set(key, pending)
    pending.sources.push(source)
    pending.peers.add(from.id)
    pending.bytes += bytes
    this.#bytes += bytes
    this.#room.noteHashes(from, assembly.fill(known()))

    if (assembly.missing.length === 0) {
      return this.#join(pending, source)
    }

    if (!pending.sources.some(({ controller }) => controller != null)) {
      this.#ask(pending, source)
    }
  }

  /** Ends the wait for a block, but not where a compact one has come to nothing: peers that withhold in turn must not hold it up. */
  #createPending (key: string, { id }: Session): Pending {
    const { endWait, noteAnswer } = this.#init

    if (this.#whole.hasAny(key)) {
      noteAnswer(key, id)

      return createPending(key, { wanted: undefined, isWaitedFor: true })
    }

    return createPending(key, { wanted: endWait(key, id), isWaitedFor: false })
  }

  /** Has the node ask others that have the block, beside the peers that have sent a compact one. */
  #waitAgain (pending: Pending): void {
    if (!pending.isWaitedFor) {
      const senders = pending.sources.map(({ from }) => from.id)
      const others = holdersOf(pending).filter((id) => !senders.includes(id))
      pending.isWaitedFor = true

      if (others.length > 0) {
        this.#init.onFailed(pending.key, others)
      }
    }
  }

  #ask (pending: Pending, source: Source): void {
    const { clock, ask, receivedFrom } = this.#init
    const { from, assembly } = source
    const indexes = assembly.missing
    const controller = new AbortController()
    source.controller = controller
    source.asked = indexes.length
    source.heldSince = clock.now()
    source.received = receivedFrom(from.id)
    source.timer = clock.setTimeout(() => { this.#check(pending, source, source.heldSince) }, NEXT_SOURCE_MS)

    ask({
      session: from,
      digest: assembly.digest,
      indexes,
      signal: controller.signal,
      onTransactions: (transactions) => { this.#onTransactions(pending, source, transactions) }
    }).catch(() => { this.#fail(pending, source, { isWithheld: controller.signal.aborted }) })
  }

  #onTransactions (pending: Pending, source: Source, transactions: readonly Uint8Array[]): void {
    if (!this.#isCurrent(pending, source)) {
      return
    }

    if (transactions.length < source.asked) {
      this.#fail(pending, source, { isWithheld: false })
      return
    }

    source.assembly.supply(transactions)
    void this.#join(pending, source)
  }

  /** Asks the next source too, and gives this one up where it sends nothing. */
  #check (pending: Pending, source: Source, since: number): void {
    const { clock, receivedFrom } = this.#init
    const now = clock.now()
    const received = receivedFrom(source.from.id)
    const isSending = received - source.received >= WANT_PROGRESS_BYTES && now - since < WANT_HOLD_MS
    this.#askNext(pending)

    if (isSending) {
      source.heldSince = now
      source.received = received
    } else {
      this.#waitAgain(pending)
    }

    if (now - source.heldSince >= TRANSACTIONS_TIMEOUT_MS) {
      source.controller!.abort(new RequestError('TIMEOUT', `No transactions within ${TRANSACTIONS_TIMEOUT_MS} ms`))
    } else {
      source.timer = clock.setTimeout(() => { this.#check(pending, source, since) }, NEXT_SOURCE_MS)
    }
  }

  #askNext (pending: Pending): boolean {
    const next = pending.sources.find(({ controller }) => controller == null)

    if (next != null) {
      this.#ask(pending, next)
    }

    return next != null
  }

  /** Puts the block together, which may turn out to be another one. */
  #join (pending: Pending, source: Source): Promise<void> | undefined {
    const { onAssembled, onOutcome } = this.#init
    const { from, assembly, asked, at, bytes } = source
    const joined = assembly.join()

    if (joined == null) {
      this.#fail(pending, source, { isWithheld: false })
      return
    }

    this.#release(pending, joined.item.byteLength)
    onOutcome?.(asked === 0 ? 'complete' : 'asked')
    const facts = { at, bytes, prefilled: assembly.prefilled, asked }
    const wanted = pending.isWaitedFor ? undefined : pending.wanted
    const verdict = onAssembled({ ...joined, key: pending.key, from, wanted, holders: holdersOf(pending), facts })

    // a block counts for the bounds until it is judged
    if (verdict == null) {
      this.#end(pending)
      return
    }

    return verdict.then(() => { this.#end(pending) })
  }

  #fail (pending: Pending, source: Source, { isWithheld }: { isWithheld: boolean }): void {
    if (!this.#isCurrent(pending, source)) {
      return
    }

    const { clock, onFailed, onWithheld, onOutcome } = this.#init
    const { from } = source
    clock.clearTimeout(source.timer)
    pending.sources.splice(pending.sources.indexOf(source), 1)
    pending.failed.push(from.id)
    this.#whole.add(pending.key, from.id)
    this.#room.noteFailure(from)
    onOutcome?.('failed')

    if (isWithheld) {
      onWithheld(from)
    }

    if (pending.isWaitedFor) {
      onFailed(pending.key, [from.id])
    }

    if (!this.#askNext(pending) && pending.sources.length === 0) {
      this.#end(pending)
      this.#waitAgain(pending)
    }
  }

  #isCurrent (pending: Pending, source: Source): boolean {
    return this.#pending.get(pending.key) === pending && pending.sources.includes(source)
  }

  /** Lets go of what was needed to put a block together, which itself is in memory from now on. */
  #release (pending: Pending, bytes: number): void {
    pending.isJoined = true
    const sources = pending.sources.splice(0)
    this.#bytes += bytes - pending.bytes
    pending.bytes = bytes

    for (const { timer, controller } of sources) {
      this.#init.clock.clearTimeout(timer)
      controller?.abort(new RequestError('TIMEOUT', 'The block has come another way'))
    }
  }

  #end (pending: Pending): void {
    if (this.#pending.get(pending.key) === pending) {
      this.#pending.delete(pending.key)
      this.#release(pending, 0)
    }
  }
}
