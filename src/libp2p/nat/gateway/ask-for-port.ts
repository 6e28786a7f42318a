import { externalAddressOf, externalAddressRequest, mapAnswerOf, mapRequest } from './nat-pmp.ts'
import * as pcp from './pcp.ts'
import { isRefused } from './protocol.ts'
import type { GatewaySocket } from './gateway-socket.ts'
import type { PcpMapRequest } from './pcp.ts'
import type { Answer, Granted } from './protocol.ts'

/** What the node speaks with gateways over {@link GatewaySocket}. */
export type SocketProtocol = 'PCP' | 'NAT-PMP'

/** What a gateway has answered, and in which protocol. */
export interface PortAnswer {
  protocol: SocketProtocol
  answer: Answer<Required<Granted>>
}

/**
 * Asks a gateway for a port: in PCP, and in NAT-PMP where it does not answer that or another program has the port there. `undefined` where
 * it answers neither.
 */
export async function askForPort (
  socket: GatewaySocket, request: PcpMapRequest, protocol?: SocketProtocol
): Promise<PortAnswer | undefined> {
  const first = protocol === 'NAT-PMP' ? undefined : await inPcp(socket, request)

  if (first != null && !(isRefused(first.answer) && first.answer.isOfOtherProtocol)) {
    return first
  }

  return await inNatPmp(socket, request) ?? first
}

/** Takes a mapping back. Resolves when the gateway has answered, or when it has not done so to two questions. */
export async function giveBack (socket: GatewaySocket, request: PcpMapRequest, protocol: SocketProtocol): Promise<void> {
  const end = { ...request, externalPort: 0, lifetime: 0 }
  const isNatPmp = protocol === 'NAT-PMP'
  const bytes = isNatPmp ? mapRequest(end) : pcp.mapRequest(end)
  await socket.ask({ bytes, parse: (bytes) => isNatPmp ? mapAnswerOf(bytes, end) : pcp.mapAnswerOf(bytes, end) }, 2)
}

async function inPcp (socket: GatewaySocket, request: PcpMapRequest): Promise<PortAnswer | undefined> {
  const answer = await socket.ask({ bytes: pcp.mapRequest(request), parse: (bytes) => pcp.mapAnswerOf(bytes, request) })

  return answer == null ? undefined : { protocol: 'PCP', answer: isRefused(answer) ? answer : { externalAddress: '', ...answer } }
}

async function inNatPmp (socket: GatewaySocket, request: PcpMapRequest): Promise<PortAnswer | undefined> {
  const address = await socket.ask({ bytes: externalAddressRequest(), parse: externalAddressOf })

  if (address == null || isRefused(address)) {
    return address == null ? undefined : { protocol: 'NAT-PMP', answer: address }
  }

  const answer = await socket.ask({ bytes: mapRequest(request), parse: (bytes) => mapAnswerOf(bytes, request) })

  return answer == null ? undefined : { protocol: 'NAT-PMP', answer: isRefused(answer) ? answer : { ...answer, ...address } }
}
