/**
 * What the application thinks of a block or transaction that a peer sent:
 * `accept` relays it, `ignore` drops it and looks at it again when it comes again, `reject` drops it for good and is counted.
 */
export type Verdict = 'accept' | 'ignore' | 'reject'
