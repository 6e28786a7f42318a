import { eventually } from '../support/eventually.ts'
import { startNode } from '../integration/nodes.ts'
import type { Network, NetworkConfig, VibeCoinEvents } from '../../src/index.ts'

// What nodes say, written down from their start on: a test that asks late for an event has missed nothing, and each wait has an end.

/** How long a node may take to say what a test waits for, in ms. Peers in other processes share the machine with it. */
const PATIENCE_MS = 20_000

/** Of what a node has said, what is shown where something does not come. */
const LAST_EVENTS = 8

const TYPES = ['peer:ready', 'peer:closed', 'peer:refused', 'dial:failed', 'block', 'transaction'] as const

type EventType = typeof TYPES[number]
type Detail<Type extends EventType> = VibeCoinEvents[Type]['detail']
interface Said { type: EventType, detail: Detail<EventType> }

const records = new WeakMap<Network, Said[]>()

/** Starts a node on loopback, as `startNode` of the integration tests does, and writes down what it says. */
export async function startRecorded (config: Partial<NetworkConfig> = {}): Promise<Network> {
  const node = await startNode(config)
  const said: Said[] = []
  records.set(node, said)

  for (const type of TYPES) {
    node.addEventListener(type, ({ detail }: CustomEvent<Detail<EventType>>) => { said.push({ type, detail }) })
  }

  return node
}

/** What a node says from some moment on. */
export class Listener {
  readonly #said: Said[]
  readonly #from: number

  /** Listens from now on to a node of {@link startRecorded}. */
  constructor (node: Network) {
    this.#said = records.get(node)!
    this.#from = this.#said.length
  }

  /** The first event of these types that `accept` takes, whether it comes or has come. */
  async next<Type extends EventType> (
    types: Type | readonly Type[], accept: (detail: Detail<Type>) => boolean = () => true
  ): Promise<Detail<Type>> {
    const wanted: readonly EventType[] = [types].flat()
    const found = await eventually(
      () => this.#said.find(({ type, detail }, i) => i >= this.#from && wanted.includes(type) && accept(detail as Detail<Type>)),
      `the node to say ${wanted.join(' or ')}`,
      { timeout: PATIENCE_MS }
    ).catch((err: unknown) => {
      throw new Error(`The node has said: ${this.#said.slice(-LAST_EVENTS).map(({ type }) => type).join(', ')}`, { cause: err })
    })

    return found.detail
  }

  /** How the next session ends. It may have been ready here before the peer has said what it thinks of it. */
  async nextEnd (): Promise<Detail<'peer:closed'>> {
    return this.next(['peer:closed', 'peer:refused'])
  }
}
