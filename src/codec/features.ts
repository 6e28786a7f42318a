import { FEATURES } from '../types/features.ts'
import type { Feature } from '../types/features.ts'

/** The bits of a handshake that offer these features. */
export function featureBits (features: readonly Feature[]): bigint {
  return features.reduce((bits, feature) => bits | bitOf(feature), 0n)
}

/** The features among these bits, in the order of {@link FEATURES}. Bits that are not known are passed over. */
export function featuresOf (bits: bigint): Feature[] {
  return FEATURES.filter((feature) => (bits & bitOf(feature)) !== 0n)
}

function bitOf (feature: Feature): bigint {
  return 1n << BigInt(FEATURES.indexOf(feature))
}
