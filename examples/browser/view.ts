import { toHex } from './hex.ts'
import type { Block, Peer, SyncProgress } from 'vibecoin-network'

/** Latest blocks that are shown. */
export const SHOWN_BLOCKS = 10

/** Latest transactions that are shown. */
const SHOWN_TRANSACTIONS = 20

/** An element of the page. Everything is written as text: what peers say of themselves is not to be trusted. */
function find<Kind extends HTMLElement> (id: string): Kind {
  return document.getElementById(id) as Kind
}

/** The page's form, which calls back with what was filled in. */
export function onPayment (pay: (recipient: string, value: number) => void): void {
  const form = find<HTMLFormElement>('payment')
  const field = (name: string): HTMLInputElement => form.elements.namedItem(name) as HTMLInputElement

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    pay(field('recipient').value, field('value').valueAsNumber)
  })
}

/** A sentence on how the node is. */
export function showStatus (text: string): void {
  find('status').textContent = text
}

/** The latest blocks, the last one first. */
export function showBlocks (blocks: readonly Block[]): void {
  showRows('blocks', blocks.map(({ height, hash, timestamp, transactions }) => {
    return [`${height}`, toHex(hash), new Date(timestamp).toLocaleTimeString(), `${transactions.length}`]
  }))
}

/** Those that there is a session with. */
export function showPeers (peers: readonly Peer[]): void {
  showRows('peers', peers.map(({ nodeId, address, bestHeight, rtt, bytesIn, bytesOut }) => {
    return [nodeId, address, `${bestHeight}`, rtt == null ? '' : `${Math.round(rtt)} ms`, kilobytes(bytesIn), kilobytes(bytesOut)]
  }))
}

/** How far a synchronisation is; nothing where none is under way. */
export function showProgress (progress: SyncProgress | undefined): void {
  const bar = find<HTMLProgressElement>('progress')
  bar.hidden = progress == null

  if (progress != null) {
    bar.max = Math.max(1, progress.to - progress.from)
    bar.value = progress.height - progress.from
  }
}

/** Puts a transaction on top of the list. */
export function showTransaction (text: string): void {
  const list = find('transactions')
  const item = document.createElement('li')
  item.textContent = text
  list.prepend(item)
  list.children[SHOWN_TRANSACTIONS]?.remove()
}

function showRows (id: string, rows: readonly string[][]): void {
  find(id).replaceChildren(...rows.map((cells) => {
    const row = document.createElement('tr')
    row.append(...cells.map((text) => {
      const cell = document.createElement('td')
      cell.textContent = text
      cell.title = text

      return cell
    }))

    return row
  }))
}

function kilobytes (bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`
}
