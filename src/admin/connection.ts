import { errorMessage } from '../errors.ts'
import { LineSplitter } from '../util/line-splitter.ts'
import { parseRequest, RPC_ERRORS, RpcError } from './rpc.ts'
import type { Methods } from './methods.ts'
import type { RpcRequest, RpcResponse } from './rpc.ts'
import type { Socket } from 'node:net'

/**
 * Characters of a request to the admin socket.
 *
 * @remarks The node ends the connection.
 */
export const MAX_REQUEST_LENGTH: number = 64 * 1024

/**
 * Requests of one connection to the admin socket that are not answered yet.
 *
 * @remarks The node reads no more of that connection until one is.
 */
export const MAX_REQUESTS_UNDER_WAY = 16

/**
 * How long a connection to the admin socket may be silent.
 *
 * @remarks The node ends the connection.
 */
export const ADMIN_IDLE_TIMEOUT_MS = 60_000

/** Options of {@link serveConnection}. */
export interface ConnectionInit {
  methods: Methods
  /** @default ADMIN_IDLE_TIMEOUT_MS */
  idleTimeout?: number
}

/** Answers the requests of one connection until it ends. */
export function serveConnection (socket: Socket, { methods, idleTimeout = ADMIN_IDLE_TIMEOUT_MS }: ConnectionInit): void {
  const lines = new LineSplitter(MAX_REQUEST_LENGTH)
  const ended = new AbortController()
  const waiting: string[] = []
  let underWay = 0

  const goOn = (): void => {
    while (waiting.length > 0 && underWay < MAX_REQUESTS_UNDER_WAY && !socket.writableNeedDrain) {
      underWay++
      void answer(waiting.shift()!, methods, ended.signal).then((response) => {
        underWay--

        if (socket.writable) {
          socket.write(`${JSON.stringify(response)}\n`)
        }

        goOn()
      })
    }

    if (waiting.length === 0 && underWay < MAX_REQUESTS_UNDER_WAY && !socket.writableNeedDrain) {
      socket.resume()
    } else {
      socket.pause()
    }
  }

  socket.setEncoding('utf8')
  socket.setTimeout(idleTimeout, () => { socket.destroy() })
  socket.on('error', () => {})
  socket.on('close', () => { ended.abort() })
  socket.on('drain', goOn)
  socket.on('data', (chunk: string) => {
    waiting.push(...lines.push(chunk).filter((line) => line.trim() !== ''))

    if (lines.dropped > 0) {
      waiting.length = 0
      socket.end(`${JSON.stringify(failure(new RpcError(`Expected a request of at most ${MAX_REQUEST_LENGTH} characters`, RPC_ERRORS.REQUEST)))}\n`)
      socket.destroySoon()
      return
    }

    goOn()
  })
}

/** Never rejects. */
async function answer (line: string, methods: Methods, signal: AbortSignal): Promise<RpcResponse> {
  let request: RpcRequest | undefined

  try {
    request = parseRequest(line)
    const { id, method, params } = request
    const run = Object.hasOwn(methods, method) ? methods[method] : undefined

    if (run == null) {
      throw new RpcError(`Unknown method \`${method.slice(0, 64)}\``, RPC_ERRORS.METHOD, id)
    }

    return { jsonrpc: '2.0', id, result: await run(params, signal) ?? null }
  } catch (err) {
    return failure(err, request?.id)
  }
}

function failure (err: unknown, id?: number | string): RpcResponse {
  const message = errorMessage(err)

  return err instanceof RpcError
    ? { jsonrpc: '2.0', id: id ?? err.id, error: { code: err.code, message } }
    : { jsonrpc: '2.0', id: id ?? null, error: { code: RPC_ERRORS.FAILED, message, data: { name: err instanceof Error ? err.name : 'Error' } } }
}
