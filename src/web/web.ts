import { once } from 'node:events'
import { createServer } from 'node:http'
import { PageStream } from './stream.ts'
import { checkBind, formatHost, isNamed, isOfOtherSite } from '../http/bind.ts'
import { errorMessage, ListenError } from '../errors.ts'
import type { PageFile } from './files.ts'
import type { WebCommand, WebSource } from './protocol.ts'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Connections of the page's server at a time. A browser takes six of them for each page. */
export const MAX_WEB_CONNECTIONS = 128

/** The head of a request to the page's server. */
export const MAX_WEB_HEAD_BYTES = 8192

/** The body of what a page asks to be done. A larger one is refused. */
export const MAX_COMMAND_BYTES = 1024

/** How long a request to the page's server may take to come. */
export const WEB_REQUEST_TIMEOUT_MS = 5000

/** The header that shows a request to be of the page: no other site can send it. */
const PAGE_HEADER = 'x-vibecoin-page'

const ACTIONS: ReadonlySet<string> = new Set<WebCommand['action']>([
  'kill', 'start', 'pause', 'resume', 'flood', 'attack', 'partition', 'heal', 'pay'
])

/** Nothing comes from elsewhere, and nothing is evaluated. The page connects to this server, and to nodes as a node of its own. */
const POLICY = [
  'default-src \'none\'', 'script-src \'self\'', 'style-src \'self\'', 'img-src \'self\' data:', 'connect-src \'self\' ws: wss:',
  'base-uri \'none\'', 'form-action \'none\'', 'frame-ancestors \'none\''
].join('; ')

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': POLICY,
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff'
}

/** Options of {@link serveWeb}. */
export interface WebInit {
  source: WebSource
  /** An IP address of loopback, or any other with `isPublic`. */
  host: string
  /** 0 for a free one. */
  port: number
  isPublic?: boolean
  /** Another time than {@link WEB_REQUEST_TIMEOUT_MS}. */
  requestTimeout?: number
  /** The files of the page, by their paths. */
  files: ReadonlyMap<string, PageFile>
}

/** A running server of the page. */
export interface WebServer {
  /** Where the page is: `http://127.0.0.1:9465/`. */
  readonly url: string
  /** Closes it and the connections of all pages. May be called again. */
  close (): Promise<void>
}

/**
 * Serves the live page of a node or a devnet, until `close` is called. Throws a `ConfigError` for an address that others can reach, unless
 * `isPublic`, and a `ListenError` for one that cannot be listened on.
 */
export async function serveWeb (init: WebInit): Promise<WebServer> {
  const { source, host, port, isPublic = false, files, requestTimeout = WEB_REQUEST_TIMEOUT_MS } = init
  checkBind(host, isPublic)
  const stream = new PageStream(source)
  const server = createServer({
    maxHeaderSize: MAX_WEB_HEAD_BYTES,
    headersTimeout: requestTimeout,
    requestTimeout,
    // Node.js looks twice a minute otherwise
    connectionsCheckingInterval: Math.min(requestTimeout, 1000)
  }, (request, response) => {
    void new Exchange({ request, response, source, stream, files }).run()
  })

  server.maxConnections = MAX_WEB_CONNECTIONS
  server.on('clientError', (_, socket) => { socket.destroy() })
  await listen(server, host, port)
  // such as no file descriptor for one more connection: the next one may work
  server.on('error', () => {})
  stream.start()

  return {
    url: `http://${formatHost(host, (server.address() as AddressInfo).port)}/`,
    close: async () => {
      stream.stop()
      server.closeAllConnections()

      if (server.listening) {
        server.close()
        await once(server, 'close')
      }
    }
  }
}

async function listen (server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host)

  try {
    await once(server, 'listening')
  } catch (err) {
    throw new ListenError(`Could not serve the page on ${formatHost(host, port)}: ${errorMessage(err)}`, { cause: err })
  }
}

interface ExchangeInit {
  request: IncomingMessage
  response: ServerResponse
  source: WebSource
  stream: PageStream
  files: ReadonlyMap<string, PageFile>
}

/** A request and its answer. */
class Exchange {
  readonly #init: ExchangeInit

  constructor (init: ExchangeInit) {
    this.#init = init
  }

  /** Answers. Never throws. */
  async run (): Promise<void> {
    const { request, response } = this.#init
    response.on('error', () => {})

    try {
      if (!isNamed(request.headers.host, [])) {
        this.#answer(421, 'This server is not known by that name')
      } else if (isOfOtherSite(request.headers)) {
        this.#answer(403, 'A page of another site has asked for this')
      } else if (request.method === 'GET') {
        await this.#get(new URL(request.url ?? '/', 'http://localhost').pathname)
      } else if (request.method === 'POST' && request.url === '/act') {
        await this.#act()
      } else {
        this.#answer(405, 'Expected GET')
      }
    } catch (err) {
      this.#answer(500, errorMessage(err))
    }
  }

  async #get (path: string): Promise<void> {
    const { response, files } = this.#init

    if (path === '/events') {
      this.#openStream()
      return
    }

    const file = files.get(path)

    if (file == null) {
      this.#answer(404, 'There is no such page')
    } else {
      response.writeHead(200, { ...HEADERS, 'content-type': file.contentType }).end(file.content)
    }
  }

  #openStream (): void {
    const { response, stream } = this.#init
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream; charset=utf-8' })
    response.on('close', () => { stream.remove(response) })

    if (!stream.add(response)) {
      // the browser asks again by itself
      response.end('retry: 5000\nevent: full\ndata: {}\n\n')
    }
  }

  async #act (): Promise<void> {
    const { request, source } = this.#init

    if (request.headers[PAGE_HEADER] == null) {
      this.#answer(403, 'Expected a request of the page')
      return
    }

    const command = parseCommand(await readBody(request))

    if (command == null) {
      this.#answer(400, 'Expected an action, and the name of a node where it is for one')
      return
    }

    try {
      await source.act(command)
      this.#answer(200, 'done')
    } catch (err) {
      this.#answer(409, errorMessage(err))
    }
  }

  #answer (status: number, text: string): void {
    const { response } = this.#init

    if (!response.headersSent) {
      response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' })
    }

    response.end(`${text}\n`)
  }
}

/** The body of a request; `undefined` where it is too large. */
async function readBody (request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0

  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength

    if (bytes > MAX_COMMAND_BYTES) {
      return undefined
    }

    chunks.push(chunk)
  }

  return Buffer.concat(chunks).toString('utf8')
}

function parseCommand (body: string | undefined): WebCommand | undefined {
  try {
    const { action, node } = JSON.parse(body ?? '') as Record<string, unknown>

    if (typeof action !== 'string' || !ACTIONS.has(action) || (node !== undefined && typeof node !== 'string')) {
      return undefined
    }

    return { action: action as WebCommand['action'], ...(node !== undefined && { node }) }
  } catch {
    return undefined
  }
}
