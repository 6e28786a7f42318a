import './locale.ts'
import { Blocks } from './blocks.ts'
import { Charts } from './charts.ts'
import { find } from './dom.ts'
import { Events } from './events.ts'
import { act, listenToFeed } from './feed.ts'
import { formatTime } from './format.ts'
import { Graph } from './graph.ts'
import { History } from './history.ts'
import { Nodes } from './nodes.ts'
import { OwnNode } from './own-node.ts'
import { Transactions } from './transactions.ts'
import type { WebAction, WebFrame, WebHello, WebReport, WebTransaction } from '../src/web/protocol.ts'

/** The page: takes what the server tells, and shows one moment of it. */
class Page {
  readonly #history = new History()
  readonly #graph = new Graph((name) => { this.#choose(name) })
  readonly #nodes = new Nodes({ onChoose: (name) => { this.#choose(name) }, onAct: async (action, node) => this.#act(action, node) })
  readonly #charts = new Charts()
  readonly #blocks = new Blocks()
  readonly #transactions = new Transactions(async () => this.#act('pay', this.#runningChoice))
  readonly #events = new Events()
  readonly #own = new OwnNode()
  readonly #slider = find<HTMLInputElement>('slider')
  readonly #live = find<HTMLButtonElement>('live')
  #chosen: string | undefined
  #isCaughtUp = false

  constructor () {
    this.#slider.addEventListener('input', () => {
      this.#history.show(this.#slider.valueAsNumber)
      this.#render()
    })
    this.#live.addEventListener('click', () => { this.#toggleLive() })
    document.addEventListener('keydown', ({ key, target }) => {
      if (key === 'l' && !(target instanceof HTMLInputElement)) {
        this.#toggleLive()
      }
    })
  }

  /** Begins to listen. */
  start (): void {
    listenToFeed({
      onHello: (hello) => { this.#onHello(hello) },
      onFrame: (frame) => { this.#onFrame(frame) },
      onReport: (report) => { this.#onReport(report) },
      onTransactions: (transactions) => { this.#onTransactions(transactions) },
      onLive: () => {
        this.#isCaughtUp = true
        this.#render()
      },
      onGone: (why) => {
        this.#isCaughtUp &&= why == null
        find('gone').hidden = why == null
        find('gone').textContent = why ?? ''
      }
    })
  }

  #onHello (hello: WebHello): void {
    const title = hello.kind === 'devnet' ? `Devnet ${hello.network}` : `A node of ${hello.network}`
    find('title').textContent = title
    document.title = title
    this.#nodes.actions = hello.actions
    this.#transactions.canPay = hello.actions.includes('pay')
    this.#own.hello = hello
  }

  #onFrame (frame: WebFrame): void {
    this.#history.add(frame)

    if (this.#isCaughtUp) {
      this.#render()
    }
  }

  #onReport (report: WebReport): void {
    this.#events.add(report)
    this.#blocks.add(report)

    if (this.#isCaughtUp && this.#history.isLive && report.block != null) {
      if (report.block.from == null) {
        this.#graph.flash(report.node)
      } else {
        this.#graph.travel({ item: report.block.hash, kind: 'block', from: report.block.from, to: report.node })
      }

      this.#blocks.show(undefined)
    }
  }

  #onTransactions (transactions: readonly WebTransaction[]): void {
    const hops = this.#transactions.add(transactions)

    if (this.#isCaughtUp && this.#history.isLive) {
      hops.forEach((hop) => { this.#graph.travel(hop) })
      this.#transactions.show(undefined)
    }
  }

  /** The chosen node where it runs: payments come from it. */
  get #runningChoice (): string | undefined {
    return this.#history.frames.at(-1)?.nodes.find(({ name, phase }) => name === this.#chosen && phase === 'running')?.name
  }

  #choose (name: string): void {
    this.#chosen = this.#chosen === name ? undefined : name
    this.#render()
  }

  async #act (action: WebAction, node?: string): Promise<void> {
    try {
      await act({ action, ...(node != null && { node }) })
    } catch (err) {
      this.#events.add({ at: Date.now(), node: node ?? '', event: 'problem', level: 'error', text: err instanceof Error ? err.message : String(err) })
    }
  }

  #toggleLive (): void {
    if (this.#history.isLive) {
      this.#history.show(this.#history.frames.length - 2)
    } else {
      this.#history.showLatest()
    }

    this.#render()
  }

  #render (): void {
    const { shown, frames, isLive, index } = this.#history

    if (shown == null) {
      return
    }

    const until = isLive ? undefined : shown.at
    const chosen = shown.nodes.find(({ name }) => name === this.#chosen)
    this.#slider.max = String(frames.length - 1)
    this.#slider.value = String(index)
    this.#live.setAttribute('aria-pressed', String(isLive))
    find('moment').textContent = isLive ? 'now' : formatTime(shown.at)
    find('summary').textContent = summaryOf(shown)
    this.#graph.show(shown, this.#chosen)
    this.#nodes.show(shown, chosen, isLive)
    this.#charts.show(frames, index, this.#chosen)
    this.#blocks.show(until)
    this.#transactions.show(until)
    this.#events.show(until)
  }
}

function summaryOf ({ nodes }: WebFrame): string {
  const running = nodes.filter(({ phase }) => phase === 'running')
  const height = Math.max(0, ...running.map(({ tip }) => tip?.height ?? 0))
  const tips = new Set(running.filter(({ tip }) => tip?.height === height).map(({ tip }) => tip!.hash))
  const inStep = running.filter(({ tip }) => tip?.height === height).length
  const forks = tips.size > 1 ? `, ${tips.size} branches` : ''

  return `${running.length} of ${nodes.length} nodes run, ${inStep} at block ${height}${forks}`
}

new Page().start()
