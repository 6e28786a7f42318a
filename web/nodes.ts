import { button, create, find, replace } from './dom.ts'
import { colourOf, formatBytes, formatMs, shorten } from './format.ts'
import type { Child } from './dom.ts'
import type { WebAction, WebFrame, WebNode } from '../src/web/protocol.ts'

/** What nodes can be asked for, as buttons have it. */
const LABELS: Record<WebAction, string> = {
  kill: 'Kill', start: 'Start', pause: 'Pause', resume: 'Resume', flood: 'Flood with transactions', attack: 'Attack with bad frames', partition: 'Part the network', heal: 'Heal'
}

/** Which of them make sense for a node in each phase. */
const FITTING: Record<WebNode['phase'], WebAction[]> = {
  waiting: [], starting: ['kill'], running: ['kill', 'pause', 'flood', 'attack'], paused: ['resume', 'kill'], killed: ['start'], ended: ['start']
}

/** The actions of the network as a whole. */
const OF_NETWORK: WebAction[] = ['partition', 'heal']

/** What the tables call back. */
export interface NodesInit {
  onChoose: (name: string) => void
  onAct: (action: WebAction, node?: string) => Promise<void>
}

/** Shows the table of all nodes, and what is known of the chosen one. */
export class Nodes {
  readonly #init: NodesInit
  /** What can be asked for at all. */
  actions: readonly WebAction[] = []

  constructor (init: NodesInit) {
    this.#init = init
  }

  /** Shows the nodes of a frame. */
  show ({ nodes }: WebFrame, chosen: WebNode | undefined, isLive: boolean): void {
    const rows = nodes.map(cellsOf)
    replace(find('nodes'), JSON.stringify([rows, nodes.map(({ sync }) => sync)]), () => nodes.map((node, i) => this.#row(node, rows[i]!)))
    const { onAct } = this.#init
    const networkActions = OF_NETWORK.filter((action) => this.actions.includes(action))
    replace(find('actions'), networkActions.join(), () => networkActions.map((action) => button(LABELS[action], async () => onAct(action))))
    replace(find('node'), JSON.stringify([chosen, this.actions, isLive]), () => chosen == null ? [hint()] : this.#detail(chosen, isLive))
  }

  #row (node: WebNode, cells: string[]): HTMLTableRowElement {
    const swatch = create('span', { className: 'swatch' })
    swatch.style.background = colourOf(node.tip?.hash)
    const choose = create('button', { type: 'button', textContent: node.name })
    choose.addEventListener('click', () => { this.#init.onChoose(node.name) })
    const [state, ...rest] = cells
    const stateCell = create('td', { className: node.phase === 'running' ? '' : 'warn' }, state!)

    if (node.sync != null) {
      const { from, height, to } = node.sync
      stateCell.replaceChildren(create('progress', { max: Math.max(1, to - from), value: height - from, ariaLabel: 'catch-up' }))
    }

    return create('tr', {},
      create('th', { scope: 'row' }, swatch, choose),
      stateCell,
      ...rest.map((text, i) => create('td', { className: i === rest.length - 1 && text !== '0' ? 'warn' : '' }, text)))
  }

  #detail (node: WebNode, isLive: boolean): Child[] {
    const actions = isLive ? FITTING[node.phase].filter((action) => this.actions.includes(action)) : []
    const facts: [string, string][] = [
      ['name', `${node.name}${node.makesBlocks ? ', makes blocks' : ''}`],
      ['peer id', node.id === '' ? 'not known yet' : node.id],
      ['state', node.phase + (node.side == null ? '' : `, parted: side ${node.side}`)],
      ['tip', node.tip == null ? 'not known' : `block ${node.tip.height}, ${node.tip.hash.slice(0, 16)}…`],
      ...(node.behind > 0 ? [['behind', `${node.behind} blocks`] as [string, string]] : []),
      ...(node.slots == null ? [] : [['slots', `${node.slots.outbound.join(' of ')} outbound, ${node.slots.inbound.join(' of ')} inbound`] as [string, string]]),
      ...(node.known == null ? [] : [['known peers', `${node.known.reached} reached, ${node.known.heardOf} only heard of`] as [string, string]]),
      ...(node.pool == null ? [] : [['pool', `${node.pool} ${node.pool === 1 ? 'transaction' : 'transactions'} for peers that come`] as [string, string]]),
      ...(node.compactBlocks === 0 ? [] : [['compact blocks', `${node.compactBlocks} have come`] as [string, string]])
    ]

    return [
      create('dl', {}, ...facts.flatMap(([term, text]) => [create('dt', {}, term), create('dd', {}, text)])),
      ...(actions.length === 0
        ? []
        : [create('div', { className: 'buttons' }, ...actions.map((action) => button(LABELS[action], async () => this.#init.onAct(action, node.name))))]),
      create('h3', {}, `${node.peers.length} sessions`),
      create('div', { className: 'scroll' }, create('table', {}, create('tbody', {}, ...node.peers.map(({ id, name, direction, rtt, bytesIn, bytesOut }) => create('tr', {},
        create('th', { scope: 'row', title: id }, name === '' ? shorten(id) : name),
        create('td', {}, direction === 'outbound' ? 'out' : 'in'),
        create('td', {}, rtt == null ? '' : formatMs(rtt)),
        create('td', {}, `${formatBytes(bytesIn)} in`),
        create('td', {}, `${formatBytes(bytesOut)} out`)))))),
      ...(node.bans.length === 0 ? [] : [create('h3', {}, 'Bans'), create('ul', {}, ...node.bans.map(({ subject, reason }) => create('li', {}, `${shorten(subject)}: ${reason}`)))])
    ]
  }
}

function hint (): HTMLElement {
  return create('p', { className: 'hint' }, 'Choose a node in the picture or the table.')
}

function cellsOf ({ phase, tip, peers, slots, bans, behind }: WebNode): string[] {
  const received = peers.reduce((sum, { bytesIn }) => sum + bytesIn, 0)
  const sent = peers.reduce((sum, { bytesOut }) => sum + bytesOut, 0)
  const isKnown = phase === 'running' && tip != null
  const state = isKnown ? behind > 0 ? `${behind} behind` : 'in step' : phase === 'running' ? 'no answer yet' : phase

  return [
    state, tip == null ? '' : String(tip.height), slots == null ? '' : String(slots.inbound[0]), slots == null ? '' : String(slots.outbound[0]),
    formatBytes(received), formatBytes(sent), String(bans.length)
  ]
}
