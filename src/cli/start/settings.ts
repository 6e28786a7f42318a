import { LIMIT_SETTINGS } from './limit-settings.ts'
import { LOG_LEVELS } from '../output/report.ts'
import type { LimitSettings } from './limit-settings.ts'
import type { LogLevel } from '../output/report.ts'
import type { Setting, Settings } from '../settings/setting.ts'

/**
 * The settings of `vibecoin-network start`, by the names that they have on the command line: `maxInbound` is `--max-inbound`. Without a
 * value the network's own default counts. Times are milliseconds.
 */
export interface StartOptions extends LimitSettings {
  dataDir?: string
  name: string
  network: string
  fork?: number[]
  listen?: string[]
  announce?: string[]
  logLevel: LogLevel
  json: boolean
  admin: boolean
  config?: string
  printConfig: boolean
  /** Whether it serves the live page. */
  web: boolean
  webPort?: number
  seed: string[]
  reserved?: string[]
  dnsSeed?: string[]
  dnsServer?: string[]
  dht?: 'client' | 'server' | 'auto' | 'off'
  mdns?: boolean
  autoSync?: boolean
  maxInbound?: number
  maxOutbound?: number
  maxBlockOnly?: number
  maxInboundPerHost?: number
  maxInboundRate?: number
  maxPendingHandshakes?: number
  upload?: number
  download?: number
  peerUpload?: number
  peerDownload?: number
  relay?: boolean
  relayServer?: boolean
  holePunch?: boolean
  webrtc?: boolean
  autonat?: boolean
  upnp?: boolean
  tlsCert?: string
  tlsKey?: string
  privateNetworkKey?: string
  banDuration?: number
  dialTimeout?: number
  reconnectDelay?: number
  maxReconnectDelay?: number
  handshakeTimeout?: number
  pingInterval?: number
  pingTimeout?: number
  frameTimeout?: number
  requestTimeout?: number
  sendTimeout?: number
  userAgent?: string
  maxFrameBytes?: number
  /** Where pages over HTTP are served; none are without it. */
  http?: string
  httpPublic: boolean
  httpName?: string[]
  /** Seconds from block to block; makes none without it. */
  makeBlocks?: number
  /** Seconds from transaction to transaction; makes none without it. */
  makeTransactions?: number
  exitWithParent: boolean
}

/** The name of the network where none is given. */
export const DEFAULT_NETWORK = 'vibecoin-devnet'

/** How often the node pings, in ms: a table shows a round trip soon. */
const PING_INTERVAL_MS = 5000
const MAX_NAME_BYTES = 64

const NODE: Pick<
  Settings<StartOptions>,
  'dataDir' | 'name' | 'network' | 'fork' | 'listen' | 'announce' | 'logLevel' | 'json' | 'admin' | 'config' | 'printConfig' | 'web' | 'webPort'
> = {
  dataDir: {
    ...group('Node'), kind: { type: 'path' }, placeholder: 'DIR',
    help: 'Where the chain, the identity and the known peers are kept.', presetText: 'a temporary directory, removed at the end'
  },
  name: { ...group('Node'), kind: { type: 'name', maxBytes: MAX_NAME_BYTES }, preset: '', option: 'nodeId', help: 'What peers see this node as.', presetText: 'none' },
  network: {
    ...group('Node'), kind: { type: 'name', maxBytes: MAX_NAME_BYTES }, preset: DEFAULT_NETWORK, option: 'network',
    help: 'Name of the network. Decides the genesis block.'
  },
  fork: {
    ...group('Node'), kind: { type: 'integer' }, placeholder: 'HEIGHT', multiple: true, option: 'forks',
    help: 'Height at which the rules of the network change. Peers with other ones are refused.'
  },
  listen: {
    ...group('Node'), kind: { type: 'address' }, multiple: true, option: 'listen',
    help: 'Multiaddr to listen on, with /ws or /tls/ws at its end for WebSockets.'
  },
  announce: { ...group('Node'), kind: { type: 'address' }, multiple: true, option: 'announce', help: 'Multiaddr that peers are told to dial instead.' },
  logLevel: {
    ...group('Node'), kind: { type: 'choice', choices: LOG_LEVELS }, placeholder: 'LEVEL', preset: 'info',
    help: `One of ${LOG_LEVELS.join(', ')}. Debug also logs vibecoin:* to stderr.`
  },
  json: { ...group('Node'), kind: { type: 'switch' }, preset: false, help: 'One JSON object per line instead of text.' },
  admin: {
    ...group('Node'), kind: { type: 'switch' }, preset: true, option: 'admin',
    help: 'Answer status, peers and other commands on a socket in the data directory.'
  },
  web: { ...group('Node'), kind: { type: 'switch' }, preset: false, help: 'Serve a live page of the node on this machine, and print where it is.' },
  webPort: {
    ...group('Node'), kind: { type: 'integer', min: 0, max: 65_535 }, placeholder: 'PORT', presetText: '9465, or a free one where that is taken',
    help: 'Port of the page.', needs: 'web'
  },
  config: { ...group('Node'), kind: { type: 'path' }, help: 'A file with these settings, in TOML.', presetText: 'none' },
  printConfig: { ...group('Node'), kind: { type: 'switch' }, preset: false, help: 'Check the settings, print them all as a file, and end.' }
}

