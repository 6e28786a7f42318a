import { peerIdFromString } from '@libp2p/peer-id'
import { locationOfIp } from '../../address/location.ts'
import { ipBlockOf, ipBytesOf } from '../../address/ip-block.ts'
import { ConfigError } from '../../errors.ts'

/**
 * Throws a {@link ConfigError} unless a ban can keep this subject out: another peer id than `local`, an IP address that is not one of
 * loopback, or an IPv6 /64. `hostOf` says whether the peers at an IP address are told apart by it.
 */
export function checkSubject (subject: unknown, local: string, hostOf: (ip: string) => string | undefined): void {
  if (typeof subject !== 'string' || !isSubject(subject)) {
    throw new ConfigError('Expected whom to ban to be a libp2p peer id, an IP address, or an IPv6 address and `/64`')
  }

  if (subject === local) {
    throw new ConfigError('Expected whom to ban to be another peer, got the id of this node')
  }

  // peers of this machine have no host that tells them from its other programs
  if (ipBlockOf(subject) === 'loopback' && hostOf(subject) == null) {
    throw new ConfigError(`Nothing keeps out all of this machine (${subject}): ban its peers by their ids`)
  }
}

/** Whether a text is a peer id, an IP address, or an IPv6 /64. */
export function isSubject (text: string): boolean {
  return isPeerId(text) || ipBytesOf(text) != null || isSubnet(text)
}

function isPeerId (text: string): boolean {
  try {
    return peerIdFromString(text).toString() === text
  } catch {
    return false
  }
}

/** Whether a text is a subject that `peers.bans` lists for IPv6. */
function isSubnet (text: string): boolean {
  const [ip = '', bits, ...rest] = text.split('/')

  return bits === '64' && rest.length === 0 && locationOfIp(ip).host === text
}
