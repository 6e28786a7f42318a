import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { measureThroughput } from './throughput.ts'

const HELP = `npm run bench -- [--quick] [--rounds N] [--json FILE]

  --quick      one short round, under a minute
  --rounds N   interleaved rounds (default 5)
  --json FILE  writes the results to FILE

Work: 200-byte transactions over one session, TCP + Noise + Yamux on loopback, from one process to a decoding
handler in another. Compare ratios within a run; absolute numbers say as much about the machine.`

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    quick: { type: 'boolean' },
    rounds: { type: 'string' },
    json: { type: 'string' }
  }
})

if (values.help === true) {
  console.log(HELP)
  process.exit()
}

const rounds = Number(values.rounds ?? (values.quick === true ? 1 : 5))

if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(`Expected --rounds to be a whole number from 1, got ${String(values.rounds)}`)
  process.exit(2)
}

const duration = values.quick === true ? { warmUp: 1000, measured: 2000 } : { warmUp: 2000, measured: 4000 }
const results: { ours: number, naive: number }[] = []

for (let round = 1; round <= rounds; round++) {
  const naive = await measureThroughput('naive', duration)
  const ours = await measureThroughput('ours', duration)
  results.push({ ours, naive })
  console.log(`round ${round}: ours ${rate(ours)}, one send() per message ${rate(naive)}, ratio ${(ours / naive).toFixed(2)}`)
}

const ratios = results.map(({ ours, naive }) => ours / naive).sort((a, b) => a - b)
const median = ratios[Math.floor(ratios.length / 2)]!
console.log(`ratio: median ${median.toFixed(2)}, min ${ratios[0]!.toFixed(2)}, max ${ratios.at(-1)!.toFixed(2)} (aim: at least 8)`)

if (values.json != null) {
  await writeFile(values.json, JSON.stringify({ node: process.version, duration, results, ratios }, undefined, 2) + '\n')
}

function rate (perSecond: number): string {
  return `${Math.round(perSecond).toLocaleString('en')} transactions/s`
}
