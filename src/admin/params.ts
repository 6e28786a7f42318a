import { RPC_ERRORS, RpcError } from './rpc.ts'

type Params = Readonly<Record<string, unknown>>

const MAX_TEXT_LENGTH = 1024

/** A text that has to be there. Throws an {@link RpcError} where it is not. */
export function text (params: Params, name: string): string {
  return optionalText(params, name) ?? wrong(name, 'a text')
}

/** A multiaddr, as far as its first character tells: the network checks the rest. Throws an {@link RpcError} for anything else. */
export function address (params: Params, name: string): string {
  const value = text(params, name)

  return value.startsWith('/') ? value : wrong(name, 'a multiaddr such as /ip4/203.0.113.7/tcp/8765')
}

/** A text, where there is one. Throws an {@link RpcError} for anything else. */
export function optionalText (params: Params, name: string): string | undefined {
  const value = params[name] ?? undefined

  return value === undefined || (typeof value === 'string' && value.length <= MAX_TEXT_LENGTH)
    ? value
    : wrong(name, `a text of at most ${MAX_TEXT_LENGTH} characters`)
}

/** A number, where there is one. Throws an {@link RpcError} for anything else. */
export function optionalNumber (params: Params, name: string): number | undefined {
  const value = params[name] ?? undefined

  return value === undefined || typeof value === 'number' ? value : wrong(name, 'a number')
}

/** Throws an {@link RpcError} for a parameter that the method does not have. */
export function onlyThese (params: Params, names: readonly string[]): void {
  const unknown = Object.keys(params).find((name) => !names.includes(name))

  if (unknown != null) {
    throw new RpcError(`Unknown parameter \`${unknown.slice(0, 64)}\``, RPC_ERRORS.PARAMS)
  }
}

function wrong (name: string, expected: string): never {
  throw new RpcError(`Expected \`${name}\` to be ${expected}`, RPC_ERRORS.PARAMS)
}
