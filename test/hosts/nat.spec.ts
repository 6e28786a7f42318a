import assert from 'node:assert/strict'
import { Internet, NODE_PORT } from './internet.ts'
import { exchangeBlocks, isRelayed, startAt, startBehindRelay, startCallerOf, startRelayAt } from './nat-nodes.ts'
import { useInternet } from './use-internet.ts'
import { eventually } from '../support/eventually.ts'
import type { GatewayKind, Home } from './internet.ts'
import type { NodeProcess } from '../integration/node-process.ts'
import type { GatewayProtocol, NatOptions, NetworkConfig } from '../../src/index.ts'
import type { Host } from '../integration/hosts.ts'

const HOLE_PUNCH: NatOptions = { relay: true, holePunch: true }

/** A direct connection may take as long as a dial into nowhere before it, in ms. */
const MOVE_TIMEOUT_MS = 20_000

/** A mapping is asked for when the addresses of a node have not changed for 5 s; then the address from outside may be dialled again. */
const MAPPING_TIMEOUT_MS = 20_000

/** What a gateway that has forgotten its mappings may take to be asked again, in ms. */
const RENEWAL_MS = 60_000

const GATEWAYS: Record<GatewayKind, GatewayProtocol> = { upnp: 'UPnP', pcp: 'PCP', 'nat-pmp': 'NAT-PMP' }

