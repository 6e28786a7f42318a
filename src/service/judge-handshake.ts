import { refuseHandshake } from '../session/handshake.ts'
import { MIN_PROTOCOL_VERSION, PROTOCOL_VERSION } from '../types/message.ts'
import type { ServiceConfig } from '../config/resolve.ts'
import type { ForkSchedule } from '../session/fork-schedule.ts'
import type { Refusal } from '../session/handshake.ts'
import type { NodeInfo } from '../types/message.ts'

/** What of this node a handshake is compared with. */
export interface JudgeInit {
  config: Pick<ServiceConfig, 'network' | 'genesisHash'>
  /** Absent: forks are not compared. */
  forks: ForkSchedule | undefined
  /** The height of the chain of this node. */
  height: number
}

/** Why this node would refuse a peer with this handshake, or `undefined` where it would not. It needs no session for that. */
export function judgeHandshake (info: NodeInfo, { config: { network, genesisHash }, forks, height }: JudgeInit): Refusal | undefined {
  const local = { protocolVersion: PROTOCOL_VERSION, minProtocolVersion: MIN_PROTOCOL_VERSION, network, genesisHash }
  const detail = forks?.refusal(info.forkId, height)

  return refuseHandshake(local, info) ?? (detail == null ? undefined : { reason: 'WRONG_FORK', detail })
}
