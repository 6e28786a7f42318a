import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { canMakeHosts } from '../integration/hosts.ts'
import type { Host } from '../integration/hosts.ts'
import type { ChildProcess } from 'node:child_process'

const run = promisify(execFile)

/** The port that nodes listen on, here. */
export const NODE_PORT = 8765

/** The addresses of no documentation or private range: libp2p takes none of those for public. They do not leave their namespaces. */
const PUBLIC_NET = '25.77.0'

/**
 * What a home router does with connections. All of them let the host behind them out, and nobody in who was not called:
 * - `closed`: nothing else, and ports stay what they are where they can.
 * - `symmetric`: ports are other ones for each connection.
 * - `forwarding`: NODE_PORT leads to the host.
 * - `upnp`, `pcp`, `nat-pmp`: leads ports to the host where it asks for that in this protocol. Other ones it does not answer.
 */
export type RouterKind = 'closed' | 'symmetric' | 'forwarding' | GatewayKind

/** What a router that leads ports to the host speaks. */
export type GatewayKind = 'upnp' | 'pcp' | 'nat-pmp'

/** The addresses of IPv6 that are public here. */
const PUBLIC_NET6 = '2a00:77:0:1'

/** A host with a public address of IPv6. */
export interface Host6 extends Host {
  ip6: string
}

/** A program that maps ports on a router, with the file that it remembers them in. */
interface Gateway {
  daemon: ChildProcess
  start: () => ChildProcess
  leases: string
}

/** A host behind a router of its own. */
export interface Home {
  host: Host
  router: Host
  /** The address of a node on the host as seen from outside, where the router let somebody in. */
  outside: string
}

/** Public hosts and homes behind NATs, each a network namespace, and the switch that all of them hang on. */
export class Internet {
  readonly #prefix = `vn${process.pid}`
  readonly #namespaces: string[] = []
  /** By the name of the router. */
  readonly #gateways = new Map<string, Gateway>()
  readonly #directories: string[] = []
  #publicHosts = 0
  #homes = 0

  /** What is missing to make one here; `undefined` where nothing is. */
  static async lacks (...programs: string[]): Promise<string | undefined> {
    if (!await canMakeHosts()) {
      return 'root, network namespaces'
    }

    const found = await Promise.all(['nft', ...programs].map(async (program) => run('which', [program]).then(() => true, () => false)))

    return ['nft', ...programs].find((_program, i) => !found[i])
  }

  /** Makes the switch. To be called first. */
  async create (): Promise<void> {
    await this.#namespace('net')
    await this.#ip('net', 'link', 'add', 'bridge', 'type', 'bridge')
    await this.#ip('net', 'link', 'set', 'bridge', 'up')
  }

  /** A host that everybody can reach. */
  async addHost (): Promise<Host> {
    return this.#addPublic(`p${this.#publicHosts}`, 'eth')
  }

  /** A host that everybody with IPv6 can reach, and everybody with IPv4 unless it `isAlone` with that. */
  async addHost6 ({ isAlone = false }: { isAlone?: boolean } = {}): Promise<Host6> {
    const host = await this.addHost()
    const ip6 = `${PUBLIC_NET6}::${this.#publicHosts}`
    await run('ip', ['-n', host.name, 'addr', 'add', `${ip6}/64`, 'dev', 'eth', 'nodad'])

    if (isAlone) {
      await run('ip', ['-n', host.name, 'addr', 'del', `${host.ip}/24`, 'dev', 'eth'])
    }

    return { ...host, ip6 }
  }