const FINDING: Pick<Settings<StartOptions>, 'seed' | 'reserved' | 'dnsSeed' | 'dnsServer' | 'dht' | 'mdns' | 'autoSync'> = {
  seed: {
    ...group('Finding peers'), kind: { type: 'address' }, multiple: true, preset: [], option: 'seedPeers',
    help: 'Multiaddr of a node to connect to. With /p2p/ and its id at the end, no other node is taken for it.'
  },
  reserved: {
    ...group('Finding peers'), kind: { type: 'address' }, multiple: true, option: 'reservedPeers',
    help: 'Multiaddr, with /p2p/ and the id, of a peer that is always let in and dialled.'
  },
  dnsSeed: {
    ...group('Finding peers'), kind: { type: 'text' }, placeholder: 'HOST', multiple: true, option: 'dnsSeeds',
    help: 'Host whose A and AAAA records are seeds, on port 8765.'
  },
  dnsServer: {
    ...group('Finding peers'), kind: { type: 'text' }, placeholder: 'IP', multiple: true, option: 'dnsServers',
    help: 'DNS server to ask, with or without a port.', presetText: 'those of the machine'
  },
  dht: {
    ...group('Finding peers'), kind: { type: 'choice', choices: ['off', 'client', 'server', 'auto'] }, placeholder: 'MODE', preset: 'off',
    help: 'Look for peers in a DHT. Auto is server where the node listens.'
  },
  mdns: { ...group('Finding peers'), kind: { type: 'switch' }, option: 'discovery.mdns', help: 'Find nodes in the local network, and be found.' },
  autoSync: { ...group('Finding peers'), kind: { type: 'switch' }, option: 'autoSync', help: 'Keep the chain in step with the peers.' }
}

const ROOM: Pick<
  Settings<StartOptions>,
  'maxInbound' | 'maxOutbound' | 'maxBlockOnly' | 'maxInboundPerHost' | 'maxInboundRate' | 'maxPendingHandshakes' | 'upload' | 'download' | 'peerUpload' | 'peerDownload'
> = {
  maxInbound: count('maxInbound', 'Peers that may connect to this node.'),
  maxOutbound: count('maxOutbound', 'Peers that this node connects to.'),
  maxBlockOnly: count('maxBlockOnly', 'Further peers that this node connects to for blocks only.'),
  maxInboundPerHost: count('maxInboundPerHost', 'Inbound peers of one public address.'),
  maxInboundRate: count('maxInboundRate', 'Inbound connections a second from one host.'),
  maxPendingHandshakes: count('maxPendingHandshakes', 'Inbound handshakes under way.'),
  upload: size('bandwidth.upload', 'Bytes a second to all peers.'),
  download: size('bandwidth.download', 'Bytes a second from all peers.'),
  peerUpload: size('bandwidth.peerUpload', 'Bytes a second to one peer.'),
  peerDownload: size('bandwidth.peerDownload', 'Bytes a second from one peer.')
}

const REACH: Pick<
  Settings<StartOptions>,
  'relay' | 'relayServer' | 'holePunch' | 'webrtc' | 'autonat' | 'upnp' | 'tlsCert' | 'tlsKey' | 'privateNetworkKey'
> = {
  relay: nat('relay', 'Dial through relays, and be reachable through peers that are relays.'),
  relayServer: nat('relayServer', 'Be a relay for other nodes.'),
  holePunch: nat('holePunch', 'Move from relays to direct connections where NATs allow it. Needs relay.'),
  webrtc: nat('webrtc', 'The same over WebRTC, also between closed NATs. Needs relay, and the package @libp2p/webrtc.'),
  autonat: nat('autonat', 'Ask peers whether an address can be reached before announcing it.'),
  upnp: nat('upnp', 'Have the gateway open the port (PCP, NAT-PMP, UPnP).'),
  tlsCert: { ...group('Being reached'), kind: { type: 'path' }, help: 'Certificate with its chain, as PEM, for addresses with /tls/ws.', presetText: 'none' },
  tlsKey: { ...group('Being reached'), kind: { type: 'path' }, help: 'Key of the certificate, as PEM.', presetText: 'none' },
  privateNetworkKey: {
    ...group('Being reached'), kind: { type: 'path' }, help: 'Swarm key file that all nodes of a private network share.', presetText: 'none'
  }
}

