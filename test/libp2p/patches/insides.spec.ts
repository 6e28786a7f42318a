import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { yamux } from '@chainsafe/libp2p-yamux'
import { autoNATv2 } from '@libp2p/autonat-v2'
import { circuitRelayServer } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { kadDHT } from '@libp2p/kad-dht'
import { defaultLogger } from '@libp2p/logger'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { webSockets } from '@libp2p/websockets'
import { createLibp2p } from 'libp2p'
import { TypedEventEmitter } from 'main-event'
import { readStatusOf } from '../../../src/libp2p/patches/read-status.ts'
import type { Libp2p, Upgrader } from '@libp2p/interface'
import type { AddressManager } from '@libp2p/interface-internal'

type Tree = Record<string, unknown>

/** The value at a path such as `a.b`, or `undefined`. */
function at (root: object, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (value as Tree | null | undefined)?.[name], root)
}

/** The types of what is found at these paths. */
function typesAt (root: object, paths: readonly string[]): Tree {
  return Object.fromEntries(paths.map((path) => [path, typeof at(root, path)]))
}

function assertTypes (root: object, types: Record<string, string>): void {
  assert.deepEqual(typesAt(root, Object.keys(types)), types)
}

describe('libp2p/patches/insides: libp2p/patches: the inside of the installed packages', () => {
  let node: Libp2p
  let addressManager: AddressManager

  before(async () => {
    node = await createLibp2p({
      start: false,
      addresses: { listen: [] },
      transports: [tcp()],
      services: {
        identify: identify(),
        ping: ping(),
        dht: kadDHT({ protocol: '/test/kad/1.0.0' }),
        relay: circuitRelayServer(),
        autonat: autoNATv2(),
        probe: (components: { addressManager: AddressManager }) => {
          addressManager = components.addressManager

          return {}
        }
      }
    })
  })

  it('has what `dial-back-requests` calls of AutoNAT', () => {
    assertTypes(node.services, { 'autonat.client.verifyExternalAddresses': 'function' })
  })

  it('has the timer of the address manager that `address-timer` ends', () => {
    assertTypes(addressManager, { _updatePeerStoreAddresses: 'function', '_updatePeerStoreAddresses.stop': 'function' })
  })

  it('has the question of identify that `bounded-identify` wraps, and the events that it replaces', () => {
    assertTypes(at(node, 'services.identify') as object, { _identify: 'function', handleProtocol: 'function', 'components.events.safeDispatchEvent': 'function' })
  })

  it('has the walk of the DHT that `dht-walks` leaves out', () => {
    assertTypes(at(node, 'services.dht') as object, { 'routingTableRefresh.refreshTable': 'function' })
  })

  it('has what `relay-server` asks and wraps of the relay', () => {
    assertTypes(at(node, 'services.relay') as object, {
      'reservationStore.reserve': 'function',
      'reservationStore.reservations.entries': 'function',
      'reservationStore.reservations.get': 'function',
      'reservationStore.reservations.delete': 'function',
      handleConnect: 'function',
      handleHopProtocol: 'function',
      stopHop: 'function'
    })
  })

  it('has the WebSocket server that `web-socket-listener` bounds', () => {
    const transport = webSockets()({ logger: defaultLogger(), events: new TypedEventEmitter() })

    assertTypes(transport.createListener({ upgrader: {} as Upgrader }), {
      'server.on': 'function',
      'wsServer.options.maxPayload': 'number',
      shutdownController: 'object',
      onWsServerConnection: 'function'
    })
  })

  it('has the read status of a connection, which `read-status` gives', () => {
    const [connection] = multiaddrConnectionPair()

    assert.equal(readStatusOf(connection), 'readable')
    connection.pause()
    assert.equal(readStatusOf(connection), 'paused')
  })

  it('has what `guard` reads of Yamux and of its streams, the ping of `first-ping`, and the list of `read-buffer`', async () => {
    const [connection] = multiaddrConnectionPair()
    const muxer = yamux({ streamOptions: { initialStreamWindowSize: 512 * 1024 } })().createStreamMuxer(connection)
    const stream = await muxer.createStream()

    assertTypes(muxer, {
      onData: 'function',
      send: 'function',
      ping: 'function',
      onRemoteStream: 'function',
      numInboundStreams: 'number',
      maxInboundStreams: 'number',
      'streamOptions.initialStreamWindowSize': 'number'
    })
    assertTypes(stream, {
      onData: 'function',
      sendData: 'function',
      streamId: 'number',
      recvWindowCapacity: 'number',
      'readBuffer.bufs': 'object',
      'readBuffer.append': 'function'
    })
    muxer.abort(new Error('the end'))
  })
})

describe('libp2p/patches/insides: libp2p/patches/README.md', () => {
  const readme = readFileSync('src/libp2p/patches/README.md', 'utf8')

  it('has every file that reaches into another package', () => {
    const files = [...globSync('src/libp2p/patches/*.ts'), ...globSync('src/libp2p/patches/guard/guard*.ts')]
      .filter((file) => !file.endsWith('.browser.ts'))
      .map((file) => file.slice('src/libp2p/patches/'.length))

    assert.deepEqual(files.filter((file) => !readme.includes(`\`${file}\``)), [])
  })

  it('is about the only room that casts what belongs to others', () => {
    const files = globSync('src/**/*.ts')
      .filter((file) => !/^src\/(codec\/generated|libp2p\/patches)\//.test(file))
      .filter((file) => /as unknown as|interface \w*Inside\b|[\w)\]]\._[a-z]/.test(readFileSync(file, 'utf8')))

    // the first two cast what is their own, the last one a metric that is more than prom-client's types say
    assert.deepEqual(files.sort(), ['src/config/resolve.ts', 'src/gossip/digest-key.ts', 'src/prometheus/registry-metrics.ts'])
  })

  it('names tests that are there', () => {
    const named = [...readme.matchAll(/`([\w-]+\.spec\.ts)`: "([^"]+?)(?: \.\.\.)?"/g)]
    const isThere = (file = '', title = ''): boolean => {
      return globSync(`test/**/${file}`).some((path) => readFileSync(path, 'utf8').includes(title))
    }

    assert.ok(named.length > 10)
    assert.deepEqual(named.map(([, file, title]) => [file, title]).filter(([file, title]) => !isThere(file, title)), [])
  })
})
