import { netgroupKeyOf } from '../../address/host-limits.ts'
import { PEERS_ORIGIN } from '../targets/target.ts'
import type { PeerRecords, ReadRecord } from '../../address/peer-records.ts'
import type { Targets } from '../targets/targets.ts'
import type { Target } from '../targets/target.ts'
import type { DialableAddresses } from '../../address/dialable.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'
import type { PeerAddress } from '../../types/message.ts'

/** What became of the records of an answer. */
export interface IntakeOutcome {
  /** Peers that are known now, and were not. */
  added: number
  /** Records of others, good or not. */
  others: number
  /** Whether one was not signed by its peer. The rest of the answer is not looked at then. */
  isForged: boolean
}

/** Options of {@link RecordIntake}. */
export interface RecordIntakeInit {
  records: PeerRecords
  targets: Targets
  filter: DialableAddresses
  localId: string
  clock: Clock
  /** Called with a target whose record is new. */
  onRecord: (target: Readonly<Target>) => void
}

/**
 * Takes the records of answers, one in a turn of the event loop: what may not be dialled, is known or is older is never verified. Verified
 * records become targets that the node has heard of.
 */
export class RecordIntake {
  readonly #init: RecordIntakeInit
  /** The answers that are being taken, one after the other. */
  #last: Promise<unknown> = Promise.resolve()

  constructor (init: RecordIntakeInit) {
    this.#init = init
  }

  /** Takes an answer of a peer. What it throws holds up no other answer. */
  async take (teller: Session, peers: readonly PeerAddress[], isRunning: () => boolean): Promise<IntakeOutcome> {
    const taken = this.#last.then(async () => this.#take(teller, peers, isRunning))
    this.#last = taken.catch(() => {})

    return taken
  }

  async #take (teller: Session, peers: readonly PeerAddress[], isRunning: () => boolean): Promise<IntakeOutcome> {
    const outcome: IntakeOutcome = { added: 0, others: 0, isForged: false }

    for (const { record: bytes } of peers) {
      await this.#turn()

      if (!isRunning()) {
        break
      }

      const record = this.#init.records.read(bytes)

      if (record == null || record.id === this.#init.localId) {
        continue
      }

      outcome.others += Number(record.id !== teller.id)
      const result = await this.#takeRecord(record, teller)
      outcome.added += Number(result === 'added')

      if (result === 'forged') {
        outcome.isForged = true
        break
      }
    }

    return outcome
  }

  async #takeRecord (record: ReadRecord, teller: Session): Promise<'added' | 'forged' | 'passed'> {
    const { records, targets, filter, onRecord } = this.#init
    const known = targets.of(record.id)

    if (known.length > 0 && known.every((target) => (target.record?.sequence ?? -1n) >= record.sequence)) {
      return 'passed'
    }

    const addresses = filter.accept({ peerId: record.id, addresses: [...record.addresses] })

    // of itself a peer says nothing new, where the node has not dialled it as a target
    if (known.length === 0 && (addresses.length === 0 || record.id === teller.id)) {
      return 'passed'
    }

    if (!await records.verify(record)) {
      return 'forged'
    }

    if (known.length > 0) {
      known.forEach((target) => {
        targets.noteRecord(target, record)
        onRecord(target)
      })

      return 'passed'
    }

    const toldBy = netgroupKeyOf(teller.location)
    const target = targets.add('discovered', { peerId: record.id, addresses, toldBy, record }, PEERS_ORIGIN)

    if (target == null) {
      return 'passed'
    }

    onRecord(target)

    return 'added'
  }

  async #turn (): Promise<void> {
    await new Promise<void>((resolve) => { this.#init.clock.afterTurn(resolve) })
  }
}
