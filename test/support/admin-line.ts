import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import type { RpcResponse } from '../../src/admin/rpc.ts'
import type { Socket } from 'node:net'

/** A connection to an admin socket that says whatever a test wants. */
export class AdminLine {
  readonly socket: Socket
  /** Resolves when the connection has ended. */
  readonly closed: Promise<unknown>
  readonly #lines: AsyncIterator<string>

  private constructor (socket: Socket) {
    this.socket = socket
    this.#lines = createInterface(socket)[Symbol.asyncIterator]()
    socket.on('error', () => {})
    this.closed = once(socket, 'close')
  }

  static async open (path: string): Promise<AdminLine> {
    const socket = connect(path)
    await once(socket, 'connect')

    return new AdminLine(socket)
  }

  /** Sends a text as it is. */
  send (text: string): void {
    this.socket.write(text)
  }

  /** Sends a request. */
  ask (id: number, method: string, params?: object): void {
    this.send(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
  }

  /** The next answer. */
  async next (): Promise<RpcResponse> {
    const line: IteratorResult<string, unknown> = await this.#lines.next()

    if (line.done === true) {
      throw new Error('The connection has ended')
    }

    return JSON.parse(line.value) as RpcResponse
  }
}
