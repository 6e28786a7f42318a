import { create, find } from './dom.ts'
import { formatTime } from './format.ts'
import type { WebReport } from '../src/web/protocol.ts'

/** Events that are kept and shown, the last ones. */
const MAX_EVENTS = 400

/** Shows what happens, the latest first. */
export class Events {
  readonly #list = find('events')
  readonly #reports: WebReport[] = []
  #until: number | undefined

  /** Takes note of an event. */
  add (report: WebReport): void {
    this.#reports.push(report)
    this.#reports.splice(0, this.#reports.length - MAX_EVENTS)

    if (this.#until == null) {
      this.#list.prepend(render(report))
      this.#list.children[MAX_EVENTS]?.remove()
    }
  }

  /** Shows what had happened by this moment; `undefined` for all. */
  show (until: number | undefined): void {
    if (until !== this.#until) {
      this.#until = until
      this.#render()
    }
  }

  #render (): void {
    const shown = this.#reports.filter(({ at }) => this.#until == null || at <= this.#until)
    this.#list.replaceChildren(...shown.map(render).reverse())
  }
}

function render ({ at, node, text, level }: WebReport): HTMLLIElement {
  return create('li', { className: level === 'info' || level === 'debug' ? '' : level },
    create('time', { dateTime: new Date(at).toISOString() }, formatTime(at)), create('b', {}, node === '' ? 'network' : node), text)
}
