import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { eventually } from '../support/eventually.ts'
import { encodeBlock } from '../../src/index.ts'
import { Changes } from '../../src/testing/wait/changes.ts'
import { sampleHash } from '../support/sample.ts'
import type { Block } from '../../src/index.ts'
import type { ChildProcess } from 'node:child_process'

// A peer of another implementation in a process of its own. interop/README.md says what it is told, and what it says.

/** How long a peer may take to start and to do what it is told, in ms. */
const PATIENCE_MS = 20_000

/** Of what it has said, what is shown where something does not come. */
const LAST_EVENTS = 8

/** How a peer is started: the command line of interop/README.md. */
export interface PeerOptions {
  /** Multiaddrs. @default one of loopback; none where there is a relay or `listen` is empty */
  listen?: string[]
  /** @default 'vibecoin-test' */
  network?: string
  genesis?: Uint8Array
  /** Blocks above the genesis block, as {@link peerChain} makes them, and the bytes of each one's proof. @default none */
  chain?: { length: number, proofBytes?: number }
  /** Blocks it answers one range request with, at most. */
  serveLimit?: number
  /** 32 bytes: the secret key of its identity. @default a new one */
  seed?: Uint8Array
  /** More of its command line. */
  args?: string[]
}

/** What a peer says: `event` is of what, the rest depends on it. */
export type PeerEvent = { event: string } & Record<string, unknown>

/** What a peer is told: `do` is what, the rest depends on it. */
export type PeerCommand = { do: string } & Record<string, unknown>

const processes = new Set<PeerProcess>()

/** Kills every peer that was started. For `afterEach`. */
export async function killPeers (): Promise<void> {
  await Promise.all([...processes].map(async (peer) => peer.kill()))
  processes.clear()
}

/** A peer of another implementation in a process of its own. */
export class PeerProcess {
  /** What it has said, but for the answers to commands. */
  readonly events: PeerEvent[] = []
  readonly #child: ChildProcess
  readonly #changes = new Changes()
  /** Answers to commands that were not taken yet. */
  readonly #answers = new Map<unknown, PeerEvent>()
  #err = ''
  #commands = 0
  #hasEnded = false

