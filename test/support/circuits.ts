import { Circuit } from '../../src/session/circuit.ts'
import type { Clock } from '../../src/util/clock.ts'
import type { Direction } from '../../src/types/peer.ts'

/** A circuit whose room is in the hands of the test. */
export interface TestCircuit {
  circuit: Circuit
  /** How often another one was asked for. */
  readonly lows: number
  /** Takes so much of its room. */
  use: (bytes: number) => void
}

/** A circuit of so much room, in bytes. Nothing looks at it by itself. */
export function circuitWith (clock: Clock, room: number, direction: Direction = 'outbound'): TestCircuit {
  let bytes = BigInt(Math.ceil((room + 4096) / 0.97))
  let lows = 0
  const limits = { get bytes () { return bytes } }
  const circuit = new Circuit({ limits, clock, direction, queued: () => 0, onLow: () => { lows++ }, onUsedUp: () => {} })
  circuit.start()
  circuit.stop()

  return { circuit, get lows () { return lows }, use: (used) => { bytes -= BigInt(Math.ceil(used / 0.97)) } }
}
