import { createRequire } from 'node:module'
import type { Startable } from '@libp2p/interface'

/** The inside of @libp2p/webrtc 6 in Node.js: node-datachannel 0.33. */
interface NativeLibrary { cleanup: () => void }

/** Nodes of this process that use the library. */
let users = 0

/**
 * Has node-datachannel let go of what it holds when the last node of the process that uses WebRTC has stopped. A connection that ends in
 * the wrong moment leaves callbacks behind, which would keep the process from ending by itself.
 */
export class ReleaseNative implements Startable {
  #isUser = false

  start (): void {
    users += this.#isUser ? 0 : 1
    this.#isUser = true
  }

  stop (): void {}

  /** All connections of the node are closed by now. */
  afterStop (): void {
    users -= this.#isUser ? 1 : 0
    const isLast = this.#isUser && users === 0
    this.#isUser = false

    if (isLast) {
      release()
    }
  }
}

function release (): void {
  try {
    const load = createRequire(import.meta.resolve('@libp2p/webrtc'))
    const { cleanup } = load('node-datachannel') as NativeLibrary
    cleanup()
  } catch {
    // another version, or a connection that does not end: the process may have to be ended from outside
  }
}