const TIMES: Pick<
  Settings<StartOptions>,
  | 'banDuration' | 'dialTimeout' | 'reconnectDelay' | 'maxReconnectDelay' | 'handshakeTimeout' | 'pingInterval' | 'pingTimeout' | 'frameTimeout'
  | 'requestTimeout' | 'sendTimeout' | 'userAgent' | 'maxFrameBytes'
> = {
  banDuration: seconds('banDuration', 'The first ban of a peer. It doubles each time.'),
  dialTimeout: seconds('dialTimeout', 'One dial of a peer.'),
  reconnectDelay: seconds('reconnectDelay', 'The first pause after a failed dial. It doubles with each failure.'),
  maxReconnectDelay: seconds('maxReconnectDelay', 'The longest pause after a failed dial.'),
  handshakeTimeout: seconds('handshakeTimeout', 'From the opening of a stream to the end of the handshake.'),
  pingInterval: { ...seconds('pingInterval', 'From a pong to the next ping.'), preset: PING_INTERVAL_MS },
  pingTimeout: seconds('pingTimeout', 'From a ping to its pong.'),
  frameTimeout: seconds('frameTimeout', 'From the first byte of a message to its last.'),
  requestTimeout: seconds('requestTimeout', 'From a request to its first answer, and from each answer to the next.'),
  sendTimeout: seconds('sendTimeout', 'How long a peer may take nothing of what waits for it.'),
  userAgent: { ...group('Timeouts and the wire'), kind: { type: 'text' }, option: 'userAgent', help: 'The software, as peers see it.', presetText: 'the name and version of this package' },
  maxFrameBytes: {
    ...group('Timeouts and the wire'), kind: { type: 'size' }, option: 'maxFrameBytes', help: 'The largest message. The same on all nodes of a network.'
  }
}

const WATCHING: Pick<Settings<StartOptions>, 'http' | 'httpPublic' | 'httpName'> = {
  http: {
    ...group('Watching'), kind: { type: 'text' }, placeholder: 'HOST:PORT',
    help: 'Serve /metrics, /healthz, /readyz and /status over HTTP here, such as 127.0.0.1:9464.', presetText: 'off'
  },
  httpPublic: {
    ...group('Watching'), kind: { type: 'switch' }, preset: false, help: 'Let http be an address that others can reach. The pages have no password.',
    needs: 'http'
  },
  httpName: {
    ...group('Watching'), kind: { type: 'text' }, placeholder: 'HOST', multiple: true,
    help: 'Name that the pages are asked for by, beside localhost and IP addresses: such as that of a proxy.',
    needs: 'http'
  }
}

const DEVNET: Pick<Settings<StartOptions>, 'makeBlocks' | 'makeTransactions' | 'exitWithParent'> = {
  makeBlocks: {
    ...group('For test networks'), kind: { type: 'number', min: 0.05, max: 3600 }, placeholder: 'SECONDS',
    help: 'Make a block this often. For one node of a network only.', presetText: 'never'
  },
  makeTransactions: {
    ...group('For test networks'), kind: { type: 'number', min: 0.001, max: 86_400 }, placeholder: 'SECONDS',
    help: 'Make a signed transaction this often.', presetText: 'never'
  },
  exitWithParent: { ...group('For test networks'), kind: { type: 'switch' }, preset: false, help: 'Stop when the standard input ends. A devnet tells its nodes what to do there.' }
}

/** The settings of `start`: help, documents, and the checks of flags, variables and files are made from these. */
export const START_SETTINGS: Settings<StartOptions> = {
  ...NODE, ...FINDING, ...ROOM, ...REACH, ...TIMES, ...LIMIT_SETTINGS, ...WATCHING, ...DEVNET
}

/** What a variable can say. The rest is for one run. */
export const VARIABLE_SETTINGS: Partial<Settings<StartOptions>> = without(START_SETTINGS, ['printConfig', 'exitWithParent'])

/** What a file can say. */
export const FILE_SETTINGS: Partial<Settings<StartOptions>> = without(START_SETTINGS, ['printConfig', 'exitWithParent', 'config'])

function without (settings: Settings<StartOptions>, keys: (keyof StartOptions)[]): Partial<Settings<StartOptions>> {
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !keys.includes(key as keyof StartOptions)))
}

function group (group: string): Pick<Setting, 'group'> {
  return { group }
}

function count (option: string, help: string): Setting {
  return { ...group('Room for peers'), kind: { type: 'integer' }, option, help }
}

function size (option: string, help: string): Setting {
  return { ...group('Room for peers'), kind: { type: 'size' }, option, help, presetText: 'no cap' }
}

function nat (name: string, help: string): Setting {
  return { ...group('Being reached'), kind: { type: 'switch' }, option: `nat.${name}`, help, presetText: 'false' }
}

function seconds (option: string, help: string): Setting {
  return { ...group('Timeouts and the wire'), kind: { type: 'seconds' }, option, help }
}
