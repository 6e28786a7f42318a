import type { ICryptoInterface } from '@chainsafe/libp2p-noise'

/** A page has what libp2p takes by itself. */
export const noiseCrypto: ICryptoInterface | undefined = undefined
