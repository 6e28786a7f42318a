import { multiaddr } from '@multiformats/multiaddr'
import { ListenError, errorMessage } from '../../errors.ts'
import type { Transport } from '@libp2p/interface'

/** What the operator can do, by the code of what the operating system said. */
const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken. End what listens there, or give another port',
  EADDRNOTAVAIL: 'this machine does not have the address. Leave it out, or give one that it has',
  EAFNOSUPPORT: 'this machine does not have addresses of this kind. Leave it out',
  EACCES: 'this user may not listen there. Give a port above 1023, or the right to use it'
}

const NO_TRANSPORT = 'no transport can listen there. Leave it out, or give one for TCP, WebSockets or QUIC (`/udp/8765/quic-v1`)'
const NO_RELAY = 'it is a reservation at a relay. Leave it out, and set `nat.relay`'

/**
 * Takes note of what came of each address that a node was to listen on. libp2p starts without some of them, such as those of IPv6
 * where those of IPv4 work, and does not say so.
 */
export class Listening {
  /** What went wrong, by address; `undefined` where the node listens. */
  readonly #outcomes = new Map<string, unknown>()

  /** The same transport, whose listeners are watched. */
  watch<Components extends object> (create: (components: Components) => Transport): (components: Components) => Transport {
    return (components) => {
      const transport = create(components)
      const createListener = transport.createListener.bind(transport)

      transport.createListener = (options) => {
        const listener = createListener(options)
        const listen = listener.listen.bind(listener)

        listener.listen = async (address) => {
          try {
            await listen(address)
          } catch (err) {
            this.#outcomes.set(address.toString(), err)
            throw err
          }

          // the same address may be given twice
          if (!this.#outcomes.has(address.toString())) {
            this.#outcomes.set(address.toString(), undefined)
          }
        }

        return listener
      }

      return transport
    }
  }

  /**
   * What to throw once the node has started, where it does not listen on all of the addresses. `families` are those of the machine: the
   * operating system takes `/ip6/::` also where there is no IPv6 address, and no peer could dial it.
   */
  error (addresses: readonly string[], families: ReadonlySet<string> = new Set()): ListenError | undefined {
    for (const address of addresses) {
      const family = wildcardFamily(address)

      if (family != null && families.size > 0 && !families.has(family)) {
        this.#outcomes.set(address, Object.assign(new Error(`No interface has an address of ${family}`), { code: 'EAFNOSUPPORT' }))
      }
    }

    const missing = [...new Set(addresses)].filter((address) => !this.#outcomes.has(address) || this.#outcomes.get(address) != null)

    if (missing.length === 0) {
      return undefined
    }

    const causes = missing.flatMap((address) => this.#outcomes.get(address) ?? [])
    const text = missing.map((address) => `${address}: ${this.#reason(address)}`).join('; ')

    return new ListenError(`Could not listen on ${text}`, causes.length === 0
      ? {}
      : { cause: causes.length === 1 ? causes[0] : new AggregateError(causes, 'Several addresses could not be listened on') })
  }

  #reason (address: string): string {
    if (!this.#outcomes.has(address)) {
      return multiaddr(address).getComponents().some(({ name }) => name === 'p2p-circuit') ? NO_RELAY : NO_TRANSPORT
    }

    const err = this.#outcomes.get(address)
    const code = (err as { code?: unknown }).code
    const advice = typeof code === 'string' ? ADVICE[code] : undefined

    return advice == null ? errorMessage(err) : `${advice} (${String(code)})`
  }
}

/** The family of an address that stands for all addresses of the machine. */
function wildcardFamily (address: string): 'ip4' | 'ip6' | undefined {
  return address.startsWith('/ip6/::/') ? 'ip6' : address.startsWith('/ip4/0.0.0.0/') ? 'ip4' : undefined
}
