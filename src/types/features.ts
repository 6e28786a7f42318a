/**
 * The additions to the protocol that this package knows, in the order of their bits in a handshake. A session uses those that both
 * sides offer.
 *
 * | feature | what it adds |
 * |---|---|
 * | `short-digests` | items are named by the first 16 bytes of their digests |
 * | `compact-blocks` | blocks travel without the transactions that the peer has |
 * | `peers` | peers tell each other of peers |
 */
export const FEATURES: readonly Feature[] = Object.freeze(['short-digests', 'compact-blocks', 'peers'])

/** The name of an addition to the protocol: one of {@link FEATURES}. */
export type Feature = 'short-digests' | 'compact-blocks' | 'peers'
