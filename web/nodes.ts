import { button, create, find, replace } from './dom.ts'
import { colourOf, formatBytes, formatMs, shorten } from './format.ts'
import type { Child } from './dom.ts'
import type { WebAction, WebFrame, WebNode } from '../src/web/protocol.ts'

/** What nodes can be asked for, as buttons have it. */
const LABELS: Record<WebAction, string> = {
  kill: 'Kill', start: 'Start', pause: 'Pause', resume: 'Resume', flood: 'Flood with transactions', attack: 'Attack with bad frames', partition: 'Part the network', heal: 'Heal', pay: 'Send a payment'
}

/** Which of them make sense for a node in each phase. */
const FITTING: Record<WebNode['phase'], WebAction[]> = {
  waiting: [], starting: ['kill'], running: ['kill', 'pause', 'flood', 'attack'], paused: ['resume', 'kill'], killed: ['start'], ended: ['start']
}

/** The actions of the network as a whole. */
const OF_NETWORK: WebAction[] = ['partition', 'heal']

/** The columns of a row behind the name. */
const COLUMNS = 7

/** The parts of a row that change. */
interface Row { swatch: HTMLElement, cells: HTMLTableCellElement[] }

/** What the tables call back. */
export interface NodesInit {
  onChoose: (name: string) => void
  onAct: (action: WebAction, node?: string) => Promise<void>
}

/** Shows the table of all nodes, and what is known of the chosen one. */
export class Nodes {
  readonly #init: NodesInit
  /** What is known of the chosen node, what can be done to it, and its sessions. */
  readonly #parts = [create('div'), create('div', { className: 'buttons' }), create('div')] as const
  readonly #rows = new Map<string, Row>()
  /** What can be asked for at all. */
  actions: readonly WebAction[] = []

  constructor (init: NodesInit) {
    this.#init = init
    find('node').replaceChildren(...this.#parts)
  }

  /** Shows the nodes of a frame. */
  show ({ nodes }: WebFrame, chosen: WebNode | undefined, isLive: boolean): void {
    replace(find('nodes'), nodes.map(({ name }) => name).join('\n'), () => {
      this.#rows.clear()

      return nodes.map(({ name }) => this.#row(name))
    })
    nodes.forEach((node) => { update(this.#rows.get(node.name)!, node) })
    this.#showActions(find('actions'), OF_NETWORK)
    const [facts, buttons, sessions] = this.#parts
    replace(facts, JSON.stringify(chosen == null ? null : factsOf(chosen)), () => chosen == null ? [hint()] : [describe(factsOf(chosen))])
    this.#showActions(buttons, chosen == null || !isLive ? [] : FITTING[chosen.phase], chosen?.name)
    replace(sessions, JSON.stringify([chosen?.peers, chosen?.bans]), () => chosen == null ? [] : sessionsOf(chosen))
  }

  /** Buttons stay the same elements while they make sense: a click or the focus would be lost with one. */
  #showActions (place: HTMLElement, fitting: readonly WebAction[], node?: string): void {
    const actions = fitting.filter((action) => this.actions.includes(action))
    replace(place, [node, ...actions].join(), () => {
      return actions.map((action) => button(LABELS[action], async () => this.#init.onAct(action, node)))
    })
    place.hidden = actions.length === 0
  }

  #row (name: string): HTMLTableRowElement {
    const swatch = create('span', { className: 'swatch' })
    const choose = create('button', { type: 'button', textContent: name })
    choose.addEventListener('click', () => { this.#init.onChoose(name) })
    const cells = Array.from({ length: COLUMNS }, () => create('td'))
    this.#rows.set(name, { swatch, cells })

    return create('tr', {}, create('th', { scope: 'row' }, swatch, choose), ...cells)
  }
}

/** Shows a node in its row. */
function update ({ swatch, cells: [stateCell, ...rest] }: Row, node: WebNode): void {
  const [state = '', ...texts] = cellsOf(node)
  swatch.style.background = colourOf(node.tip?.hash)
  stateCell!.className = node.phase === 'running' ? '' : 'warn'

  if (node.sync == null) {
    replace(stateCell!, state, () => [state])
  } else {
    const { from, height, to } = node.sync
    replace(stateCell!, `${from} ${height} ${to}`, () => [
      create('progress', { max: Math.max(1, to - from), value: height - from, ariaLabel: 'catch-up' })
    ])
  }

  rest.forEach((cell, i) => {
    cell.textContent = texts[i] ?? ''
    cell.className = i === rest.length - 1 && texts[i] !== '0' ? 'warn' : ''
  })
}

function factsOf (node: WebNode): [string, string][] {
  const { tip, slots, known, pool, compactBlocks, behind } = node

  return [
    ['name', `${node.name}${node.makesBlocks ? ', makes blocks' : ''}`],
    ['peer id', node.id === '' ? 'not known yet' : node.id],
    ['state', node.phase + (node.side == null ? '' : `, parted: side ${node.side}`)],
    ['tip', tip == null ? 'not known' : `block ${tip.height}, ${tip.hash.slice(0, 16)}…`],
    ...facts(behind > 0, 'behind', () => `${behind} blocks`),
    ...facts(slots != null, 'slots', () => `${slots!.outbound.join(' of ')} outbound, ${slots!.inbound.join(' of ')} inbound`),
    ...facts(known != null, 'known peers', () => `${known!.reached} reached, ${known!.heardOf} only heard of`),
    ...facts(pool != null, 'pool', () => `${pool} ${pool === 1 ? 'transaction' : 'transactions'} for peers that come`),
    ...facts(compactBlocks > 0, 'compact blocks', () => `${compactBlocks} have come`)
  ]
}

function facts (isThere: boolean, term: string, text: () => string): [string, string][] {
  return isThere ? [[term, text()]] : []
}

function describe (facts: [string, string][]): HTMLElement {
  return create('dl', {}, ...facts.flatMap(([term, text]) => [create('dt', {}, term), create('dd', {}, text)]))
}

function sessionsOf ({ peers, bans }: WebNode): Child[] {
  const rows = peers.map(({ id, name, direction, rtt, bytesIn, bytesOut }) => create('tr', {},
    create('th', { scope: 'row', title: id }, name === '' ? shorten(id) : name),
    create('td', {}, direction === 'outbound' ? 'out' : 'in'),
    create('td', {}, rtt == null ? '' : formatMs(rtt)),
    create('td', {}, `${formatBytes(bytesIn)} in`),
    create('td', {}, `${formatBytes(bytesOut)} out`)))
  const items = bans.map(({ subject, reason }) => create('li', {}, `${shorten(subject)}: ${reason}`))

  return [
    create('h3', {}, `${peers.length} ${peers.length === 1 ? 'session' : 'sessions'}`),
    create('div', { className: 'scroll' }, create('table', {}, create('tbody', {}, ...rows))),
    ...(items.length === 0 ? [] : [create('h3', {}, 'Bans'), create('ul', {}, ...items)])
  ]
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
