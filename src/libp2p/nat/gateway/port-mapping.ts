import { uPnPNAT } from '@libp2p/upnp-nat'
import { MappedPorts } from './mapped-ports.ts'
import { PortMapper } from './port-mapper.ts'
import { searchUpnpWith } from '../../patches/upnp-search.ts'
import { findGateways } from '../upnp/search.ts'
import type { PortMapperComponents } from './port-mapper.ts'
import type { GatewayStatus } from '../../../types/status.ts'
import type { StackPart } from '../../part.ts'

type UpnpComponents = Parameters<ReturnType<typeof uPnPNAT>>[0]

/** What a node knows of a router that it has not asked yet. */
const UNKNOWN: GatewayStatus = { address: null, protocol: null, externalAddress: null, problem: null }

/**
 * What has routers lead ports to this node: the router before it in PCP or NAT-PMP, and all that are found with UPnP where those do not
 * map a port, and for IPv6. `isBelieved` says whether the node takes an address for good because a router says so.
 */
export function createPortMapping ({ isBelieved }: { isBelieved: boolean }): Required<Pick<StackPart, 'services' | 'gatewayOf'>> {
  const ports = new MappedPorts()
  let mapper: PortMapper | undefined

  return {
    services: {
      portMapper: (components: PortMapperComponents) => {
        mapper = new PortMapper(components, { ports, isBelieved })

        return mapper
      },
      upnp: (components: UpnpComponents) => {
        // libp2p's components are no plain object
        const own = Object.create(components, { addressManager: { value: ports.forUpnp(components.addressManager) } }) as UpnpComponents

        const upnp = uPnPNAT({ autoConfirmAddress: isBelieved })(own) as object
        searchUpnpWith(upnp, findGateways)

        return upnp
      }
    },
    gatewayOf: () => mapper?.status ?? UNKNOWN
  }
}
