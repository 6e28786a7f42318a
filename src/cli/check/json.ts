import { toHex } from '../output/format.ts'
import type { Run } from '../../check/run.ts'
import type { Manners, Verdict } from '../../check/check.ts'

/** What `check --json` prints. */
export interface CheckReport {
  /** Raised when a field goes or means something else. */
  format: 1
  target: {
    address: string
    id: string
    network: string
    /** In hex. */
    genesisHash: string
    userAgent: string
    protocolVersion: number
    bestHeight: number
  }
  ok: number
  failed: number
  skipped: number
  /** How long all of it took, in ms. */
  ms: number
  /** Whether Ctrl-C has ended it: the rest of the checks is missing. */
  isInterrupted: boolean
  /** How many are missing. */
  left: number
  /** In the order of docs/protocol.md. */
  checks: CheckEntry[]
}

/** One check in a {@link CheckReport}. */
export interface CheckEntry {
  id: string
  title: string
  /** The heading of docs/protocol.md. */
  section: string
  /** The words there. */
  text: string
  manners: Manners
  verdict: Verdict
  ms: number
  /** Of a failure: what was expected. */
  expected?: string
  /** Of a failure: what came in its place. */
  seen?: string
  /** Why it was skipped. */
  reason?: string
}

/** A run as plain values. */
export function toJson ({ target: { address, id, node }, results, ms, isInterrupted, left }: Run): CheckReport {
  const { network, genesisHash, userAgent, protocolVersion, bestHeight } = node
  const count = (wanted: Verdict): number => results.filter(({ verdict }) => verdict === wanted).length

  return {
    format: 1,
    target: { address, id, network, genesisHash: toHex(genesisHash), userAgent, protocolVersion, bestHeight },
    ok: count('ok'),
    failed: count('failed'),
    skipped: count('skipped'),
    ms: Math.round(ms),
    isInterrupted,
    left,
    checks: results.map(({ check: { id, title, section, text, manners }, verdict, ms, ...found }) => {
      return { id, title, section, text, manners, verdict, ms: Math.round(ms), ...found }
    })
  }
}
