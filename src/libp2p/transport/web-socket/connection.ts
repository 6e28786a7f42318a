import { AbstractMultiaddrConnection } from '@libp2p/utils'
import { MAX_BUFFERED_BYTES, MAX_SENT_BYTES } from './limits.ts'
import type { Socket } from './socket.ts'
import type { Logger, MultiaddrConnection } from '@libp2p/interface'
import type { SendResult } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Uint8ArrayList } from 'uint8arraylist'

/** Options of {@link WebSocketConnection}. */
export interface WebSocketConnectionInit {
  socket: Socket
  remoteAddr: Multiaddr
  direction: MultiaddrConnection['direction']
  log: Logger
}

/**
 * A WebSocket as libp2p takes it. In place of libp2p's own (10.1), whose abort leaves the socket open, and which lets 4 MiB wait
 * until all of it has left.
 */
export class WebSocketConnection extends AbstractMultiaddrConnection {
  readonly #socket: Socket

  constructor ({ socket, ...init }: WebSocketConnectionInit) {
    super({ ...init, maxMessageSize: MAX_SENT_BYTES })
    this.#socket = socket

    socket.listen({
      onMessage: (bytes) => { this.onData(bytes) },
      onDrain: () => { this.#onDrain() },
      onClose: (isClean) => { this.#onClose(isClean) }
    })
  }

  override sendData (data: Uint8ArrayList): SendResult {
    this.#socket.send(data.subarray())

    return { sentBytes: data.byteLength, canSendMore: this.#socket.bufferedBytes < MAX_BUFFERED_BYTES }
  }

  override async sendClose (): Promise<void> {
    this.#socket.close()
  }

  override sendReset (): void {
    this.#socket.terminate()
  }

  override sendPause (): void {
    this.#socket.pause()
  }

  override sendResume (): void {
    this.#socket.resume()
  }

  #onDrain (): void {
    if (this.writableNeedsDrain) {
      this.safeDispatchEvent('drain')
    }
  }

  #onClose (isClean: boolean): void {
    if (isClean) {
      this.onTransportClosed()
    } else if (this.status === 'open' || this.status === 'closing') {
      this.onRemoteReset()
    }
  }
}
