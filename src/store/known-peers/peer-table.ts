import type { KnownPeer } from '../../types/known-peers.ts'

/**
 * Known peers on disk.
 *
 * @remarks The node forgets the one that it has reached least lately.
 */
export const MAX_KNOWN_PEERS = 1000

/** Known peers of one netgroup on disk. */
export const MAX_SOURCE_PEERS = 64

/**
 * Peers on disk that the node has only heard of from other peers.
 *
 * @remarks The node forgets the one that it heard of first.
 */
export const MAX_HEARD_PEERS = 512

/** Anchors among the known peers. */
export const MAX_ANCHORS = 2

/** Addresses of one known peer on disk. */
export const MAX_ADDRESSES = 8

/** One address of a known peer on disk. */
export const MAX_ADDRESS_CHARS = 512

/** The peer id of a known peer on disk. */
export const MAX_ID_CHARS = 128

/** The signed record of a known peer on disk: as much as the protocol allows. */
export const MAX_RECORD_BYTES = 1024

/** The netgroup of a known peer on disk. */
export const MAX_SOURCE_CHARS = 128

/** Known peers in memory, bounded. It stores and returns copies. */
export class PeerTable {
  readonly #peers = new Map<string, KnownPeer>()
  #anchors: string[] = []
  /** Whether the anchors are those of this run, which are marked on disk. */
  #hasMarks = false

  /** `anchors` are those of the run before. */
  constructor (peers: Iterable<KnownPeer> = [], anchors: readonly string[] = []) {
    for (const peer of peers) {
      this.set(peer)
    }

    this.#anchors = this.#pickAnchors(anchors)
  }

  /**
   * Adds or replaces a peer. Returns the id of the one that was evicted for it, which may be the same.
   * Throws a RangeError for an invalid id, time or source.
   */
  set (peer: KnownPeer): string | undefined {
    const normal = normalize(peer)
    // behind the others: of peers without a success the first is evicted first
    this.#peers.delete(normal.id)
    this.#peers.set(normal.id, normal)
    const evicted = this.#findExcess(normal)

    if (evicted != null) {
      this.delete(evicted)
    }

    return evicted
  }

  /** Notes that a peer could not be reached. False where it is not known. Throws a RangeError for an invalid time. */
  fail (id: string, time: number): boolean {
    const lastFailure = checkTime(time, 'time')
    const peer = this.#peers.get(id)

    if (peer != null) {
      peer.lastFailure = lastFailure
    }

    return peer != null
  }

  /** The stored peer, which a caller does not change. */
  get (id: string): Readonly<KnownPeer> | undefined {
    return this.#peers.get(id)
  }

  /** Forgets the peer, if it is there. */
  delete (id: string): void {
    this.#peers.delete(id)
    this.#anchors = this.#anchors.filter((anchor) => anchor !== id)
  }

  /** Copies of all, the latest success first. */
  list (): KnownPeer[] {
    return [...this.#peers.values()].map(normalize).sort((a, b) => worth(b) - worth(a))
  }

  /** Copies of the anchors. */
  anchors (): KnownPeer[] {
    return this.#anchors.map((id) => normalize(this.#peers.get(id)!))
  }

  /** Makes the first known ones of these the anchors. Returns the ids of those that have or had a mark. */
  setAnchors (ids: readonly string[]): string[] {
    const before = this.#hasMarks ? this.#anchors : []
    this.#anchors = this.#pickAnchors(ids)
    this.#hasMarks = true

    return [...new Set([...before, ...this.#anchors])]
  }

  /** Whether the peer is an anchor for the next run. */
  isMarked (id: string): boolean {
    return this.#hasMarks && this.#anchors.includes(id)
  }

  #pickAnchors (ids: readonly string[]): string[] {
    return [...new Set(ids)].filter((id) => this.#peers.has(id)).slice(0, MAX_ANCHORS)
  }

  /** The peer to evict after another was added. */
  #findExcess (added: KnownPeer): string | undefined {
    const { source } = added
    const isPart = isHeardOf(added) ? isHeardOf : (peer: KnownPeer) => !isHeardOf(peer)
    const all = [...this.#peers.values()].filter(isPart)

    if (isHeardOf(added)) {
      return all.length > MAX_HEARD_PEERS ? findOldest(all) : undefined
    }

    const ofSource = source == null ? [] : all.filter((peer) => peer.source === source)

    if (ofSource.length > MAX_SOURCE_PEERS) {
      return findOldest(ofSource)
    }

    return all.length > MAX_KNOWN_PEERS ? findOldest(all) : undefined
  }
}

/** Whether this node has only heard of a peer. */
export function isHeardOf ({ toldBy, lastSuccess }: KnownPeer): boolean {
  return toldBy != null && lastSuccess == null
}

function findOldest (peers: readonly KnownPeer[]): string {
  return peers.reduce((oldest, peer) => worth(peer) < worth(oldest) ? peer : oldest).id
}

/** A peer is worth more the later it was reached, and least where it never was. */
function worth ({ lastSuccess = -1 }: KnownPeer): number {
  return lastSuccess
}

function normalize ({ id, addresses, lastSuccess, lastFailure, source, toldBy, record }: KnownPeer): KnownPeer {
  const usable = addresses.filter((address) => address.length > 0 && address.length <= MAX_ADDRESS_CHARS)
  const peer: KnownPeer = { id: checkText(id, 'id', MAX_ID_CHARS), addresses: [...new Set(usable)].slice(0, MAX_ADDRESSES) }

  if (lastSuccess != null) {
    peer.lastSuccess = checkTime(lastSuccess, 'lastSuccess')
  }

  if (lastFailure != null) {
    peer.lastFailure = checkTime(lastFailure, 'lastFailure')
  }

  if (source != null) {
    peer.source = checkText(source, 'source', MAX_SOURCE_CHARS)
  }

  if (toldBy != null && lastSuccess == null) {
    // none where the peer that told has no host: it is on this machine, or behind a relay
    peer.toldBy = toldBy === '' ? toldBy : checkText(toldBy, 'toldBy', MAX_SOURCE_CHARS)
  }

  if (record != null) {
    peer.record = checkRecord(record)
  }

  return peer
}

function checkText (text: string, field: string, maxChars: number): string {
  if (typeof text !== 'string' || text.length === 0 || text.length > maxChars) {
    throw new RangeError(`Expected \`${field}\` to be a string of 1 to ${maxChars} characters`)
  }

  return text
}

function checkRecord (record: Uint8Array): Uint8Array {
  if (!(record instanceof Uint8Array) || record.byteLength > MAX_RECORD_BYTES) {
    throw new RangeError(`Expected \`record\` to be a Uint8Array of at most ${MAX_RECORD_BYTES} bytes`)
  }

  return record.slice()
}

function checkTime (time: number, field: string): number {
  if (!Number.isSafeInteger(time) || time < 0) {
    throw new RangeError(`Expected \`${field}\` to be whole milliseconds since the Unix epoch`)
  }

  return time
}
