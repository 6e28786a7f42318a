/**
 * What the application thinks of a block or transaction that a peer sent:
 * `accept` relays it, `ignore` drops it and looks at it again when it comes again, `reject` drops it for good and is counted.
 */
export type Verdict = 'accept' | 'ignore' | 'reject'

/**
 * What becomes of a block or transaction that a peer sent: a verdict, `known` for what we have had already, which is
 * remembered and goes no further, or `held` where it waits for its parent and is judged once more then.
 */
export type Outcome = Verdict | 'known' | 'held'