  /** A host that has to go through its router. */
  async addHome (kind: RouterKind): Promise<Home> {
    const n = ++this.#homes
    const [lan, inside] = [`192.168.${n}.1`, `192.168.${n}.2`]
    const [home, host] = [`r${n}`, `h${n}`]
    const router = await this.#addPublic(home, 'wan')
    await this.#namespace(host)
    await this.#ip(home, 'link', 'add', 'lan', 'type', 'veth', 'peer', 'name', 'eth', 'netns', this.#name(host))
    await this.#ip(home, 'addr', 'add', `${lan}/24`, 'dev', 'lan')
    await this.#ip(home, 'link', 'set', 'lan', 'up')
    await this.#ip(host, 'addr', 'add', `${inside}/24`, 'dev', 'eth')
    await this.#ip(host, 'link', 'set', 'eth', 'up')
    await this.#ip(host, 'route', 'add', 'default', 'via', lan)
    await this.#in(home, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
    await this.#in(home, 'nft', rulesOf(kind, inside))

    if (kind === 'upnp' || kind === 'pcp' || kind === 'nat-pmp') {
      await this.#startGateway(router, lan, kind)
    }

    return { router, host: { name: this.#name(host), ip: inside }, outside: `/ip4/${router.ip}/tcp/${NODE_PORT}` }
  }

  /** Has a host lose one of so many packets that come to it, at random, and send none that are joined to one of up to 64 KiB. */
  async loseOneOf (packets: number, { name }: Host): Promise<void> {
    await run('ip', ['-n', name, 'link', 'set', 'eth', 'gso_max_segs', '1'])
    const rules = `
      table inet loss {
        chain in { type filter hook input priority filter; numgen random mod ${packets} == 0 drop; }
      }`
    await run('ip', ['netns', 'exec', name, 'nft', rules])
  }

  /** How many packets of strangers a router has refused. */
  async refusedBy ({ router }: Home): Promise<number> {
    const { stdout } = await run('ip', ['netns', 'exec', router.name, 'nft', '-j', 'list', 'counter', 'inet', 'home', 'refused'])
    const { nftables } = JSON.parse(stdout) as { nftables: { counter?: { packets: number } }[] }

    return nftables.find(({ counter }) => counter != null)?.counter?.packets ?? 0
  }

  /** Whether a router leads a port to the host behind it because that has asked for it. */
  async isMapped ({ router }: Home): Promise<boolean> {
    const { stdout } = await run('ip', ['netns', 'exec', router.name, 'nft', 'list', 'chain', 'inet', 'home', 'mapped'])

    return stdout.includes('dnat')
  }

  /** Has a router start anew, which has forgotten then which ports it leads to the host. */
  async restart ({ router }: Home): Promise<void> {
    const gateway = this.#gateways.get(router.name)!
    await killed(gateway.daemon)
    await rm(gateway.leases, { force: true })

    for (const chain of ['let_in', 'mapped', 'mapped_out']) {
      await run('ip', ['netns', 'exec', router.name, 'nft', 'flush', 'chain', 'inet', 'home', chain])
    }

    gateway.daemon = gateway.start()
  }

  /** Removes everything that was made. Another one may be made afterwards. */
  async remove (): Promise<void> {
    await Promise.all([...this.#gateways.values()].map(async ({ daemon }) => { await killed(daemon) }))
    this.#gateways.clear()

    for (const name of this.#namespaces.splice(0)) {
      await run('ip', ['netns', 'del', name])
    }

    await Promise.all(this.#directories.splice(0).map(async (directory) => rm(directory, { recursive: true })))
    this.#publicHosts = 0
    this.#homes = 0
  }

  async #addPublic (part: string, device: string): Promise<Host> {
    const ip = `${PUBLIC_NET}.${++this.#publicHosts}`
    await this.#namespace(part)
    await this.#ip('net', 'link', 'add', `to${part}`, 'type', 'veth', 'peer', 'name', device, 'netns', this.#name(part))
    await this.#ip('net', 'link', 'set', `to${part}`, 'master', 'bridge')
    await this.#ip('net', 'link', 'set', `to${part}`, 'up')
    await this.#ip(part, 'addr', 'add', `${ip}/24`, 'dev', device)
    await this.#ip(part, 'link', 'set', device, 'up')

    return { name: this.#name(part), ip }
  }

  async #startGateway (router: Host, lan: string, kind: GatewayKind): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), 'vibecoin-gateway-'))
    this.#directories.push(directory)
    const file = join(directory, 'gateway.conf')
    const leases = join(directory, 'leases')
    const [upnp, others] = kind === 'upnp' ? ['yes', 'no'] : ['no', 'yes']

    await writeFile(file, [
      'ext_ifname=wan', `ext_ip=${router.ip}`, `listening_ip=${lan}/255.255.255.0`, 'http_port=5000', `enable_upnp=${upnp}`, `enable_natpmp=${others}`,
      'secure_mode=yes', 'system_uptime=yes', 'notify_interval=30', 'uuid=00000000-0000-4000-8000-000000000000', `lease_file=${leases}`,
      'upnp_table_name=home', 'upnp_nat_table_name=home', 'upnp_forward_chain=let_in', 'upnp_nat_chain=mapped', 'upnp_nat_postrouting_chain=mapped_out',
      `allow 1024-65535 ${lan}/24 1024-65535`, 'deny 0-65535 0.0.0.0/0 0-65535', ''
    ].join('\n'))

    const args = ['netns', 'exec', router.name, 'miniupnpd', '-d', '-f', file, '-P', join(directory, 'pid')]
    const start = (): ChildProcess => spawn('ip', args, { stdio: 'ignore' })
    this.#gateways.set(router.name, { daemon: start(), start, leases })
  }

  async #namespace (part: string): Promise<void> {
    const name = this.#name(part)
    await run('ip', ['netns', 'add', name])
    this.#namespaces.push(name)
    await this.#ip(part, 'link', 'set', 'lo', 'up')
  }

  async #ip (part: string, ...args: string[]): Promise<void> {
    await run('ip', ['-n', this.#name(part), ...args])
  }

  async #in (part: string, ...command: string[]): Promise<void> {
    await run('ip', ['netns', 'exec', this.#name(part), ...command])
  }

  #name (part: string): string {
    return `${this.#prefix}${part}`
  }
}

async function killed (child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await (child.exitCode == null && child.signalCode == null ? once(child, 'exit') : undefined)
}

/** The rules of a router, as one argument of nft. */
function rulesOf (kind: RouterKind, inside: string): string {
  const outgoing = kind === 'symmetric' ? 'masquerade fully-random' : 'masquerade'
  const incoming = kind === 'forwarding' ? `iifname "wan" tcp dport ${NODE_PORT} dnat ip to ${inside};` : ''
  // the daemon speaks PCP wherever it speaks NAT-PMP: the first byte says which
  const unheard = kind === 'nat-pmp' ? 'iifname "lan" udp dport 5351 @th,64,8 2 drop;' : ''
  const isLetIn = kind === 'forwarding' ? 'ct status dnat accept;' : ''

  return `
    table inet home {
      counter refused { }
      chain let_in { }
      chain mapped { }
      chain mapped_out { }
      chain before { type nat hook prerouting priority dstnat; ${incoming} jump mapped; }
      chain after { type nat hook postrouting priority srcnat; jump mapped_out; oifname "wan" ${outgoing}; }
      chain to_router { type filter hook input priority filter; ${unheard} iifname "wan" ct state new counter name "refused" drop; }
      chain through { type filter hook forward priority filter; jump let_in; ${isLetIn} iifname "wan" ct state new counter name "refused" drop; }
    }`
}
