import assert from 'node:assert/strict'
import { FakeClock } from '../support/fake-clock.ts'
import { turns } from '../support/eventually.ts'
import { growChain, MemoryChain, received } from '../support/memory-chain.ts'
import { sampleChain } from '../support/sample.ts'
import { startNetworkWith } from '../../src/start-network.ts'
import type { Network } from '../../src/index.ts'
import type { ConnectionGater, Libp2pEvents, PeerId, TypedEventTarget } from '@libp2p/interface'

const NODES = 10
const SLOTS = 2
const SECOND = 1000
const MINUTE = 60 * SECOND

/** How far the time goes on at once. */
const STEP_MS = 500

/** What goes between nodes takes a few of these. */
const TURNS_PER_STEP = 12

/** A healed network agrees within this time. */
const HEAL_MS = 3 * MINUTE

const genesis = sampleChain(1)

interface Member { network: Network, chain: MemoryChain, isLeft: boolean }

type Inside = Network['libp2p'] & { components: { connectionGater: ConnectionGater, events: TypedEventTarget<Libp2pEvents> } }

/** Real nodes in two halves, each node in a network group of its own, whose time is in the hands of the test. */
class SplitNetwork {
  readonly clock = new FakeClock()
  readonly members: Member[] = []
  #isSplit = false
  #made = 0

  static async start (): Promise<SplitNetwork> {
    const split = new SplitNetwork()

    for (let i = 0; i < NODES; i++) {
      const chain = new MemoryChain(genesis)
      const network = await startNetworkWith({
        listen: [`/ip4/127.${20 + i}.0.1/tcp/0`],
        network: 'vibecoin-test',
        genesisHash: genesis[0]!.hash,
        chain,
        maxOutbound: SLOTS,
        maxInboundRate: 1000,
        maxReconnectDelay: MINUTE
      }, undefined, { clock: split.clock, locationOfIp: (ip) => ip === '127.0.0.1' ? { host: undefined, netgroup: undefined } : { host: ip, netgroup: ip } })
      split.members.push({ network, chain, isLeft: i < NODES / 2 })
      const { connectionGater } = (network.libp2p as Inside).components
      connectionGater.denyDialMultiaddr = (address) => {
        return split.#isSplit && split.#isAcross(network, (member) => address.toString().startsWith(addressOf(member)))
      }
    }

    return split
  }

  /** Has each node told of all others, once. */
  introduce (): void {
    for (const { network } of this.members) {
      for (const other of this.members.filter((other) => other.network !== network)) {
        const detail = { id: other.network.libp2p.peerId, multiaddrs: other.network.libp2p.getMultiaddrs() };
        (network.libp2p as Inside).components.events.dispatchEvent(new CustomEvent('peer:discovery', { detail }))
      }
    }
  }

  /** Lets time pass, until something is so where that is asked for. Returns how much has passed. */
  async pass (ms: number, isOver: () => boolean = () => false): Promise<number> {
    const since = this.clock.now()

    while (this.clock.now() - since < ms && !isOver()) {
      await this.clock.advance(STEP_MS)
      await turns(TURNS_PER_STEP)
    }

    return this.clock.now() - since
  }

  cut (): void {
    this.#isSplit = true

    for (const { network } of this.members) {
      for (const connection of network.libp2p.getConnections()) {
        if (this.#isAcross(network, (member) => isOf(member, connection.remotePeer))) {
          connection.abort(new Error('cut'))
        }
      }
    }
  }

  heal (): void {
    this.#isSplit = false
  }

  /** Has one node make blocks and tell of them. */
  make ({ network, chain }: Member, count: number): void {
    for (const block of growChain([chain.head], count, `made ${this.#made++}`).slice(1)) {
      chain.push([received(block)])
      network.broadcast({ type: 'newBlock', block })
    }
  }

  half (isLeft: boolean): Member[] {
    return this.members.filter((member) => member.isLeft === isLeft)
  }

  get isAgreed (): boolean { return areAgreed(this.members) }

  /** Whether every node has all of its outbound slots full, or a session with each other that it can reach. */
  get isFull (): boolean {
    const others = (this.#isSplit ? NODES / 2 : NODES) - 1

    return this.members.every(({ network: { peers } }) => peers.counts.outbound >= SLOTS || [...peers].length === others)
  }

  /** Sessions between the halves, as both see them. */
  get across (): number {
    return this.members.reduce((count, { network, isLeft }) => {
      return count + this.half(!isLeft).filter(({ network: { libp2p } }) => network.peers.get(libp2p.peerId.toString()) != null).length
    }, 0)
  }

  describe (): string {
    return this.members.map(({ network: { peers: { counts } }, chain: { head } }) => `${head.height} ${counts.inbound}/${counts.outbound}/${counts.pending}`).join(', ')
  }

  async stop (): Promise<void> {
    await Promise.all(this.members.map(async ({ network }) => network.stop()))
  }

  #isAcross (network: Network, is: (member: Member) => boolean): boolean {
    const own = this.members.find((member) => member.network === network)

    return this.half(own?.isLeft !== true).some(is)
  }
}

function addressOf ({ network }: Member): string {
  return network.libp2p.getMultiaddrs()[0]!.toString().replace(/\/p2p\/.*/, '')
}

function isOf ({ network }: Member, peer: PeerId): boolean {
  return network.libp2p.peerId.equals(peer)
}

function areAgreed (members: readonly Member[]): boolean {
  return members.every(({ chain }) => Buffer.compare(chain.head.hash, members[0]!.chain.head.hash) === 0)
}

describe('integration/split', function () {
  this.timeout(120_000)

  let split: SplitNetwork

  beforeEach(async () => {
    split = await SplitNetwork.start()
    split.introduce()
    await split.pass(MINUTE, () => split.isFull)
    assert.ok(split.isFull, split.describe())
  })

  afterEach(async () => { await split.stop() })

  for (const minutes of [5, 120]) {
    it(`agrees again within ${HEAL_MS / MINUTE} minutes, and stays so, where the halves of a network were cut off for ${minutes} minutes and had their slots full`, async () => {
      split.cut()
      await split.pass(2 * SECOND)
      assert.equal(split.across, 0)

      for (let minute = 0; minute < minutes; minute++) {
        split.make(split.half(true)[minute % 5]!, 2)
        split.make(split.half(false)[minute % 5]!, 1)
        await split.pass(MINUTE)
      }

      assert.ok(areAgreed(split.half(true)) && areAgreed(split.half(false)) && !split.isAgreed, split.describe())
      assert.ok(split.isFull, split.describe())
      split.heal()
      await split.pass(HEAL_MS, () => split.isAgreed)
      assert.ok(split.isAgreed, split.describe())

      for (let minute = 0; minute < 5; minute++) {
        split.make(split.members[(3 * minute) % NODES]!, 1)
        await split.pass(MINUTE, () => split.isAgreed)
        assert.ok(split.isAgreed, split.describe())
        await split.pass(MINUTE)
      }

      assert.ok(split.across > 0)
    })
  }
})
