import { ipBlockOf, ipBytesOf } from '../../../address/ip-block.ts'
import { bytesEqual } from '../../../util/bytes.ts'

/** What the node looks for. */
const GATEWAY_TYPE = 'urn:schemas-upnp-org:device:InternetGatewayDevice:2'

/**
 * The largest answer to a search for gateways that the node reads, in bytes. Those of gateways have a few hundred.
 *
 * @remarks The node takes no notice of a larger one.
 */
export const MAX_SSDP_BYTES = 2048

/** The network of an address of IPv6, in bytes. */
const IP6_NETWORK_BYTES = 8

/** Asks the machines that listen at `group` and `port` which of them is a gateway. */
export function searchRequest ({ group, port }: { group: string, port: number }): Uint8Array {
  const host = group.includes(':') ? `[${group}]` : group
  const lines = ['M-SEARCH * HTTP/1.1', `HOST: ${host}:${port}`, `ST: ${GATEWAY_TYPE}`, 'MAN: "ssdp:discover"', 'MX: 1']

  return new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`)
}

/**
 * Where the description of a gateway is, as its answer tells. `own` is the address of this machine that has asked. `undefined` for what is
 * no such answer, is of a sender far away, or leads to another host than its sender. Never throws.
 */
export function locationOf (bytes: Uint8Array, { sender, own }: { sender: string, own: string }): URL | undefined {
  const [status = '', ...lines] = bytes.byteLength > MAX_SSDP_BYTES ? [] : new TextDecoder().decode(bytes).split(/\r?\n/)
  const headers = new Map(lines.map((line) => {
    const colon = line.indexOf(':')

    return [line.slice(0, Math.max(0, colon)).trim().toUpperCase(), line.slice(colon + 1).trim()]
  }))
  const location = headers.get('LOCATION') ?? ''

  if (!/^HTTP\/1\.[01] 200\b/.test(status) || headers.get('ST') !== GATEWAY_TYPE || !URL.canParse(location)) {
    return undefined
  }

  const url = new URL(location)
  const host = ipBytesOf(url.hostname.replace(/^\[|\]$/g, ''))
  const from = withoutZone(sender)
  const isOfSender = host != null && bytesEqual(host, ipBytesOf(from) ?? new Uint8Array())

  return url.protocol === 'http:' && isOfSender && isNear(from, withoutZone(own)) ? url : undefined
}

/** Whether a machine is in the local network: at a private address, or in the same network of IPv6. */
function isNear (sender: string, own: string): boolean {
  const block = ipBlockOf(sender)
  const [there, here] = [ipBytesOf(sender), ipBytesOf(own)]

  if (block !== 'public' || there == null || here == null) {
    return block != null && block !== 'public'
  }

  const networks = [there, here].map((ip) => ip.subarray(0, IP6_NETWORK_BYTES)) as [Uint8Array, Uint8Array]

  return there.byteLength > 4 && here.byteLength > 4 && bytesEqual(...networks)
}

function withoutZone (address: string): string {
  return address.replace(/%.*/, '')
}
