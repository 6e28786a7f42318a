/**
 * What the application thinks of a block or transaction that a peer sent:
 * `accept` relays it, `ignore` drops it quietly, `reject` drops it and counts against the sender.
 */
export type Verdict = 'accept' | 'ignore' | 'reject'
