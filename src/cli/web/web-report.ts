import { reportText } from '../output/report-text.ts'
import { levelOf } from '../output/report.ts'
import type { EventName, Report } from '../output/report.ts'
import type { WebReport } from '../../web/protocol.ts'

/** What the page shows otherwise: states in every frame, transactions by their travels. */
const HIDDEN: ReadonlySet<EventName> = new Set<EventName>(['status', 'syncing', 'log', 'transaction', 'followed', 'settled'])

/** A report as the page shows it; `undefined` for those that say what the page shows otherwise. */
export function toWebReport (report: Report, at: number): WebReport | undefined {
  if (HIDDEN.has(report.event)) {
    return undefined
  }

  const { event, node } = report

  return { at, node, event, level: levelOf(report), text: reportText(report), ...partsOf(report) }
}

function partsOf (report: Report): Pick<WebReport, 'block'> {
  switch (report.event) {
    case 'made':
    case 'block': {
      const { height, hash, transactions } = report

      return { block: { height, hash, transactions, from: report.event === 'made' ? null : report.from } }
    }
    default:
      return {}
  }
}
