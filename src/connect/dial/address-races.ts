import { closeWhenUnused } from '../connection.ts'
import { Race } from './race.ts'
import { raceOrder } from './race-order.ts'
import type { Clock } from '../../util/clock.ts'
import type { Connection } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Addresses of a peer that one race takes, the first ones: libp2p dials no more of a peer. */
export const MAX_RACE_ADDRESSES = 8

type Dial = TransportManager['dial']

/** What libp2p tells of a dial. */
interface ProgressEvent { type: string, detail?: unknown }

/** What a dial of libp2p takes for one that races. */
export type OnProgress = (event: ProgressEvent) => void

interface Entry { signal: AbortSignal, addresses?: readonly Multiaddr[], race?: Race<Connection> }

/** What a dial asks those who wait for it: which of them has it race. libp2p passes events on, and not the functions that take them. */
const CLAIM = 'vibecoin:race'

interface Claim { entry?: Entry }

/**
 * Has dials of this node race. libp2p's dial queue looks addresses up, asks the gater about them, and dials one after the other, the next
 * one when the last has failed. Its call for the first address begins a race of all of them, and its other calls hear what came of theirs.
 * Dials of others go on as they are.
 */
export class AddressRaces {
  readonly #clock: Clock

  private constructor (clock: Clock) {
    this.#clock = clock
  }

  /** The races of a libp2p node, whose dials come here from then on. */
  static of (transportManager: Pick<TransportManager, 'dial'> | undefined, clock: Clock): AddressRaces | undefined {
    const races = new AddressRaces(clock)
    const dial = transportManager?.dial.bind(transportManager)

    if (transportManager == null || dial == null) {
      return undefined
    }

    transportManager.dial = async (address, options) => {
      const claim: Claim = {}
      options?.onProgress?.(new CustomEvent(CLAIM, { detail: claim }) as never)
      const { entry } = claim

      return entry?.addresses == null ? dial(address, options) : races.#dial(address, { entry, options, dial })
    }

    return races
  }

  /** The option `onProgress` for a dial that is to race, until `signal` is aborted. */
  begin (signal: AbortSignal): OnProgress {
    const entry: Entry = { signal }

    return ({ type, detail }) => {
      if (type === CLAIM) {
        (detail as Claim).entry ??= entry
      } else if (type === 'dial-queue:calculated-addresses' && entry.race == null) {
        entry.addresses = raceOrder((detail as { multiaddr: Multiaddr }[]).map(({ multiaddr }) => multiaddr)).slice(0, MAX_RACE_ADDRESSES)
      }
    }
  }

  async #dial (
    address: Multiaddr, { entry, options, dial }: { entry: Entry, options: Parameters<Dial>[1], dial: Dial }
  ): Promise<Connection> {
    // an address that was added meanwhile is dialled by itself
    if (entry.addresses?.some((other) => other.equals(address)) !== true) {
      return dial(address, options)
    }

    entry.race ??= new Race({
      addresses: entry.addresses,
      clock: this.#clock,
      signal: entry.signal,
      dial: async (candidate, signal, onAnswer) => dial(candidate, {
        ...options,
        signal,
        onProgress: ({ type }: ProgressEvent) => {
          if (type.startsWith('upgrader:')) {
            onAnswer()
          }
        }
      }),
      discard: (connection) => { closeWhenUnused(connection, this.#clock) }
    })

    try {
      return await entry.race.winner
    } catch (err) {
      throw entry.race.errorOf(address) ?? err
    }
  }
}
