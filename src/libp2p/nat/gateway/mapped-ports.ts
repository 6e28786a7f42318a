import { tryGetNetConfig } from '@libp2p/utils'
import { ipBlockOf } from '../../../address/ip-block.ts'
import type { Port } from './protocol.ts'
import type { GatewayProtocol } from '../../../types/status.ts'
import type { AddressManager, NodeAddress } from '@libp2p/interface-internal'

/** A port that a gateway leads here. */
interface Mapped {
  by: GatewayProtocol
  externalAddress: string
}

/** A port at an address of this machine. */
export interface InnerPort extends Port {
  address: string
}

/** What of libp2p's address manager the clients of gateways use. */
export type MappedAddresses = Pick<AddressManager,
  'getAddressesWithMetadata' | 'addPublicAddressMapping' | 'removePublicAddressMapping' | 'confirmObservedAddr'>

/** Which ports gateways lead to this node, by which protocol: a gateway that speaks several is asked for each port in one of them. */
export class MappedPorts {
  readonly #ports = new Map<string, Mapped>()

  /** One of the mappings. */
  get first (): Mapped | undefined {
    return this.#ports.values().next().value
  }

  /** The protocol that a port was mapped by. */
  mappedBy (port: InnerPort): GatewayProtocol | undefined {
    return this.#ports.get(keyOf(port))?.by
  }

  add (port: InnerPort, mapped: Mapped): void {
    this.#ports.set(keyOf(port), mapped)
  }

  delete (port: InnerPort): void {
    this.#ports.delete(keyOf(port))
  }

  /** The address manager as a client of UPnP sees it: without the ports that are mapped otherwise. What it maps is noted here. */
  forUpnp<Manager extends MappedAddresses> (manager: Manager): Manager {
    const own: MappedAddresses = {
      getAddressesWithMetadata: () => manager.getAddressesWithMetadata().filter((address) => {
        const by = innerPortOf(address)

        return by == null || (this.mappedBy(by) ?? 'UPnP') === 'UPnP'
      }),
      addPublicAddressMapping: (...args) => {
        const [address, port, externalAddress, externalPort = port, protocol = 'tcp'] = args

        // an address that is none would have libp2p throw whenever it lists its own, also in its timers
        if (isMappable(externalAddress, externalPort)) {
          this.add({ address, port, protocol }, { by: 'UPnP', externalAddress })
          manager.addPublicAddressMapping(...args)
        }
      },
      removePublicAddressMapping: (...args) => {
        const [address, port,,, protocol = 'tcp'] = args
        const [,, externalAddress, externalPort = port] = args
        this.delete({ address, port, protocol })

        if (isMappable(externalAddress, externalPort)) {
          manager.removePublicAddressMapping(...args)
        }
      },
      confirmObservedAddr: (...args) => { manager.confirmObservedAddr(...args) }
    }

    return new Proxy(manager, {
      get: (target, name) => {
        const value: unknown = Reflect.get(own, name) ?? Reflect.get(target, name)

        return typeof value === 'function' ? value.bind(name in own ? own : target) as unknown : value
      }
    })
  }
}

/** The port that the node listens on at an address. `undefined` for an address that is of another kind. */
export function innerPortOf ({ multiaddr, type }: Pick<NodeAddress, 'multiaddr' | 'type'>): InnerPort | undefined {
  // a relay names the addresses that it is reached at: they may begin with anything
  const { host, port, protocol } = tryGetNetConfig(multiaddr) ?? {}

  if (host == null || type !== 'transport' || port == null || (protocol !== 'tcp' && protocol !== 'udp') || multiaddr.toString().includes('/p2p-circuit')) {
    return undefined
  }

  return { address: host, port, protocol }
}

/** Whether a gateway names an address and a port that others could dial, and no more than that: it may say anything. */
function isMappable (address: unknown, port: unknown): boolean {
  const isPort = typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536

  return typeof address === 'string' && ipBlockOf(address) === 'public' && isPort
}

function keyOf ({ address, protocol, port }: InnerPort): string {
  return `${address} ${protocol} ${port}`
}
