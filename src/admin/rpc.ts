// JSON-RPC 2.0, one object a line.

/** A question to a node. */
export interface RpcRequest {
  jsonrpc: '2.0'
  id: number | string
  method: string
  /** By name. */
  params: Readonly<Record<string, unknown>>
}

/** The answer to one. */
export type RpcResponse =
  | { jsonrpc: '2.0', id: number | string, result: unknown }
  | { jsonrpc: '2.0', id: number | string | null, error: RpcFailure }

/** What went wrong. */
export interface RpcFailure {
  /** One of {@link RPC_ERRORS}. */
  code: number
  message: string
  /** The name of the error that was thrown. */
  data?: { name: string }
}

/** The codes of JSON-RPC 2.0, and `FAILED` for what a method has thrown. */
export const RPC_ERRORS = { PARSE: -32_700, REQUEST: -32_600, METHOD: -32_601, PARAMS: -32_602, FAILED: -32_000 } as const

/** A request cannot be answered. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: number
  /** That of the request, where it could be read. */
  readonly id: number | string | null

  constructor (message: string, code: number, id: number | string | null = null) {
    super(message)
    this.code = code
    this.id = id
  }
}

/** Reads a line as a request. Throws an {@link RpcError} where it is none. */
export function parseRequest (line: string): RpcRequest {
  const value = parse(line)

  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RpcError('Expected an object', RPC_ERRORS.REQUEST)
  }

  const { jsonrpc, id, method, params = {} } = value as Record<string, unknown>

  if (typeof id !== 'number' && typeof id !== 'string') {
    throw new RpcError('Expected `id` to be a number or a text', RPC_ERRORS.REQUEST)
  }

  if (jsonrpc !== '2.0' || typeof method !== 'string') {
    throw new RpcError('Expected `jsonrpc` to be "2.0" and `method` to be a text', RPC_ERRORS.REQUEST, id)
  }

  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    throw new RpcError('Expected `params` to be an object', RPC_ERRORS.PARAMS, id)
  }

  return { jsonrpc, id, method, params: params as Record<string, unknown> }
}

function parse (line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new RpcError('Expected a line of JSON', RPC_ERRORS.PARSE)
  }
}
