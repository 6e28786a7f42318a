import uPlot from 'uplot'
import { create, find } from './dom.ts'
import { formatBytes, formatTime } from './format.ts'
import type { WebFrame, WebNode } from '../src/web/protocol.ts'

/** Seconds that a chart shows. */
const SPAN = 120

interface ChartSpec {
  title: string
  series: { label: string, colour: string, value: (frame: WebFrame, before: WebFrame, node: string | undefined) => number | null }[]
  format: (value: number) => string
}

const CHARTS: ChartSpec[] = [
  {
    title: 'Bytes a second',
    format: (value) => `${formatBytes(value)}/s`,
    series: [
      { label: 'received', colour: '#7a5af8', value: rateOf(({ peers }) => peers.reduce((sum, { bytesIn }) => sum + bytesIn, 0)) },
      { label: 'sent', colour: '#12b76a', value: rateOf(({ peers }) => peers.reduce((sum, { bytesOut }) => sum + bytesOut, 0)) }
    ]
  },
  {
    title: 'Round trip, the middle one',
    format: (value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`,
    series: [{ label: 'ping', colour: '#dc6803', value: (frame, _, node) => middle(pick(frame, node).flatMap(({ peers }) => peers.flatMap(({ rtt }) => rtt ?? []))) }]
  },
  {
    title: 'Sessions',
    format: (value) => String(Math.round(value)),
    series: [{ label: 'sessions', colour: '#1570ef', value: (frame, _, node) => pick(frame, node).reduce((sum, { peers }) => sum + peers.length, 0) / (node == null ? 2 : 1) }]
  }
]

/** Draws rates over the last minutes, of all nodes or of one. */
export class Charts {
  readonly #plots: { spec: ChartSpec, plot: uPlot }[] = []

  constructor () {
    const host = find('charts')
    const colour = getComputedStyle(document.body).getPropertyValue('--soft')
    const grid = getComputedStyle(document.body).getPropertyValue('--line')

    for (const spec of CHARTS) {
      const box = create('div')
      host.append(box)
      const axis = { stroke: colour, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid }, font: '11px system-ui' }
      const plot = new uPlot({
        title: spec.title,
        width: Math.max(240, host.clientWidth),
        height: 130,
        cursor: { y: false },
        legend: { live: false },
        scales: { y: { range: (_, min, max) => [Math.min(0, min), Math.max(1, max * 1.15)] } },
        axes: [
          { ...axis, space: 80, values: (_, times) => times.map((time) => formatTime(time * 1000)) },
          { ...axis, size: 72, values: (_, values) => values.map((value) => spec.format(value)) }
        ],
        series: [
          { label: 'time' },
          ...spec.series.map(({ label, colour: stroke }): uPlot.Series => ({
            label, stroke, width: 2, points: { show: false }, value: (_, value: number | null) => value == null ? '' : spec.format(value)
          }))
        ]
      }, [[], ...spec.series.map(() => [])], box)
      this.#plots.push({ spec, plot })
    }

    new ResizeObserver(() => {
      this.#plots.forEach(({ plot }) => { plot.setSize({ width: Math.max(240, host.clientWidth), height: 130 }) })
    }).observe(host)
  }

  /** Shows the frames up to this one. `node` is the name of the only node that counts. */
  show (frames: readonly WebFrame[], index: number, node: string | undefined): void {
    find('rates-title').textContent = node == null ? 'Rates of all nodes' : `Rates of ${node}`
    const shown = frames.slice(Math.max(0, index - SPAN), index + 1)
    const times = shown.slice(1).map(({ at }) => at / 1000)

    for (const { spec, plot } of this.#plots) {
      const values = spec.series.map(({ value }) => shown.slice(1).map((frame, i) => value(frame, shown[i]!, node)))
      plot.setData([times, ...values])
    }
  }
}

function pick ({ nodes }: WebFrame, name: string | undefined): readonly WebNode[] {
  return name == null ? nodes : nodes.filter((node) => node.name === name)
}

/** What a sum grows by in a second. A session that ends takes its bytes with it, which counts for nothing. */
function rateOf (sum: (node: WebNode) => number): ChartSpec['series'][number]['value'] {
  return (frame, before, name) => {
    const seconds = (frame.at - before.at) / 1000
    const previous = new Map(pick(before, name).map((node) => [node.name, sum(node)]))

    return pick(frame, name).reduce((total, node) => total + Math.max(0, sum(node) - (previous.get(node.name) ?? sum(node))), 0) / seconds
  }
}

function middle (values: number[]): number | null {
  return values.length === 0 ? null : values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}
