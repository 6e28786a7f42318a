/** Where gateways answer, in PCP and NAT-PMP. */
export const GATEWAY_PORT = 5351

/** A port of this machine that the gateway is to lead here. */
export interface Port {
  protocol: 'tcp' | 'udp'
  port: number
}

/** What a gateway is asked for. */
export interface MapRequest extends Port {
  /** The port outside that the node would like best; 0 for any. */
  externalPort: number
  /** For how long, in seconds; 0 takes the mapping back. */
  lifetime: number
}

/** A mapping that a gateway has granted. */
export interface Granted {
  externalPort: number
  /** In seconds. */
  lifetime: number
  /** The address outside, where the answer has it. */
  externalAddress?: string
}

/** An answer that says no. */
export interface Refused {
  /** Why, as part of a sentence. */
  refused: string
  /** Whether another protocol may get a better answer. */
  isOfOtherProtocol: boolean
}

/** What a gateway has answered. */
export type Answer<Result> = Result | Refused

/** Whether an answer says no. */
export function isRefused (answer: object): answer is Refused {
  return 'refused' in answer
}
