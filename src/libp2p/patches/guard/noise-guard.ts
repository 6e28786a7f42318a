import { Allowance } from './allowance.ts'
import { boundHandover } from './bounded-handover.ts'
import { CrumbJoiner } from './crumb-joiner.ts'
import { MUXER_LIMITS } from './muxer-limits.ts'
import { NoiseRules } from './noise-rules.ts'
import { ReadPacer } from './read-pacer.ts'
import { readStatusOf } from '../read-status.ts'
import { systemClock } from '../../../util/clock.ts'
import type { Clock } from '../../../util/clock.ts'
import type { MessageStream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

type Bytes = Uint8Array | Uint8ArrayList

/** The inside of the connections of @libp2p/utils 7. */
interface Inside {
  onData?: (bytes: Bytes) => void
  readonly readBuffer?: Uint8ArrayList
}

/**
 * Puts a {@link NoiseRules} before what a connection receives, from the first message of Noise on, joins crumbs, and slows down a peer
 * that sends in small pieces. Where it finds something, the connection is aborted with a `ProtocolViolationError`.
 *
 * Other kinds of connections than those of @libp2p/utils are left alone.
 */
export function guardNoise (connection: MessageStream, clock: Clock = systemClock): void {
  const inside = connection as MessageStream & Inside
  const { onData } = inside

  if (onData == null) {
    return
  }

  boundHandover(connection, clock)

  const guard = new NoiseRules()
  const joiner = new CrumbJoiner()

  const pass = (bytes: Bytes | undefined): void => {
    if (bytes != null) {
      onData.call(connection, bytes)
    }
  }

  const pacer = new ReadPacer(connection, clock, () => { pass(joiner.flush()) })
  // who has a session is not known here, and is counted below
  const pieces = new Allowance(MUXER_LIMITS.smallFrames, { clock, hasSession: () => true })

  const look = (bytes: Bytes): number | undefined => {
    try {
      return guard.push(bytes)
    } catch (err) {
      connection.abort(err as Error)

      return undefined
    }
  }

  inside.onData = (bytes) => {
    const cost = look(bytes)

    if (cost == null) {
      return
    }

    // a paused connection hands over all pieces at once, as they came
    pass(joiner.push(bytes, readStatusOf(connection) === 'paused' ? bytes.byteLength : guard.openBytes))
    pacer.pauseFor(pieces.take(cost))
  }

  if (inside.readBuffer != null && inside.readBuffer.byteLength > 0) {
    look(inside.readBuffer)
  }
}