  private constructor (binary: string, args: string[]) {
    this.#child = spawn(binary, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stderr?.setEncoding('utf8').on('data', (chunk: string) => { this.#err += chunk })
    createInterface({ input: this.#child.stdout! }).on('line', (line) => { this.#onEvent(JSON.parse(line) as PeerEvent) })
    this.#child.on('error', (err) => { this.#onEnd(err.message) })
    // not before all that it has said was read
    this.#child.on('close', () => { this.#onEnd('') })
    // a command to one that has ended says so by itself
    this.#child.stdin?.on('error', () => {})
  }

  /** Starts one, and waits until it listens. */
  static async start (binary: string, options: PeerOptions = {}): Promise<PeerProcess> {
    const peer = new PeerProcess(binary, commandLine(options))
    processes.add(peer)
    await peer.event('started')

    return peer
  }

  /** Its libp2p peer id. */
  get id (): string { return this.#said('started')!.id as string }

  /** The first address that it listens at, with its peer id. */
  get address (): string { return (this.#said('started')!.addresses as string[])[0]! }

  /** What it has written to its standard error. */
  get errors (): string { return this.#err }

  /** Tells what it says from now on from what it has said. */
  fromNowOn (): (event: PeerEvent) => boolean {
    const from = this.events.length

    return (event) => this.events.indexOf(event) >= from
  }

  /** The first event of these kinds that it has said or says, which `accept` takes. */
  async event (kinds: string | string[], accept: (event: PeerEvent) => boolean = () => true, timeout = PATIENCE_MS): Promise<PeerEvent> {
    return this.#until(() => this.#said(kinds, accept), `it says ${[kinds].flat().join(' or ')}`, timeout)
  }

  /** Tells it to do something, and waits until it says that it is done. */
  async ask (command: PeerCommand, timeout = PATIENCE_MS): Promise<PeerEvent> {
    const id = this.#commands++
    this.#child.stdin?.write(`${JSON.stringify({ id, ...command })}\n`)
    const answer = await this.#until(() => this.#answers.get(id), `it is done with ${command.do}`, timeout)
    this.#answers.delete(id)

    if (answer.error != null) {
      throw new Error(`The peer could not ${command.do}: ${answer.error as string}`)
    }

    return answer
  }

  /** Ends it as a crash would. */
  async kill (): Promise<void> {
    this.#child.kill('SIGKILL')
    await eventually(() => this.#hasEnded, 'the peer to end', { timeout: PATIENCE_MS })
  }

  async #until (probe: () => PeerEvent | undefined, what: string, within: number): Promise<PeerEvent> {
    const found = await this.#changes.until({
      probe: () => probe() ?? (this.#hasEnded ? 'ended' : undefined),
      within,
      onLate: () => new Error(`Waited ${within} ms in vain until ${what}. The peer has said ${JSON.stringify(this.events.slice(-LAST_EVENTS))}`)
    })

    if (found === 'ended') {
      throw new Error(`The peer has ended before ${what}: ${this.#err}`)
    }

    return found
  }

  #said (kinds: string | string[], accept: (event: PeerEvent) => boolean = () => true): PeerEvent | undefined {
    return this.events.find((event) => [kinds].flat().includes(event.event) && accept(event))
  }

  #onEvent (event: PeerEvent): void {
    if (event.event === 'done') {
      this.#answers.set(event.id, event)
    } else {
      this.events.push(event)
    }

    this.#changes.notify()
  }

  #onEnd (why: string): void {
    this.#err += why
    this.#hasEnded = true
    this.#changes.notify()
  }
}

/** What a peer makes of frames: the answer to each of `frames`, in hex, in their order. */
export async function decodeWith (binary: string, frames: readonly string[]): Promise<PeerEvent[]> {
  const child = spawn(binary, ['--decode-stdin'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers: PeerEvent[] = []
  createInterface({ input: child.stdout }).on('line', (line) => { answers.push(JSON.parse(line) as PeerEvent) })
  child.stdin.end(frames.map((frame) => `${frame}\n`).join(''))
  await eventually(() => answers.length === frames.length || child.exitCode != null || child.signalCode != null, 'the peer to decode all', { timeout: PATIENCE_MS })
  child.kill()

  return answers
}

/** The chain that a peer has: `length` blocks above the genesis block, which has the hash `genesis`. */
export function peerChain (genesis: Uint8Array, length: number, proofBytes = 0): Block[] {
  const blocks: Block[] = []

  for (let height = 0; height <= length; height++) {
    const prevHash = blocks.at(-1)?.hash ?? new Uint8Array(32)
    const proof = new Uint8Array(height === 0 ? 0 : proofBytes).fill(7)
    const hash = height === 0 ? genesis : peerBlockHash(prevHash, height)
    blocks.push({ height, hash, prevHash, timestamp: height, stateRoot: new Uint8Array(32), transactions: [], proof })
  }

  return blocks
}

/** The hash of a peer's block: SHA-256 of the hash before and of the height, 8 bytes in big endian. */
export function peerBlockHash (prevHash: Uint8Array, height: number): Uint8Array {
  const input = Buffer.alloc(40)
  input.set(prevHash)
  input.writeBigUInt64BE(BigInt(height), 32)

  return sampleHash(input)
}

/** The digest of a block in hex, as a peer says it. */
export function digestOf (block: Block): string {
  return Buffer.from(sampleHash(encodeBlock(block))).toString('hex')
}

function commandLine ({ listen = ['/ip4/127.0.0.1/tcp/0'], network = 'vibecoin-test', ...options }: PeerOptions): string[] {
  const { genesis, chain, serveLimit, seed, args = [] } = options
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

  return [
    ...listen.flatMap((address) => ['--listen', address]),
    '--network', network,
    '--genesis', hex(genesis ?? new Uint8Array(32).fill(1)),
    ...chain == null ? [] : ['--chain', `${chain.length},${chain.proofBytes ?? 0}`],
    ...serveLimit == null ? [] : ['--serve-limit', String(serveLimit)],
    ...seed == null ? [] : ['--seed', hex(seed)],
    ...args
  ]
}
