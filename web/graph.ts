import { forceCenter, forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from 'd3-force'
import { createSvg, find } from './dom.ts'
import { colourOf } from './format.ts'
import { HOP_MS, Travellers } from './travellers.ts'
import type { Simulation, SimulationLinkDatum, SimulationNodeDatum } from 'd3-force'
import type { Hop } from './travellers.ts'
import type { WebFrame, WebNode } from '../src/web/protocol.ts'

interface GraphNode extends SimulationNodeDatum { key: string, element: SVGGElement }

interface GraphLink extends SimulationLinkDatum<GraphNode> { key: string, element: SVGPathElement, bytes: number, rtt: number | null }

/** A session between two nodes of a frame. */
interface Session { key: string, from: string, to: string, bytes: number, rtt: number | null, isRelayed: boolean }

const RADIUS = 19

/** Draws nodes and sessions, and lets blocks and transactions travel along them. */
export class Graph {
  readonly #svg = find<SVGSVGElement>('graph')
  readonly #edges = createSvg('g')
  readonly #nodesLayer = createSvg('g')
  readonly #nodes = new Map<string, GraphNode>()
  readonly #travellers = new Travellers((name) => this.#nodes.get(name))
  readonly #links = new Map<string, GraphLink>()
  readonly #simulation: Simulation<GraphNode, GraphLink>
  readonly #onChoose: (name: string) => void
  #size = { width: 800, height: 480 }

  /** `onChoose` is called with the name of a node that was chosen. */
  constructor (onChoose: (name: string) => void) {
    this.#onChoose = onChoose
    const marker = createSvg('marker', {
      id: 'arrow', viewBox: '0 0 8 8', refX: 8, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto', markerUnits: 'userSpaceOnUse'
    }, createSvg('path', { d: 'M0 0 8 4 0 8Z' }))
    this.#svg.append(createSvg('defs', {}, marker), this.#edges, this.#travellers.layer, this.#nodesLayer)
    this.#simulation = forceSimulation<GraphNode, GraphLink>()
      .force('collide', forceCollide(RADIUS * 1.9))
      .force('link', forceLink<GraphNode, GraphLink>().id(({ key }) => key).distance(() => this.#length).strength(0.15))
      .on('tick', () => { this.#place() })
    new ResizeObserver(() => { this.#resize() }).observe(this.#svg)
    this.#resize()
  }

  /** Shows the nodes and sessions of a frame. */
  show ({ nodes }: WebFrame, chosen: string | undefined): void {
    const before = this.#nodes.size + this.#links.size
    const isNew = this.#updateNodes(nodes, chosen)
    const isRelinked = this.#updateLinks(sessionsOf(nodes))

    if (isNew || isRelinked || before !== this.#nodes.size + this.#links.size) {
      this.#simulation.nodes([...this.#nodes.values()])
      this.#simulation.force<ReturnType<typeof forceLink<GraphNode, GraphLink>>>('link')!.links([...this.#links.values()])
      this.#simulation.alpha(isNew ? 0.8 : 0.25).restart()
    }
  }

  /** Lets an item travel from one node to another. */
  travel (hop: Hop): void {
    this.#travellers.travel(hop)
  }

  /** Lets a node flash that has made a block. */
  flash (name: string): void {
    const circle = this.#nodes.get(name)?.element.querySelector('circle')
    circle?.animate([{ r: `${RADIUS * 1.5}px` }, { r: `${RADIUS}px` }], { duration: HOP_MS, easing: 'ease-out' })
  }

  #updateNodes (nodes: readonly WebNode[], chosen: string | undefined): boolean {
    let isNew = false
    const names = new Set(nodes.map(({ name }) => name))

    for (const [key, { element }] of this.#nodes) {
      if (!names.has(key)) {
        element.remove()
        this.#nodes.delete(key)
      }
    }

    for (const [index, node] of nodes.entries()) {
      let known = this.#nodes.get(node.name)

      if (known == null) {
        isNew = true
        known = this.#createNode(node.name, index, nodes.length)
      }

      paint(known.element, node, node.name === chosen)
    }

    return isNew
  }

  #createNode (name: string, index: number, count: number): GraphNode {
    const label = createSvg('text', { y: RADIUS + 15 }, name)
    const element = createSvg('g', { class: 'node', tabindex: 0, role: 'button' },
      createSvg('circle', { r: RADIUS }), createSvg('text', { class: 'height', y: 4 }), label, createSvg('title'))
    const choose = (): void => { this.#onChoose(name) }
    element.addEventListener('click', choose)
    element.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault()
        choose()
      }
    })
    this.#nodesLayer.append(element)
    const angle = 2 * Math.PI * index / Math.max(1, count)
    const { width, height } = this.#size
    const node: GraphNode = {
      key: name, element, x: width / 2 + 0.35 * width * Math.cos(angle), y: height / 2 + 0.35 * height * Math.sin(angle)
    }
    this.#nodes.set(name, node)

    return node
  }

  #updateLinks (sessions: Map<string, Session>): boolean {
    let isChanged = false

    for (const [key, { element }] of this.#links) {
      if (!sessions.has(key)) {
        element.remove()
        this.#links.delete(key)
        isChanged = true
      }
    }

    for (const { key, from, to, bytes, rtt, isRelayed } of sessions.values()) {
      let link = this.#links.get(key)

      if (link == null) {
        const element = createSvg('path', { class: 'edge', 'marker-end': 'url(#arrow)' }, createSvg('title'))
        link = { key, element, source: from, target: to, bytes, rtt }
        this.#edges.append(element)
        this.#links.set(key, link)
        isChanged = true
      }

      // a second of traffic decides the width: 1 kB is thin, 1 MB is thick
      const width = 1.2 + 1.1 * Math.max(0, Math.log10(Math.max(1, bytes - link.bytes)) - 2)
      link.element.setAttribute('stroke-width', width.toFixed(1))
      link.element.classList.toggle('relayed', isRelayed)
      link.element.querySelector('title')!.textContent = `${from} dialled ${to}${rtt == null ? '' : `, round trip ${rtt.toFixed(1)} ms`}`
      link.bytes = bytes
    }

    return isChanged
  }

  /** How long a session is drawn: shorter where there are many nodes, or little room. */
  get #length (): number {
    return Math.min(260, 1.1 * Math.sqrt(this.#size.width * this.#size.height / Math.max(4, this.#nodes.size)))
  }

  #resize (): void {
    const { width, height } = this.#svg.getBoundingClientRect()

    if (width > 0 && height > 0) {
      this.#size = { width, height }
      this.#svg.setAttribute('viewBox', `0 0 ${width} ${height}`)
      this.#simulation
        .force('center', forceCenter(width / 2, height / 2 - 6))
        .force('charge', forceManyBody<GraphNode>().strength(-8 * this.#length))
        .force('x', forceX<GraphNode>(width / 2).strength(0.05))
        .force('y', forceY<GraphNode>(height / 2).strength(0.06 * Math.max(1, width / height)))
        .alpha(0.3).restart()
    }
  }

  #place (): void {
    const { width, height } = this.#size

    for (const node of this.#nodes.values()) {
      node.x = Math.min(width - 32, Math.max(32, node.x!))
      node.y = Math.min(height - 38, Math.max(24, node.y!))
      node.element.setAttribute('transform', `translate(${node.x.toFixed(1)} ${node.y.toFixed(1)})`)
    }

    for (const { source, target, element } of this.#links.values()) {
      element.setAttribute('d', pathOf(source as GraphNode, target as GraphNode))
    }
  }
}

/** From the edge of one circle to that of the other. */
function pathOf ({ x = 0, y = 0 }: GraphNode, { x: toX = 0, y: toY = 0 }: GraphNode): string {
  const length = Math.hypot(toX - x, toY - y) || 1
  const [unitX, unitY] = [(toX - x) / length, (toY - y) / length]
  const gap = RADIUS + 2

  return `M${(x + unitX * gap).toFixed(1)} ${(y + unitY * gap).toFixed(1)}L${(toX - unitX * gap).toFixed(1)} ${(toY - unitY * gap).toFixed(1)}`
}

function paint (element: SVGGElement, { name, phase, tip, makesBlocks, peers, side }: WebNode, isChosen: boolean): void {
  element.classList.toggle('off', phase !== 'running')
  element.classList.toggle('chosen', isChosen)
  element.setAttribute('aria-pressed', String(isChosen))
  element.querySelector('circle')!.style.fill = colourOf(tip?.hash)
  const height = phase === 'running' ? String(tip?.height ?? '') : phase
  element.querySelector('.height')!.textContent = height
  const text = `${name}${makesBlocks ? ', makes blocks' : ''}, ${phase}, block ${tip?.height ?? 'unknown'}, ${peers.length} peers${side == null ? '' : `, side ${side}`}`
  element.setAttribute('aria-label', text)
  element.querySelector('title')!.textContent = text
}

/** The sessions between the nodes of a frame, each once. */
function sessionsOf (nodes: readonly WebNode[]): Map<string, Session> {
  const byId = new Map(nodes.map(({ id, name }) => [id, name]))
  const sessions = new Map<string, Session>()

  for (const { name, peers } of nodes) {
    for (const { id, name: said, direction, bytesIn, bytesOut, rtt, isRelayed } of peers) {
      const other = byId.get(id) ?? (nodes.length === 1 ? undefined : said)

      if (other != null && other !== name && byId.has(id)) {
        const [from, to] = direction === 'outbound' ? [name, other] : [other, name]
        const key = `${from} ${to}`
        sessions.set(key, sessions.get(key) ?? { key, from, to, bytes: bytesIn + bytesOut, rtt, isRelayed })
      }
    }
  }

  return sessions
}
