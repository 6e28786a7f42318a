import { reportText } from '../output/report-text.ts'
import { levelOf } from '../output/report.ts'
import type { Report } from '../output/report.ts'
import type { WebReport } from '../../web/protocol.ts'

/** A report as the page shows it; `undefined` for those that say what the page sees in every frame. */
export function toWebReport (report: Report, at: number): WebReport | undefined {
  if (report.event === 'status' || report.event === 'syncing' || report.event === 'log') {
    return undefined
  }

  const { event, node } = report

  return { at, node, event, level: levelOf(report), text: reportText(report), ...partsOf(report) }
}

function partsOf (report: Report): Pick<WebReport, 'block' | 'transaction'> {
  switch (report.event) {
    case 'made':
    case 'block': {
      const { height, hash, transactions } = report

      return { block: { height, hash, transactions, from: report.event === 'made' ? null : report.from } }
    }
    case 'transaction':
      return { transaction: { id: report.id, from: report.from } }
    default:
      return {}
  }
}
