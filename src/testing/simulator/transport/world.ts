import type { Host } from './host.ts'
import type { RecordReader } from './records.ts'
import type { Trace } from '../world/trace.ts'
import type { VirtualTime } from '../time/virtual-time.ts'
import type { Chance } from '../../../util/chance.ts'

/** What all hosts of a simulation share. */
export interface World {
  readonly time: VirtualTime
  readonly chance: Chance
  readonly trace: Trace
  /** The records that nodes have of each other. */
  readonly records: RecordReader
  /** By IP address and port. */
  readonly hosts: Map<string, Host>
  /** From one host to another, in ms. The same in both directions. */
  readonly latency: (from: Host, to: Host) => number
  /** Connections that break for no reason, for each connection and hour. */
  readonly lossesPerHour: number
  /** How many bytes each byte of a long write stands for. */
  readonly scale: number
  /** Whether nothing passes between two hosts now. */
  readonly isCut: (one: Host, other: Host) => boolean
}