describe('hosts/nat', function () {
  this.timeout(40_000)
  const internet = useInternet()

  async function start (host: Host, nat: NatOptions, config: Partial<NetworkConfig>): Promise<NodeProcess> {
    return startAt(host, { nat, ...config })
  }

  async function startRelay (): Promise<NodeProcess> {
    return startRelayAt(await internet.addHost())
  }

  /** A node that is reachable through the relay. */
  async function startBehind (relay: NodeProcess, { host }: Home, config: Partial<NetworkConfig> = {}): Promise<NodeProcess> {
    return startBehindRelay(host, relay, { nat: HOLE_PUNCH, ...config })
  }

  /** A node that knows of another one only that it is reachable through the relay, and is there when it has been reached. */
  async function startCaller (
    host: Host, way: { relay: NodeProcess, to: NodeProcess }, config: Partial<NetworkConfig> = {}
  ): Promise<NodeProcess> {
    return startCallerOf(host, way, { nat: HOLE_PUNCH, ...config })
  }

  /** Why sessions of a node with a peer have ended. */
  function closuresOf (node: NodeProcess, peer: NodeProcess): (string | undefined)[] {
    return node.reports.flatMap((report) => report.event === 'closed' && report.peer === peer.id ? [report.reason] : [])
  }

  async function untilDirect (a: NodeProcess, b: NodeProcess): Promise<void> {
    await eventually(() => !isRelayed(a, b) && !isRelayed(b, a), 'a direct session', { timeout: MOVE_TIMEOUT_MS })
    await eventually(() => closuresOf(a, b).length === 1 && closuresOf(b, a).length === 1, 'the end of the relayed session')

    assert.deepEqual([...closuresOf(a, b), ...closuresOf(b, a)], ['DUPLICATE_CONNECTION', 'DUPLICATE_CONNECTION'])
  }

  it('two nodes that let no peer in reach each other through a relay, and exchange blocks', async () => {
    const relay = await startRelay()
    const [home, other] = [await internet.addHome('closed'), await internet.addHome('closed')]
    const called = await startBehind(relay, home)
    const caller = await startCaller(other.host, { relay, to: called })

    assert(isRelayed(caller, called) && isRelayed(called, caller))
    await exchangeBlocks(caller, called)
    assert(isRelayed(caller, called) && isRelayed(called, caller))
  })

  it('a session with a public node moves to a connection that the node behind the NAT makes', async () => {
    const relay = await startRelay()
    const called = await startBehind(relay, await internet.addHome('closed'))
    const host = await internet.addHost()
    const caller = await startCaller(host, { relay, to: called }, { announce: [`/ip4/${host.ip}/tcp/${NODE_PORT}`] })
    await untilDirect(caller, called)

    assert.equal(called.addressOf(caller.id), `/ip4/${host.ip}/tcp/${NODE_PORT}/p2p/${caller.id}`)
    await exchangeBlocks(caller, called)
  })

  it('a session between two NATs moves to a connection where one of them lets it in', async () => {
    const relay = await startRelay()
    const [home, other] = [await internet.addHome('forwarding'), await internet.addHome('closed')]
    const called = await startBehind(relay, home, { announce: [home.outside] })
    const caller = await startCaller(other.host, { relay, to: called }, { announce: [other.outside] })
    await untilDirect(caller, called)

    assert.equal(caller.addressOf(called.id), `${home.outside}/p2p/${called.id}`)
    await exchangeBlocks(caller, called)
  })

  it('a session between two NATs that let no peer in stays on the relay when both have tried', async () => {
    const relay = await startRelay()
    const [home, other] = [await internet.addHome('symmetric'), await internet.addHome('symmetric')]
    const called = await startBehind(relay, home, { announce: [home.outside] })
    const caller = await startCaller(other.host, { relay, to: called }, { announce: [other.outside] })
    let refused = [0, 0]

    const poll = setInterval(() => {
      void Promise.all([internet.refusedBy(home), internet.refusedBy(other)]).then((counts) => { refused = counts })
    }, 250)

    try {
      await eventually(() => refused.every((count) => count > 0), 'both to try', { timeout: MOVE_TIMEOUT_MS })
    } finally {
      clearInterval(poll)
    }

    await exchangeBlocks(caller, called)
    assert(isRelayed(caller, called) && isRelayed(called, caller))
  })

  describe('where the gateway', () => {
    before(async function () {
      const missing = await Internet.lacks('miniupnpd')

      if (missing != null) {
        console.log(`    skipped: no ${missing}`)
        this.skip()
      }
    })

    /** A node behind a gateway of a kind, and one that has reached it from outside. */
    async function startLetIn (kind: GatewayKind): Promise<{ home: Home, node: NodeProcess, caller: NodeProcess }> {
      const home = await internet.addHome(kind)
      const node = await start(home.host, { upnp: true }, {})
      const caller = await start(await internet.addHost(), {}, { seedPeers: [home.outside] })
      await eventually(() => caller.addressOf(node.id) != null, 'a session from outside', { timeout: MAPPING_TIMEOUT_MS })
      assert.equal(caller.addressOf(node.id), `${home.outside}/p2p/${node.id}`)
      assert.equal(await internet.isMapped(home), true)

      return { home, node, caller }
    }

    it('speaks UPnP, PCP or NAT-PMP a node is let in that asks it to, and no longer when it has stopped', async () => {
      await Promise.all(Object.entries(GATEWAYS).map(async ([kind, protocol]) => {
        const { home, node, caller } = await startLetIn(kind as GatewayKind)
        await exchangeBlocks(caller, node)
        const { gateway } = await node.status()
        assert.deepEqual([gateway?.protocol, gateway?.externalAddress, gateway?.problem], [protocol, home.router.ip, null])
        const { code } = await node.stop()
        assert.equal(code, 0)
        assert.equal(await internet.isMapped(home), false, kind)
      }))
    })

    it('speaks PCP or NAT-PMP a node is reached over QUIC too', async () => {
      await Promise.all((['pcp', 'nat-pmp'] as const).map(async (kind) => {
        const quic = `udp/${NODE_PORT}/quic-v1`
        const home = await internet.addHome(kind)
        const node = await start(home.host, { upnp: true }, { listen: [`/ip4/0.0.0.0/${quic}`] })
        const outside = `/ip4/${home.router.ip}/${quic}`
        const caller = await start(await internet.addHost(), {}, { listen: [`/ip4/0.0.0.0/${quic}`], seedPeers: [outside] })
        await eventually(() => caller.addressOf(node.id) != null, 'a session from outside', { timeout: MAPPING_TIMEOUT_MS })
        assert.equal(caller.addressOf(node.id), `${outside}/p2p/${node.id}`)
        await node.stop()
        assert.equal(await internet.isMapped(home), false, kind)
      }))
    })

    it('has forgotten a node that it let in by PCP or NAT-PMP, it does so again within a minute', async function () {
      this.timeout(3 * RENEWAL_MS)

      await Promise.all((['pcp', 'nat-pmp'] as const).map(async (kind) => {
        const { home, node } = await startLetIn(kind)
        await internet.restart(home)
        assert.equal(await internet.isMapped(home), false)
        const caller = await start(await internet.addHost(), {}, { seedPeers: [home.outside] })
        await eventually(() => caller.addressOf(node.id) != null, 'a session from outside', { timeout: RENEWAL_MS + MAPPING_TIMEOUT_MS })
        assert.equal(await internet.isMapped(home), true)
      }))
    })
  })
})
