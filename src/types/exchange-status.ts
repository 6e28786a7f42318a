/** The peers that a node knows to dial, in the two parts that it keeps apart, and what it has heard of and told. */
export interface KnownPeersStatus {
  /** Peers that the node has reached, in this run or an earlier one. */
  reached: number
  /** Peers that it has only heard of. */
  heardOf: number
  /** Those of the reached ones that it could tell others of: it has their signed records. */
  tellable: number
  /** Test dials to peers that it has only heard of. */
  feelers: FeelersStatus
  /** What it has asked and told. */
  exchange: ExchangeStatus
}

/** Test dials since the start. */
export interface FeelersStatus {
  /** How many were made. */
  tried: number
  /** How many have reached a node of this network. */
  reached: number
  /** In how many ms the next one may be made; `null` during one, and where the node does not run. */
  nextIn: number | null
}

/** What peers have told, and were told, since the start. */
export interface ExchangeStatus {
  /** Requests of this node that were answered with other peers. */
  asked: number
  /** Peers that were told of and not known before. */
  heard: number
  /** Answers with a record that its peer has not signed. */
  forged: number
  /** Answers of this node that told of other peers. */
  answered: number
}
