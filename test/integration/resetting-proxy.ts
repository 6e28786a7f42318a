import { createServer, connect } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import type { AddressInfo, Server, Socket } from 'node:net'

/** When connections are reset. */
interface ResettingProxyInit {
  /** How many of them, the first ones. */
  resets: number
  /** After this many bytes from the target. */
  everyBytes: number
}

/** A proxy that resets the first connections in the middle. */
export class ResettingProxy {
  /** The multiaddr of the target through the proxy. */
  readonly address: string
  readonly #server: Server
  readonly #sockets: Set<Socket>
  readonly #count: { resets: number }

  private constructor (address: string, { server, sockets, count }: { server: Server, sockets: Set<Socket>, count: { resets: number } }) {
    this.address = address
    this.#server = server
    this.#sockets = sockets
    this.#count = count
  }

  /** Connections that were reset. */
  get resets (): number { return this.#count.resets }

  /** Listens, and passes connections on to the node at `target`. */
  static async start (target: string, { resets, everyBytes }: ResettingProxyInit): Promise<ResettingProxy> {
    const [, port, , peerId] = /\/tcp\/(\d+)(\/p2p\/(.+))$/.exec(multiaddr(target).toString())!
    const sockets = new Set<Socket>()
    const count = { resets: 0 }
    const server = createServer((inbound) => {
      const outbound = connect(Number(port), '127.0.0.1')
      let bytes = 0

      for (const socket of [inbound, outbound]) {
        sockets.add(socket)
        socket.on('error', () => {})
        socket.once('close', () => {
          sockets.delete(socket)
          inbound.destroy()
          outbound.destroy()
        })
      }

      inbound.pipe(outbound)
      outbound.pipe(inbound)
      outbound.on('data', ({ byteLength }) => {
        bytes += byteLength

        if (bytes >= everyBytes && count.resets < resets && !inbound.destroyed) {
          count.resets++
          inbound.resetAndDestroy()
        }
      })
    })
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })

    return new ResettingProxy(`/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}/p2p/${peerId}`, { server, sockets, count })
  }

  /** Ends all connections, and listens no more. */
  stop (): void {
    this.#server.close()
    this.#sockets.forEach((socket) => { socket.destroy() })
  }
}
