import { eventually } from '../support/eventually.ts'
import { addressOf, GENESIS_HASH, stopNodes } from '../integration/nodes.ts'
import { LANGUAGES, peerOf } from '../../scripts/interop-peers.ts'
import { killPeers, PeerProcess } from './peer-process.ts'
import type { Language } from '../../scripts/interop-peers.ts'
import type { Network } from '../../src/index.ts'
import type { PeerEvent, PeerOptions } from './peer-process.ts'

/** How long what moves many bytes may take, in ms. */
export const LONG_MS = 180_000

/** Starts a peer of the network of `startRecorded`. It is ended after the test. */
export type StartPeer = (options?: PeerOptions) => Promise<PeerProcess>

/** What the tests of a peer have of it. */
export interface Peers {
  language: Language
  /** The path of the peer. Asked for in tests only. */
  binary: () => string
  startPeer: StartPeer
}

/** Tests that every peer of interop/ has to pass. They are skipped where it was not built. */
export function describePeers (subject: string, tests: (peers: Peers) => void): void {
  for (const language of LANGUAGES) {
    describe(`interop: ${subject}, ${language}`, () => { tests(withPeer(language)) })
  }
}

/** The peer of one language, for the tests of a `describe`. They are skipped where it was not built. */
export function withPeer (language: Language): Peers {
  let path = ''

  before(function () {
    path = peerOf(language) ?? ''

    if (path === '') {
      console.log(`    skipped: the peer of interop/${language} was not built`)
      this.skip()
    }
  })

  afterEach(async () => {
    await killPeers()
    await stopNodes()
  })

  return {
    language,
    binary: () => path,
    startPeer: async (options = {}) => PeerProcess.start(path, { genesis: GENESIS_HASH, ...options })
  }
}

/** Makes a session that one of the two opens. */
export async function meet (node: Network, peer: PeerProcess, who: 'node' | 'peer' = 'node'): Promise<void> {
  if (who === 'node') {
    await node.connect(peer.address)
  } else {
    await peer.ask({ do: 'dial', address: addressOf(node) })
  }

  await peer.event('ready', (event) => event.peer === idOf(node))
  await eventually(() => node.peers.get(peer.id) != null, 'the session')
}

/** The peer id of a node. */
export function idOf (node: Network): string {
  return node.libp2p.peerId.toString()
}

/** Who has ended a session, and with what reason. */
export function endOf ({ by, reason }: PeerEvent): unknown[] {
  return [by, reason]
}

/** How many sessions a peer has that are ready. */
export function readyOf (peer: PeerProcess): number {
  const count = (kind: string): number => peer.events.filter(({ event }) => event === kind).length

  return count('ready') - count('closed') - count('retired')
}
