import assert from 'node:assert/strict'
import { planNodes } from '../../../src/cli/devnet/plan.ts'
import { renderNodes, renderPicture } from '../../../src/cli/devnet/picture.ts'
import type { DevnetPicture } from '../../../src/cli/devnet/picture.ts'
import type { Status } from '../../../src/cli/output/report.ts'

const STATUS: Status = { inbound: 2, outbound: 1, height: 12, tip: '1a2b3c4d5e6f', rtt: 0.61, bytesIn: 12_345, bytesOut: 678, waiting: 0 }

function nodes (count: number): DevnetPicture['nodes'][number][] {
  return planNodes(Array.from({ length: count }, (_, i) => 9001 + i)).map((plan) => {
    return { plan, phase: 'running', id: `12D3KooWxxxxxxxxx${plan.name.padStart(8, 'x')}`, status: STATUS, progress: undefined }
  })
}

function picture (count: number, recent: string[] = []): DevnetPicture {
  return { nodes: nodes(count), height: 12, elapsedMs: 63_000, recent }
}

describe('cli/devnet/picture', () => {
  it('has a line for each node, whatever it is doing', () => {
    const [maker, second, third, late] = nodes(4) as [DevnetPicture['nodes'][number], DevnetPicture['nodes'][number], DevnetPicture['nodes'][number], DevnetPicture['nodes'][number]]

    assert.deepEqual(renderNodes([
      maker,
      { ...second, progress: { from: 0, at: 1, to: 2 } },
      { ...third, phase: 'killed', status: undefined, progress: { from: 0, at: 1, to: 2 } },
      { ...late, phase: 'waiting', id: '', status: undefined }
    ], 120), [
      'NODE     PEER ID    IN  OUT  HEIGHT  TIP          RTT     RECV     SENT  STATE',
      'node-1   xxnode-1    2    1      12  1a2b3c4d   0.6ms  12.3 kB    678 B  makes blocks',
      'node-2   xxnode-2    2    1      12  1a2b3c4d   0.6ms  12.3 kB    678 B  [####----] 50 %',
      'node-3   xxnode-3    -    -       -  -              -        -        -  killed',
      'node-4   -           -    -       -  -              -        -        -  joins late'
    ])
  })

  it('fits a terminal of 80 columns with nothing cut off', () => {
    const status = { ...STATUS, height: 123_456, bytesIn: 99_900_000, bytesOut: 99_900_000, rtt: 999 }
    const lines = renderNodes(nodes(4).map((node) => ({ ...node, status, progress: { from: 0, at: 1, to: 1 } })), 80)
    assert(lines.every((line) => line.length <= 80 && !line.includes('…')), lines.join('\n'))
  })

  it('fits any terminal', () => {
    const recent = Array.from({ length: 100 }, (_, i) => `event ${i} ${'x'.repeat(200)}`)

    for (const columns of [1, 20, 80, 300]) {
      for (let rows = 1; rows < 70; rows++) {
        const lines = renderPicture(picture(50, recent), { columns, rows })
        assert(lines.length <= rows && lines.every((line) => Array.from(line).length <= columns), `${columns} x ${rows}`)
      }
    }
  })

  it('says how many nodes there was no room for, and still what happened last', () => {
    const lines = renderPicture(picture(50, ['a', 'b', 'c', 'd', 'e']), { columns: 120, rows: 20 })
    assert.equal(lines.length, 20)
    assert.deepEqual(lines.slice(-6), ['… and 39 more, all in step', '', 'b', 'c', 'd', 'e'])
  })

  it('shows the nodes that matter where there is no room for all', () => {
    const [first, ...others] = nodes(50)
    const troubled = new Map<number, Partial<DevnetPicture['nodes'][number]>>([
      [10, { phase: 'killed', status: undefined }],
      [20, { phase: 'starting', status: undefined }],
      [30, { status: { ...STATUS, height: 2 } }],
      [40, { progress: { from: 0, at: 1, to: 2 } }],
      [45, { status: { ...STATUS, inbound: 0, outbound: 0 } }]
    ])
    const all = [first!, ...others].map((node, i) => ({ ...node, ...troubled.get(i + 1) }))
    const shown = (rows: number): string[] => renderPicture({ ...picture(0), nodes: all }, { columns: 120, rows }).slice(3, -1)
      .map((line) => /^(node-\d+|….*)/.exec(line)?.[1] ?? line)

    assert.deepEqual(shown(13), ['node-1', 'node-10', 'node-20', 'node-30', 'node-40', 'node-45', 'node-49', 'node-50', '… and 42 more, all in step'])
    assert.deepEqual(shown(8), ['node-10', 'node-20', 'node-30', '… and 47 more, 45 of them in step'])
  })

  it('leaves columns out in a narrow terminal, not the state of a node', () => {
    const lines = renderNodes(nodes(2), 60)
    assert(lines.every((line) => line.length <= 60 && !line.includes('…')), lines.join('\n'))
    assert.match(lines[1]!, /makes blocks$/)
  })

  it('fills what the nodes leave with the newest events', () => {
    const lines = renderPicture(picture(2, ['a', 'b', 'c', 'd', 'e', 'f', 'g']), { columns: 120, rows: 12 })
    assert.deepEqual(lines.slice(-7), ['', 'b', 'c', 'd', 'e', 'f', 'g'])
  })

  it('has how it goes in its first line', () => {
    const [title] = renderPicture({ ...picture(4), untilHeight: 20 }, { columns: 120, rows: 20 })
    assert.equal(title, 'vibecoin devnet   4 nodes   block 12 of 20   1m 3s   Ctrl-C ends it')
  })
})
