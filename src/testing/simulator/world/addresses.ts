import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { seededChance } from '../../../util/chance.ts'
import type { PeerId } from '@libp2p/interface'

/** Bytes of an Ed25519 public key. */
const KEY_BYTES = 32

/** First numbers of public IPv4 addresses: the /16 networks under them are all public. */
const FIRST_NUMBER = 20
const NUMBERS = 70

/** Networks of 16 bits for nodes, each its own netgroup. */
export const MAX_NETGROUPS: number = NUMBERS * 256

/** The port that every node listens on. */
export const PORT = 8765

/** The peer id of a node, the same for the same seed. No key belongs to it: the simulated network needs none. */
export function peerIdOf (seed: string, index: number): PeerId {
  return peerIdFromPublicKey(publicKeyFromRaw(seededChance(`${seed} key ${index}`).fill(new Uint8Array(KEY_BYTES))))
}

/** The address of a host in a netgroup: public, so that every rule about hosts and netgroups applies. */
export function ipOf (netgroup: number, host: number): string {
  return `${FIRST_NUMBER + Math.floor(netgroup / 256) % NUMBERS}.${netgroup % 256}.${host >> 8 & 255}.${host & 255}`
}
