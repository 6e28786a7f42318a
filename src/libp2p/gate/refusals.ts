import { Registrar } from '../../service/metrics/registrar.ts'
import type { Metrics } from '@libp2p/interface'

/**
 * Why the gate cuts a connection that another node has opened: its host or its peer id is banned, its host opens too many in a second,
 * too many are not encrypted yet, or too many have no session.
 */
export type Refusal = 'banned-host' | 'banned-peer' | 'rate' | 'half-open' | 'sessionless'

/** Counts the connections that the gate cuts. No event tells of them: an attacker would make thousands. */
export class Refusals {
  readonly #counts: Record<Refusal, number> = { 'banned-host': 0, 'banned-peer': 0, rate: 0, 'half-open': 0, sessionless: 0 }

  count (why: Refusal): void {
    this.#counts[why]++
  }

  /** Counts a refusal where there is one, and says whether there is. */
  countIf (isRefused: boolean, why: Refusal): boolean {
    if (isRefused) {
      this.count(why)
    }

    return isRefused
  }

  /** How many there were of each kind. */
  read (): Record<Refusal, number> {
    return { ...this.#counts }
  }

  /** Shows the counts in the metrics of a node. */
  register (metrics: Metrics): void {
    new Registrar(metrics).totals('vibecoin_refused_connections_total', 'Connections that others opened and the gate cut before a session, by reason', {
      label: 'reason', read: () => this.read()
    })
  }
}
