import { once } from 'node:events'
import { createServer } from 'node:http'
import { formatHost, isNamed, isOfOtherSite } from './bind.ts'
import { text } from './pages.ts'
import { errorMessage, ListenError } from '../errors.ts'
import type { Answer, Pages } from './pages.ts'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * Connections of the HTTP server at a time.
 *
 * @remarks The server closes further ones at once.
 */
export const MAX_HTTP_CONNECTIONS = 32

/** The head of a request to the HTTP server. */
export const MAX_HTTP_HEAD_BYTES = 8192

/** How long a request to the HTTP server may take to come. */
export const HTTP_REQUEST_TIMEOUT_MS = 5000

/**
 * How long a connection of the HTTP server may take nothing of its answer, or send no further request.
 *
 * @remarks The server closes it. A scrape interval of up to a minute keeps one connection.
 */
export const HTTP_IDLE_TIMEOUT_MS = 65_000

/** A running HTTP server. */
export interface HttpServer {
  /** Where its pages are: `http://127.0.0.1:9464`. */
  readonly url: string
  /** Closes it and its connections. May be called again. */
  close (): Promise<void>
}

/** Options of {@link listen}. */
export interface ServerInit {
  host: string
  port: number
  /** See {@link isNamed}. */
  names: readonly string[]
  pages: Pages
  /** Another time than {@link HTTP_REQUEST_TIMEOUT_MS}. */
  requestTimeout?: number
}

/** Headers of every answer: no browser shows, keeps or lends it to another site. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': 'default-src \'none\'',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff'
}

/** Serves pages until `close` is called. Throws a {@link ListenError} where it cannot listen. */
export async function listen (init: ServerInit): Promise<HttpServer> {
  const { host, port, names, pages, requestTimeout = HTTP_REQUEST_TIMEOUT_MS } = init
  const server = createServer({
    maxHeaderSize: MAX_HTTP_HEAD_BYTES,
    headersTimeout: requestTimeout,
    requestTimeout,
    connectionsCheckingInterval: Math.min(requestTimeout, 1000),
    keepAliveTimeout: HTTP_IDLE_TIMEOUT_MS
  }, (request, response) => { void serve(request, response, { names, pages }) })

  server.maxConnections = MAX_HTTP_CONNECTIONS
  server.timeout = HTTP_IDLE_TIMEOUT_MS
  server.on('clientError', (_, socket) => {
    socket.on('error', () => {})
    socket.destroy()
  })

  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (err) {
    throw new ListenError(`Could not serve HTTP on ${formatHost(host, port)}: ${reasonOf(err)}`, { cause: err })
  }

  // such as no file descriptor for one more connection: the next one may work
  server.on('error', () => {})
  let closed: Promise<void> | undefined

  return {
    url: `http://${formatHost(host, (server.address() as AddressInfo).port)}`,
    close: async () => {
      closed ??= close(server)
      await closed
    }
  }
}

async function close (server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => { resolve() })
  server.closeAllConnections()
  await promise
}

/** Answers a request. Never rejects. */
async function serve (request: IncomingMessage, response: ServerResponse, init: Pick<ServerInit, 'names' | 'pages'>): Promise<void> {
  // a connection that breaks while the answer is on its way
  response.on('error', () => {})
  request.on('error', () => {})
  const { status, contentType, body } = await answer(request, init)

  if (response.destroyed) {
    return
  }

  response.writeHead(status, {
    ...HEADERS,
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
    // the rest of what should not have come is not read
    ...(hasBody(request) || status === 403 ? { connection: 'close' } : {})
  })
  response.end(request.method === 'HEAD' ? '' : body)
}

async function answer (request: IncomingMessage, { names, pages }: Pick<ServerInit, 'names' | 'pages'>): Promise<Answer> {
  const { method, url, headers } = request

  if (!isNamed(headers.host, names)) {
    return text(403, 'This server does not go by that name. Ask for it by an IP address, or give the name to it')
  }

  if (isOfOtherSite(headers)) {
    return text(403, 'A page of another site has asked for this')
  }

  if (hasBody(request)) {
    return text(413, 'Expected a request without a body')
  }

  if (method !== 'GET' && method !== 'HEAD') {
    return text(405, 'Expected GET or HEAD')
  }

  try {
    return await pages(pathOf(url ?? '/')) ?? text(404, 'There is no such page')
  } catch (err) {
    return text(500, `The page could not be made: ${errorMessage(err)}`)
  }
}

/** The path of a request, which may also come as a whole URL. */
function pathOf (url: string): string {
  return URL.canParse(url, 'http://localhost') ? new URL(url, 'http://localhost').pathname : url
}

function hasBody ({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] != null || Number(headers['content-length'] ?? 0) > 0
}

const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken. End what listens there, or give another port',
  EADDRNOTAVAIL: 'this machine does not have the address',
  EACCES: 'this user may not listen there. Give a port above 1023, or the right to use it'
}

function reasonOf (err: unknown): string {
  const { code } = err as { code?: unknown }
  const advice = typeof code === 'string' ? ADVICE[code] : undefined

  return advice == null ? errorMessage(err) : `${advice} (${String(code)})`
}
