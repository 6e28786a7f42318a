// neither has types; this is what is used of them

declare module '@hyperswarm/secret-stream' {
  import type { Duplex } from 'node:stream'

  class SecretStream extends Duplex {
    constructor (isInitiator: boolean, rawStream: Duplex)
    readonly opened: Promise<boolean>
  }

  export { SecretStream as default }
}

declare module 'protomux' {
  import type { Duplex } from 'node:stream'

  export interface Message { send: (bytes: Uint8Array) => boolean }

  export interface Channel {
    addMessage: (options: { onmessage?: (bytes: Uint8Array) => void }) => Message
    open: () => void
    fullyOpened: () => Promise<boolean>
  }

  class Protomux {
    static from (stream: Duplex): Protomux
    readonly drained: boolean
    createChannel (options: { protocol: string, ondrain?: () => void }): Channel
    cork (): void
    uncork (): void
  }

  export { Protomux as default }
}
