import { connect } from 'node:net'
import { join, resolve } from 'node:path'
import { systemClock } from '../util/clock.ts'
import { LineSplitter } from '../util/line-splitter.ts'
import { SOCKET_FILE, socketPath } from './socket-path.ts'
import type { RpcResponse } from './rpc.ts'
import type { Socket } from 'node:net'

/** Characters of an answer. That of a node with 10,000 peers has about 30 million. */
const MAX_ANSWER_LENGTH = 256 * 1024 * 1024

/** How long a node may take for an answer, in ms. */
const ANSWER_TIMEOUT_MS = 60_000

const ENDED = 'The node has ended the connection: it stops, or has too many of them'

/** A node could not be asked, or its answer is an error. */
export class AdminError extends Error {
  override readonly name = 'AdminError'
  /** The name of the error that the node has thrown; `undefined` where it is none of the node. */
  readonly remoteName: string | undefined

  constructor (message: string, options: ErrorOptions & { remoteName?: string } = {}) {
    super(message, options)
    this.remoteName = options.remoteName
  }
}

interface Waiting { resolve: (result: unknown) => void, reject: (error: Error) => void, timer: unknown }

/** Asks a running node over its admin socket. */
export class AdminClient {
  readonly #socket: Socket
  readonly #waiting = new Map<number, Waiting>()
  #nextId = 1
  #end: Error | undefined

  private constructor (socket: Socket) {
    const lines = new LineSplitter(MAX_ANSWER_LENGTH)

    this.#socket = socket
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => { lines.push(chunk).forEach((line) => { this.#take(line) }) })
    socket.on('error', (err) => { this.#fail(new AdminError(ENDED, { cause: err })) })
    socket.on('close', () => { this.#fail(new AdminError(ENDED)) })
  }

  /**
   * Connects to the node that has a data directory: that of `startNetwork`, or of the command, which has the network in `network/` below.
   * Throws an {@link AdminError} that says what to do where no node answers.
   */
  static async connect (dataDir: string): Promise<AdminClient> {
    const directories = [resolve(dataDir), join(resolve(dataDir), 'network')]
    const errors: NodeJS.ErrnoException[] = []

    for (const directory of directories) {
      try {
        return new AdminClient(await open(await socketPath(directory)))
      } catch (err) {
        errors.push(err as NodeJS.ErrnoException)
      }
    }

    const telling = errors.find(({ code }) => code !== 'ENOENT') ?? errors[0]
    throw new AdminError(explain(telling, resolve(dataDir)), { cause: telling?.code === 'ENOENT' ? undefined : telling })
  }

  /** Resolves to what a method answers. Throws an {@link AdminError} with the message of the node where it has failed. */
  async call<Result> (method: string, params: Record<string, unknown> = {}): Promise<Result> {
    const id = this.#nextId++

    return new Promise<unknown>((resolve, reject) => {
      if (this.#end != null) {
        reject(this.#end)
        return
      }

      const timer = systemClock.setTimeout(() => {
        this.#waiting.delete(id)
        reject(new AdminError(`The node did not answer within ${ANSWER_TIMEOUT_MS / 1000} s: it is busy, or stopped by a signal`))
      }, ANSWER_TIMEOUT_MS)

      this.#waiting.set(id, { resolve, reject, timer })
      this.#socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
    }) as Promise<Result>
  }

  /** Ends the connection. */
  close (): void {
    this.#socket.destroy()
  }

  #take (line: string): void {
    const response = JSON.parse(line) as RpcResponse
    const waiting = typeof response.id === 'number' ? this.#waiting.get(response.id) : undefined

    if (waiting == null || typeof response.id !== 'number') {
      return
    }

    this.#waiting.delete(response.id)
    systemClock.clearTimeout(waiting.timer)

    if ('error' in response) {
      const { message, data } = response.error
      waiting.reject(new AdminError(message, data == null ? {} : { remoteName: data.name }))
    } else {
      waiting.resolve(response.result)
    }
  }

  #fail (error: Error): void {
    this.#end ??= error

    for (const { reject, timer } of this.#waiting.values()) {
      systemClock.clearTimeout(timer)
      reject(error)
    }

    this.#waiting.clear()
  }
}

async function open (path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}

function explain (error: NodeJS.ErrnoException | undefined, dataDir: string): string {
  switch (error?.code) {
    case 'ECONNREFUSED':
      return `No node runs on ${dataDir}: its last one has ended without a goodbye, and left ${SOCKET_FILE}`
    case 'EACCES':
    case 'EPERM':
      return `The node on ${dataDir} belongs to another user: run this as the user of the node`
    case 'ENOENT':
      return `No node runs on ${dataDir}, or it has no admin socket: \`start\` opens one unless told otherwise, an application with \`admin: true\``
    default:
      return `Could not ask the node on ${dataDir}`
  }
}
