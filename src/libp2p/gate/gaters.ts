import type { ConnectionGater } from '@libp2p/interface'

/** What a gater may refuse. */
const DENIALS = [
  'denyDialPeer', 'denyDialMultiaddr',
  'denyInboundConnection', 'denyOutboundConnection',
  'denyInboundEncryptedConnection', 'denyOutboundEncryptedConnection',
  'denyInboundUpgradedConnection', 'denyOutboundUpgradedConnection',
  'denyInboundRelayReservation', 'denyOutboundRelayedConnection', 'denyInboundRelayedConnection'
] as const satisfies readonly (keyof ConnectionGater)[]

type Denial = (...args: unknown[]) => Promise<boolean> | boolean

/**
 * Several gaters as one, which are asked in this order: it refuses what the first refuses that does, and the rest is not asked.
 * What is not refused by any is not asked for at all.
 */
export function composeGaters (gaters: readonly ConnectionGater[]): ConnectionGater {
  const composed: Record<string, Denial> = {}

  for (const name of DENIALS) {
    const denials = methodsOf(gaters, name)

    if (denials.length > 0) {
      composed[name] = (...args) => anyIs(true, denials, args)
    }
  }

  const filters = methodsOf(gaters, 'filterMultiaddrForPeer')

  if (filters.length > 0) {
    composed['filterMultiaddrForPeer'] = async (...args) => !await anyIs(false, filters, args)
  }

  return composed
}

function methodsOf (gaters: readonly ConnectionGater[], name: keyof ConnectionGater): Denial[] {
  return gaters.flatMap((gater) => (gater[name] as Denial | undefined)?.bind(gater) ?? [])
}

/** Asks one after the other, in this turn as far as they answer in it: what begins with a connection must not begin late. */
function anyIs (wanted: boolean, methods: readonly Denial[], args: unknown[]): Promise<boolean> | boolean {
  for (const [i, method] of methods.entries()) {
    const answer = method(...args)

    if (answer instanceof Promise) {
      return answer.then(async (isSo) => isSo === wanted || await anyIs(wanted, methods.slice(i + 1), args))
    }

    if (answer === wanted) {
      return true
    }
  }

  return false
}
