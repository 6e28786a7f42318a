import assert from 'node:assert/strict'
import { NODE_PORT } from './internet.ts'
import { startAt } from './nat-nodes.ts'
import { useInternet } from './use-internet.ts'
import { eventually, turns } from '../support/eventually.ts'
import type { Home, Host6, RouterKind } from './internet.ts'
import type { NatOptions, NetworkConfig } from '../../src/index.ts'
import type { Host } from '../integration/hosts.ts'
import type { NodeProcess } from '../integration/node-process.ts'

const NAT: NatOptions = { relay: true, holePunch: true, webrtc: true }

/** How long a pair may take on a busy machine until it is clear what becomes of it, in ms. */
const PATIENCE_MS = 60_000

/** How long the tries of both ends may take, in ms: WebRTC three times two, and DCUtR three. */
const LAST_TRY_MS = 25_000

/** A mapping is asked for when the addresses of a node have not changed for 5 s. */
const MAPPING_TIMEOUT_MS = 40_000

/** Where a node is, as the table calls it, and what its router is. */
const PLACES = {
  'public': undefined,
  'forwarded port': 'forwarding',
  'UPnP': 'upnp',
  'closed': 'closed',
  'symmetric': 'symmetric',
  'IPv6 only': undefined
} as const satisfies Record<string, RouterKind | undefined>

type Place = keyof typeof PLACES

const NAMES = Object.keys(PLACES) as Place[]

/** Where a node is that others reach from the start. */
const OPEN: ReadonlySet<Place> = new Set(['public', 'forwarded port'])

/**
 * What has to become of a pair that begins on the relay: direct in some way, or nothing but the relay. A caller has just started, and has
 * no mapping yet. One without a public address cannot be told by DCUtR to dial a port that is forwarded.
 */
function isDirect (caller: Place, called: Place): boolean {
  if (caller === 'IPv6 only' || called === 'IPv6 only') {
    return caller === called
  }

  if (caller === 'symmetric') {
    return called === 'public'
  }

  return called !== 'symmetric' || OPEN.has(caller)
}

interface Spot { host: Host, config: Partial<NetworkConfig>, home?: Home }

describe('hosts/matrix', function () {
  this.timeout(20 * PATIENCE_MS)
  const internet = useInternet('miniupnpd')
  let relayHost: Host6

  beforeEach(async () => { relayHost = await internet.addHost6() })

  async function spotOf (place: Place): Promise<Spot> {
    const kind = PLACES[place]

    if (kind != null) {
      const home = await internet.addHome(kind)
      const nat = { ...NAT, upnp: kind === 'upnp' }

      return { host: home.host, home, config: { nat, ...(kind === 'forwarding' ? { announce: [home.outside] } : {}) } }
    }

    if (place === 'IPv6 only') {
      const host = await internet.addHost6({ isAlone: true })

      return { host, config: { nat: NAT, listen: [`/ip6/::/tcp/${NODE_PORT}`], announce: [`/ip6/${host.ip6}/tcp/${NODE_PORT}`] } }
    }

    const host = await internet.addHost()

    return { host, config: { nat: NAT, announce: [`/ip4/${host.ip}/tcp/${NODE_PORT}`] } }
  }

  /** The address of the relay that a node can dial. */
  function relayAt (place: Place, relay: NodeProcess): string {
    return `${place === 'IPv6 only' ? `/ip6/${relayHost.ip6}` : `/ip4/${relayHost.ip}`}/tcp/${NODE_PORT}/p2p/${relay.id}`
  }

  /** Calls a node through the relay, and says over what the session goes in the end. */
  async function call (spot: Spot, relay: string, called: NodeProcess): Promise<string> {
    const caller = await startAt(spot.host, { ...spot.config, seedPeers: [`${relay}/p2p-circuit/p2p/${called.id}`], maxOutbound: 2 })
    const address = (): string => caller.addressOf(called.id) ?? '/p2p-circuit'
    const [start, isRelayed] = [performance.now(), () => address().includes('/p2p-circuit')]

    // a node that dials the other in vain may take longer than the call
    for (let state: unknown = 'trying'; isRelayed() && (state !== 'failed' || performance.now() < start + LAST_TRY_MS);) {
      assert.ok(performance.now() < start + PATIENCE_MS, 'a pair to come to rest')
      state = (await caller.status()).upgrades[called.id]
      await turns(20)
    }

    const way = isRelayed() ? 'relay' : address().includes('/webrtc') ? 'WebRTC' : 'TCP'
    await caller.stop()

    return way
  }

  it('joins each pair as the guide says', async () => {
    const announce = [`/ip4/${relayHost.ip}/tcp/${NODE_PORT}`, `/ip6/${relayHost.ip6}/tcp/${NODE_PORT}`]
    const listen = [`/ip4/0.0.0.0/tcp/${NODE_PORT}`, `/ip6/::/tcp/${NODE_PORT}`]
    const relay = await startAt(relayHost, { nat: { relayServer: true }, listen, announce })
    const called = await Promise.all(NAMES.map(async (place) => {
      const spot = await spotOf(place)
      const node = await startAt(spot.host, { ...spot.config, seedPeers: [relayAt(place, relay)] })
      await eventually(() => node.addressOf(relay.id) != null, 'a session with the relay', { timeout: PATIENCE_MS })

      return { node, spot }
    }))
    const callers = await Promise.all(NAMES.map(spotOf))
    const mapped = called[NAMES.indexOf('UPnP')]!.spot.home!

    for (const until = performance.now() + MAPPING_TIMEOUT_MS; !await internet.isMapped(mapped);) {
      assert.ok(performance.now() < until, 'a mapping')
    }

    const ways = NAMES.map(() => NAMES.map(() => ''))

    // at a time each place calls another one
    for (let shift = 0; shift < NAMES.length; shift++) {
      for (const half of [[0, 1, 2], [3, 4, 5]]) {
        await Promise.all(half.map(async (from) => {
          const to = (from + shift) % NAMES.length
          ways[from]![to] = await call(callers[from]!, relayAt(NAMES[from]!, relay), called[to]!.node)
          console.log(`      ${NAMES[from]} calls ${NAMES[to]}: ${ways[from]![to]}`)
        }))
      }
    }

    console.log(`\n      | caller \\ called | ${NAMES.join(' | ')} |\n      |---|${NAMES.map(() => '---|').join('')}`)
    ways.forEach((row, from) => { console.log(`      | ${NAMES[from]} | ${row.join(' | ')} |`) })

    NAMES.forEach((from, i) => {
      NAMES.forEach((to, j) => { assert.equal(ways[i]![j] !== 'relay', isDirect(from, to), `${from} calls ${to}: ${ways[i]![j]}`) })
    })
  })
})
