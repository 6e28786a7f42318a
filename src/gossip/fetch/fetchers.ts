import { Fetcher } from './fetcher.ts'
import { Withheld } from './withheld.ts'
import { keysToShortDigests, keyToDigest, shortKeyOf } from '../digest-key.ts'
import { MAX_DIGESTS } from '../../codec/limits.ts'
import { budgetOf } from '../../session/limits/send-budget.ts'
import type { AnnouncerKey, WantedItem } from './announcer.ts'
import type { ReadyPeers } from '../peers.ts'
import type { OnCounted } from '../transactions/counts.ts'
import type { Clock } from '../../util/clock.ts'
import type { Usage } from '../../types/status.ts'

/**
 * Items that are named by short digests and that the node waits for: small transactions. At 2000 a second, and with an answer after half a
 * second, 1000 wait. Each takes about 1 KiB, and 100 bytes for each peer that has announced it.
 */
export const MAX_WANTED_TRANSACTIONS = 8192

/** Those of one announcer. */
export const MAX_WANTED_TRANSACTIONS_PER_PEER = 2048

/** How long the node collects what it asks for by short digests. Hardly any of it comes unasked. */
export const TRANSACTION_WANT_DELAY_MS = 10

/** Options of {@link Fetchers}. */
export interface FetchersInit {
  clock: Clock
  peers: ReadyPeers
  onCounted?: OnCounted | undefined
  /** Whether a peer is asked for a whole block where it could give a compact one. False where it is absent. */
  isWhole?: (key: string, id: string) => boolean
}

/**
 * Fetches what peers announce: large items by their digests, and small transactions by short ones. The two are apart, so that a flood of
 * the one leaves room for the other. A peer that withholds either is asked last for both.
 */
export class Fetchers {
  readonly #peers: ReadyPeers
  readonly #items: Fetcher
  readonly #transactions: Fetcher
  readonly #withheld: Withheld

  constructor ({ clock, peers, onCounted, isWhole = () => false }: FetchersInit) {
    const withheld = new Withheld(clock)
    this.#withheld = withheld
    const receivedFrom = (id: string): number => peers.get(id)?.session.bytesIn ?? 0
    const mayAsk = (id: string): boolean => {
      const peer = peers.get(id)

      return peer == null || budgetOf(peer.session).tryTake('digests')
    }

    this.#peers = peers
    this.#items = new Fetcher({
      ...{ clock, withheld, receivedFrom, mayAsk },
      ask: (id, keys) => { this.#ask(id, keys, isWhole) }
    })
    this.#transactions = new Fetcher({
      ...{ clock, withheld, receivedFrom, mayAsk, delay: TRANSACTION_WANT_DELAY_MS },
      bounds: { items: MAX_WANTED_TRANSACTIONS, itemsPerPeer: MAX_WANTED_TRANSACTIONS_PER_PEER },
      ask: (id, keys) => {
        this.#askShort(id, keys)
        onCounted?.('asked', keys.length)
      }
    })
  }

  /** Large items, and small transactions, that the node waits for. */
  get usage (): { wanted: Usage, wantedTransactions: Usage } {
    return { wanted: this.#items.usage, wantedTransactions: this.#transactions.usage }
  }

  /** Takes note that a peer has an item that this node has not seen. */
  announced (key: string, by: AnnouncerKey): void { this.#items.announced(key, by) }

  /** The same where the peer has named it by its short digest. */
  announcedShort (key: string, by: AnnouncerKey): void { this.#transactions.announced(key, by) }

  /** Takes note that an item has come, from the peer of this id. Returns the wanted item where it was one. */
  arrived (key: string, id?: string): WantedItem | undefined {
    // hardly ever is an item wanted, and each map would hash the key
    const item = this.#items.size === 0 ? undefined : this.#items.arrived(key, id)
    const transaction = this.#transactions.size === 0 ? undefined : this.#transactions.arrived(shortKeyOf(key), id)

    return item ?? transaction
  }

  /** Takes note that a peer has sent an item, whether others have sent it before or not. */
  answered (key: string, id: string): void {
    this.#items.answered(key, id)
    this.#transactions.answered(shortKeyOf(key), id)
  }

  /** Takes note that a peer has sent a new and good item when it was asked. */
  noteUseful (id: string): void {
    if (!this.#items.noteUseful(id)) {
      this.#transactions.noteUseful(id)
    }
  }

  /** Asks others for the items that a peer was asked for that has gone. */
  onGone (id: string): void {
    this.#items.onGone(id)
    this.#transactions.onGone(id)
  }

  /** Takes note of another session with a peer. */
  onBack (session: AnnouncerKey): void {
    this.#items.onBack(session)
    this.#transactions.onBack(session)
  }

  /** Takes note that a peer has not sent a part of what it has. */
  noteWithheld ({ id, location }: AnnouncerKey): void { this.#withheld.note({ id, host: location.host ?? id }) }

  /** Forgets all wanted items. */
  stop (): void {
    this.#items.stop()
    this.#transactions.stop()
  }

  #ask (id: string, keys: readonly string[], isWhole: (key: string, id: string) => boolean): void {
    const session = this.#peers.get(id)?.session

    if (session == null) {
      return
    }

    const takesCompact = session.features.includes('compact-blocks')
    const [compact, whole] = splitBy(keys, (key) => takesCompact && !isWhole(key, id))

    if (compact.length > 0) {
      session.send('control', { type: 'want', digests: compact.map(keyToDigest), compact: true })
    }

    if (whole.length > 0) {
      session.send('control', { type: 'want', digests: whole.map(keyToDigest) })
    }
  }

  #askShort (id: string, keys: readonly string[]): void {
    for (let at = 0; at < keys.length; at += MAX_DIGESTS) {
      const shortDigests = keysToShortDigests(keys.slice(at, at + MAX_DIGESTS))
      this.#peers.get(id)?.session.send('control', { type: 'want', digests: [], shortDigests })
    }
  }
}

/** Those for which it is true, and the others. */
function splitBy (keys: readonly string[], is: (key: string) => boolean): [string[], string[]] {
  return [keys.filter(is), keys.filter((key) => !is(key))]
}
