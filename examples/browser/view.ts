import { stateOf } from './payments.ts'
import { toHex } from './hex.ts'
import type { FormProblem } from './form.ts'
import type { Payment } from './payments.ts'
import type { Block, Peer, SyncProgress } from 'vibecoin-network'

/** Latest blocks that are shown. */
export const SHOWN_BLOCKS = 8

/** Latest payments that are shown. */
const SHOWN_PAYMENTS = 50

type Child = Node | string

/** An element of the page. Everything is written as text: what peers say of themselves is not to be trusted. */
function find<Kind extends HTMLElement> (id: string): Kind {
  return document.getElementById(id) as Kind
}

function create (name: string, className: string, ...children: Child[]): HTMLElement {
  const element = document.createElement(name)
  element.className = className
  element.append(...children)

  return element
}

/** The page's form, which calls back with what was filled in. */
export function onPayment (pay: (given: { recipient: string, value: string }) => Promise<void>): void {
  const form = find<HTMLFormElement>('payment')
  const button = form.querySelector('button')!

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    button.disabled = true
    void pay({ recipient: find<HTMLInputElement>('recipient').value, value: find<HTMLInputElement>('value').value })
      .finally(() => { button.disabled = false })
  })
  button.disabled = false
}

/** What is wrong with the form, beside the field; nothing where all is well. */
export function showProblem (problem: FormProblem | string | undefined): void {
  const field = typeof problem === 'object' ? find<HTMLInputElement>(problem.field) : undefined
  const text = typeof problem === 'object' ? problem.text : problem

  for (const id of ['recipient', 'value']) {
    find(id).setAttribute('aria-invalid', String(id === field?.id))
  }

  find('problem').hidden = text == null
  find('problem').textContent = text ?? ''
  field?.focus()
}

/** Empties the field of the recipient after a payment. */
export function clearForm (): void {
  find<HTMLInputElement>('recipient').value = ''
}

/** The address of the wallet, with a button that copies it. */
export function showAddress (address: string): void {
  const copy = find<HTMLButtonElement>('copy')
  find('address').textContent = address
  copy.disabled = false
  copy.addEventListener('click', () => {
    navigator.clipboard.writeText(address).then(
      () => { copy.textContent = 'Copied' },
      () => { copy.textContent = 'Select it above: the browser lets no page copy' }
    )
  })
}

/** A sentence on how the node is. */
export function showSummary (text: string): void {
  find('summary').textContent = text
}

/** What keeps the wallet from working, or nothing. */
export function showTrouble (text: string | undefined): void {
  find('gone').hidden = text == null
  find('gone').textContent = text ?? ''
}

/** Who the node is. */
export function showNode (text: string): void {
  find('node').textContent = text
}

/** The payments, and what they come to in blocks. */
export function showPayments (payments: readonly Payment[]): void {
  const total = (isOwn: boolean): bigint => {
    return payments.filter((payment) => payment.isOwn === isOwn && payment.block != null).reduce((sum, { value }) => sum + value, 0n)
  }

  find('received').textContent = String(total(false))
  find('spent').textContent = String(total(true))
  find('none').hidden = payments.length > 0
  find('payments').replaceChildren(...payments.slice(0, SHOWN_PAYMENTS).map(renderPayment))
}

function renderPayment (payment: Payment): HTMLElement {
  const { isOwn, other, value, at } = payment
  const { text, level } = stateOf(payment)
  const address = create('span', 'code', `${isOwn ? 'to' : 'from'} ${other}`)
  address.title = other

  return create('li', '',
    create('span', '', create('b', isOwn ? '' : 'good', `${isOwn ? '−' : '+'}${value}`), ' ', create('time', '', formatTime(at))),
    create('span', `state ${level}`, text),
    address)
}

/** The latest blocks, the last one first. */
export function showBlocks (blocks: readonly Block[]): void {
  find('blocks').replaceChildren(...blocks.map(({ height, hash, timestamp, transactions }) => create('li', '',
    create('b', '', `block ${height}`),
    create('span', '', height === 0 ? 'the first one' : formatTime(timestamp)),
    create('span', 'code', toHex(hash).slice(0, 16)),
    create('span', '', `${transactions.length} ${transactions.length === 1 ? 'transaction' : 'transactions'}`))))
}

/** Those that there is a session with. */
export function showPeers (peers: readonly Peer[]): void {
  find('peers').replaceChildren(...peers.map(({ id, nodeId, bestHeight, rtt, bytesIn, bytesOut }) => {
    const cells = [
      nodeId === '' ? `…${id.slice(-6)}` : nodeId, `${bestHeight}`, rtt == null ? '' : `${Math.round(rtt)} ms`, kilobytes(bytesIn), kilobytes(bytesOut)
    ]

    return create('tr', '', ...cells.map((text) => create('td', '', text)))
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

function formatTime (at: number): string {
  return new Date(at).toTimeString().slice(0, 8)
}

function kilobytes (bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`
}
