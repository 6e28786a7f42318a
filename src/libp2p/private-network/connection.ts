import { AbstractMultiaddrConnection } from '@libp2p/utils'
import { readStatusOf } from '../patches/read-status.ts'
import type { DirectionCipher } from './cipher.ts'
import type { AbortOptions, MultiaddrConnection } from '@libp2p/interface'
import type { SendResult } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

/** A connection, and what encrypts each of its directions. */
export interface ProtectedConnectionInit {
  connection: MultiaddrConnection
  inbound: DirectionCipher
  outbound: DirectionCipher
}

/**
 * A connection whose bytes are encrypted on the one below. It keeps nothing of them itself: what the one below does not take waits in
 * the write buffer, what is not read in the read buffer, and it passes on pauses, drains and ends.
 */
export class ProtectedConnection extends AbstractMultiaddrConnection {
  readonly #connection: MultiaddrConnection
  readonly #inbound: DirectionCipher
  readonly #outbound: DirectionCipher

  constructor ({ connection, inbound, outbound }: ProtectedConnectionInit) {
    const { remoteAddr, direction, log } = connection
    super({ remoteAddr, direction, log: log.newScope('private-network') })
    this.#connection = connection
    this.#inbound = inbound
    this.#outbound = outbound

    connection.addEventListener('message', ({ data }) => { this.#onMessage(data) })
    connection.addEventListener('drain', () => { this.safeDispatchEvent('drain') })
    connection.addEventListener('close', ({ error, local }) => { this.#onClose(error, local) })
  }

  override sendData (data: Uint8ArrayList): SendResult {
    return { sentBytes: data.byteLength, canSendMore: this.#connection.send(this.#outbound.apply(data)) }
  }

  override async sendClose (options?: AbortOptions): Promise<void> {
    await this.#connection.close(options)
  }

  override sendReset (err: Error): void {
    this.#connection.abort(err)
  }

  override sendPause (): void {
    if (this.#isReadable()) {
      this.#connection.pause()
    }
  }

  override sendResume (): void {
    if (this.#isReadable()) {
      this.#connection.resume()
    }
  }

  /** One that has ended can be neither paused nor resumed. What has come before can be. */
  #isReadable (): boolean {
    const status = readStatusOf(this.#connection)

    return status !== 'closing' && status !== 'closed'
  }

  #onMessage (data: Uint8Array | Uint8ArrayList): void {
    let bytes: Uint8Array

    try {
      bytes = this.#inbound.apply(data)
    } catch (err) {
      this.abort(err as Error)

      return
    }

    this.onData(bytes)
  }

  #onClose (error: Error | undefined, local: boolean | undefined): void {
    // what has come before the end and is held back below has to be there when this is resumed
    this.sendResume()

    if (error == null) {
      this.onTransportClosed()
    } else if (local === true) {
      this.abort(error)
    } else {
      this.onRemoteReset()
    }
  }
}
