/**
 * What is counted of transactions that are named by short digests: how many the node has announced, heard of, asked for and been asked for,
 * and how many it has sent because it was asked.
 */
export const TRANSACTION_COUNTS = ['announced', 'heard', 'asked', 'wanted', 'answered'] as const

/** One of {@link TRANSACTION_COUNTS}. */
export type TransactionCount = typeof TRANSACTION_COUNTS[number]

/** Takes note of so many. */
export type OnCounted = (what: TransactionCount, count: number) => void
