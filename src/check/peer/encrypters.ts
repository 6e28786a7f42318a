import { noise } from '@chainsafe/libp2p-noise'
import type { PublicKey } from '@libp2p/interface'

/** How {@link observedNoise} differs from Noise. */
export interface ObservedNoiseInit {
  /** Called when the handshake with a peer that was dialled begins. */
  onBegin: () => void
  /** The key that is shown in the place of its own, with which it signs all the same. @default its own */
  shownKey?: PublicKey | undefined
}

type Noise = ReturnType<typeof noise>

/** Noise, which tells when a handshake begins, and may show the key of another peer. */
export function observedNoise ({ onBegin, shownKey }: ObservedNoiseInit): Noise {
  return (components) => {
    const { peerId, privateKey, logger } = components
    const shown = shownKey == null
      ? privateKey
      : Object.assign(Object.create(privateKey) as typeof privateKey, { publicKey: shownKey, sign: privateKey.sign.bind(privateKey) })
    // what is not there yet is asked for later
    const encrypter = noise()({ peerId, privateKey: shown, logger, get upgrader () { return components.upgrader } })
    const secure = encrypter.secureOutbound.bind(encrypter)
    encrypter.secureOutbound = async (...args) => {
      onBegin()

      return secure(...args)
    }

    return encrypter
  }
}
