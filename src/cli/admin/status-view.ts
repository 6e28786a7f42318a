import { cleanText, formatBlockRate, formatBytes, formatCount, formatDuration, shortHash, shortId } from '../output/format.ts'
import { renderBar } from '../output/progress-bar.ts'
import { renderPairs } from './pairs.ts'
import type { NodeReport } from './answers.ts'
import type { AddressStatus, NetworkStatus } from '../../index.ts'
import type { Cell } from '../output/table.ts'

// What `status` prints, by pure functions.

/** Peers that a line names. */
const MAX_SHOWN_PEERS = 4

/** Sources of peers that have a line. */
const MAX_SHOWN_SOURCES = 4

type SyncEndStatus = NonNullable<NetworkStatus['sync']['lastEnd']>

/** Lines for people: a name and a value each. */
export function renderStatus ({ status, process }: NodeReport, columns: number): string[] {
  const { node, slots, dials, bans, bandwidth } = status
  const waiting = dials.targets.filter(({ state }) => state === 'waiting').length
  const bans_ = bans.count === 0 ? 'none' : formatCount(bans.count, 'ban')

  return renderPairs([
    ['node', `${cleanText(node.nodeId) || 'no name'}, ${node.peerId}`],
    ['software', `${cleanText(node.userAgent)}, process ${process.pid}, up ${formatDuration(status.uptime)}`],
    ['network', `${node.network}, genesis ${shortHash(node.genesisHash)}, wire version ${node.protocolVersion}`],
    ...addresses(status),
    ...describeGateway(status),
    ['chain', describeChain(status)],
    ...describeSync(status),
    ['peers', `${slots.inbound.used} of ${slots.inbound.limit} in, ${slots.outbound.used} of ${slots.outbound.limit} out${beside(status)}, ${slots.pending} on the way`],
    ['dials', `${dials.underWay} under way, ${dials.known} known${waiting === 0 ? '' : `, ${waiting} waiting after a failure: see \`dials\``}`],
    ['known', describeKnown(status)],
    ...describeEmptySources(status),
    ['bans', bans_],
    ['traffic', `${formatBytes(bandwidth.in.bytes)} received, ${formatBytes(bandwidth.out.bytes)} sent`],
    ['queues', describeQueues(status)],
    ['pool', describePool(status)],
    ['process', `${formatBytes(process.rss)} memory, ${formatDuration(process.cpu)} of processor time`],
    ['data', process.dataDir]
  ], columns)
}

/** The peers that the node could dial, and what became of its test dials. */
function describeKnown ({ known: { reached, heardOf, feelers: { tried, reached: found } } }: NetworkStatus): string {
  const feelers = tried === 0 ? '' : `, ${found} of ${formatCount(tried, 'test dial')} reached one`

  return `${formatCount(reached, 'peer')} reached, ${heardOf} only heard of${feelers}`
}

/** Seeds and other sources that were asked, and named no peer: a name without an address is one of them. */
function describeEmptySources ({ at, sources: { list, nextIn, isSearching } }: NetworkStatus): [string, Cell][] {
  const again = nextIn == null ? '' : `, asked again in ${formatDuration(nextIn)} at the earliest`
  const lines = list.flatMap(({ name, askedAt, found, targets }) => {
    return isSearching || askedAt == null || found + targets > 0 ? [] : [`${cleanText(name, 80)} named no peer when asked ${formatDuration(at - askedAt)} ago${again}`]
  })

  return lines.slice(0, MAX_SHOWN_SOURCES).map((text, i) => [i === 0 ? 'sources' : '', { text, style: 'yellow' }])
}

/** The transactions that wait for peers that come. */
function describePool ({ memory: { transactionPool: { items, bytes } } }: NetworkStatus): string {
  return items === 0 ? 'empty' : `${formatCount(items ?? 0, 'transaction')}${bytes == null ? '' : `, ${formatBytes(bytes)}`}`
}

/** Slots that not every node has. */
function beside ({ slots: { blockOnly, reserved } }: NetworkStatus): string {
  const parts = { 'for blocks only': blockOnly, reserved }

  return Object.entries(parts).map(([name, { used, limit }]) => limit === 0 ? '' : `, ${used} of ${limit} ${name}`).join('')
}

function addresses ({ addresses }: NetworkStatus): [string, Cell][] {
  if (addresses.length === 0) {
    return [['address', 'none: the node does not listen']]
  }

  return addresses.map((one, i) => [i === 0 ? 'address' : '', `${one.address.replace(/\/p2p\/[^/]+$/, '')} (${describeAddress(one)})`])
}

/** What the gateway does, where the node asks it to open ports. */
function describeGateway ({ gateway }: NetworkStatus): [string, Cell][] {
  if (gateway == null) {
    return []
  }

  const { address, protocol, externalAddress, problem } = gateway

  return [['gateway', externalAddress == null ? problem ?? 'not asked yet' : `${address ?? 'it'} opens ports at ${externalAddress} (${protocol})`]]
}

const TOLD_TO: Readonly<Record<AddressStatus['toldTo'], string>> = {
  all: 'told to all peers', network: 'told in the local network', machine: 'told on this machine', none: 'told to no peer'
}

/** Where an address comes from, whether it was tested, and who is told of it. */
function describeAddress ({ source, scope, isTested, tests, toldTo }: AddressStatus): string {
  const test = isTested ? ', tested' : tests == null ? '' : `, reached by ${tests.reached} of ${tests.reached + tests.missed} peers`

  return `${scope}, ${source}${test}, ${TOLD_TO[toldTo]}`
}

/** Where the chain is, and how far behind. */
export function describeChain ({ at: now, tip, sync, peers }: NetworkStatus): Cell {
  if (tip == null) {
    return 'none'
  }

  const at = `block ${tip.height} ${shortHash(tip.hash)}`

  switch (sync.state) {
    case 'synced': return { text: `${at}, in step with ${formatCount(peers.length, 'peer')}`, style: 'green' }
    case 'behind': return {
      text: `${at}, ${formatCount(sync.behind, 'block')} behind, of ${sync.best ?? 'unknown'}${sinceWhen(now, sync)}`, style: 'yellow'
    }
    case 'unknown': return {
      text: sync.doubted.length === 0 ? `${at}, no peer to compare with` : `${at}, no peer that is believed to compare with${sinceWhen(now, sync)}`,
      style: 'yellow'
    }
  }
}

function describeCall ({ method, ms }: NetworkStatus['sync']['chainCalls'][number]): string {
  return `\`${method}\` has not answered for ${formatDuration(ms)}`
}

/** How long the chain is not in step, and when it last grew. */
function sinceWhen (now: number, { since, grownAt }: NetworkStatus['sync']): string {
  const grown = grownAt == null ? 'it has not grown since the start' : `it last grew ${formatDuration(now - grownAt)} ago`

  return since == null ? '' : `, for ${formatDuration(now - since)}: ${grown}`
}

/** How a synchronisation goes, and why the last one has failed. */
export function describeSync ({ at, sync, tip, peers }: NetworkStatus): [string, Cell][] {
  const { progress, lastEnd, failures, retryIn, chainCalls } = sync
  const lines: [string, Cell][] = chainCalls.length === 0
    ? []
    : [['hangs', { text: `the chain of this node: ${chainCalls.map(describeCall).join(', ')}`, style: 'red' }]]

  if (progress != null) {
    const { from, height, to, blocksPerSecond, bytesPerSecond } = progress
    const left = progress.eta == null ? '' : `, ${formatDuration(progress.eta)} left`
    const rate = `${formatBlockRate(blocksPerSecond)}, ${formatBytes(bytesPerSecond)}/s from ${formatCount(progress.peers, 'peer')}`
    lines.push(['sync', `${renderBar({ from, at: height, to })}, block ${height} of ${to}${left}, ${rate}`])
  }

  if (lastEnd?.error != null) {
    const again = retryIn == null ? '' : `, again in ${formatDuration(retryIn)}`
    const times = failures > 1 ? `, ${failures} times in a row` : ''
    const text = `failed ${formatDuration(at - lastEnd.at)} ago at block ${lastEnd.height}${times}: ${cleanText(lastEnd.error, 160)}${again}`
    // while the next one is under way, that is the one before
    lines.push(progress == null ? ['sync', { text, style: 'red' }] : ['before', { text, style: 'yellow' }])
    lines.push(...describeFaults(lastEnd.faults))
  }

  if (sync.doubted.length > 0) {
    lines.push(['doubted', sync.doubted.slice(0, MAX_SHOWN_PEERS).map(({ peer, nodeId, claimed, believed, retryIn }) => {
      const sent = believed > 0 ? `, believed up to ${believed}` : ''

      return `${cleanText(nodeId, 24) || shortId(peer)} claims block ${claimed} and did not send it${sent}, asked again in ${formatDuration(retryIn)}`
    }).join('; ')])
  }

  const ahead = peers.filter((peer) => tip != null && peer.bestHeight > tip.height)

  if (sync.state === 'behind' && ahead.length > 0) {
    lines.push(['ahead', ahead.slice(0, MAX_SHOWN_PEERS).map(({ id, nodeId, bestHeight, requests, waiting }) => {
      return `${cleanText(nodeId, 24) || shortId(id)} at ${bestHeight} (${formatCount(requests, 'request')} unanswered, ${formatBytes(waiting.in)} unread)`
    }).join(', ')])
  }

  return lines
}

/** Whose fault it was that a synchronisation has failed: the last of each peer. */
function describeFaults (faults: SyncEndStatus['faults']): [string, Cell][] {
  const last = faults.filter(({ peer }, i) => faults.findIndex((other) => other.peer === peer) === i).slice(0, MAX_SHOWN_PEERS)

  return last.length === 0
    ? []
    : [['faults', last.map(({ peer, nodeId, kind, height }) => `${cleanText(nodeId, 24) || shortId(peer)} ${kind} at block ${height}`).join(', ')]]
}

/** The queues that are not empty. */
export function describeQueues ({ queues }: NetworkStatus): string {
  const words: Record<keyof NetworkStatus['queues'], string> = {
    outbox: 'to send', inbox: 'to read', handling: 'in handlers', requests: 'requests out', chainWrites: 'chain writes', wanted: 'announced, not here',
    wantedTransactions: 'transactions announced, not here',
    pendingBroadcasts: 'own items for the next peers'
  }
  const used = Object.entries(words).flatMap(([name, text]) => {
    const { items, bytes } = queues[name as keyof NetworkStatus['queues']]
    const what = items === 1 ? text.replace(/^(request|chain write|own item)s/, '$1') : text
    const [count, size] = [items == null || items === 0 ? '' : String(items), bytes == null || bytes === 0 ? '' : formatBytes(bytes)]

    return count !== '' && size !== '' ? [`${count} ${what} (${size})`] : count + size === '' ? [] : [`${count}${size} ${what}`]
  })

  return used.length === 0 ? 'empty' : used.join('; ')
}
