// What it costs to import the package as it is built, beside the parts of libp2p that every node has: modules, processor time and memory,
// each import in a process of its own. Run `npm run build` before.
//
//   npm run measure:import -- [--rounds N]

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const root = new URL('../', import.meta.url)

const SUBJECTS = {
  'libp2p, as a node needs it': [
    'libp2p', '@libp2p/tcp', '@chainsafe/libp2p-noise', '@chainsafe/libp2p-yamux', '@libp2p/bootstrap', '@libp2p/identify', '@libp2p/ping'
  ],
  'vibecoin-network': [new URL('dist/index.js', root).href],
  'the command, before it acts': [new URL('dist/cli/main.js', root).href]
}

/** Runs in the process that is measured. */
const PROGRAM = `
  import { registerHooks } from 'node:module'
  let modules = 0
  const before = process.cpuUsage()
  const hooks = process.env.COUNT === '1' ? registerHooks({ load (url, context, next) { modules++; return next(url, context) } }) : undefined
  await Promise.all(JSON.parse(process.env.SUBJECTS).map((name) => import(name)))
  const { user, system } = process.cpuUsage(before)
  console.log(JSON.stringify({ modules, cpu: (user + system) / 1000, rss: process.memoryUsage().rss / 2 ** 20 }))
`

function measure (subjects, isCounted) {
  const env = { ...process.env, SUBJECTS: JSON.stringify(subjects), COUNT: isCounted ? '1' : '0' }
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', PROGRAM], { env, cwd: fileURLToPath(root), encoding: 'utf8' })

  return JSON.parse(output)
}

function median (values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, help: { type: 'boolean' } } })
const rounds = Number(values.rounds)

if (values.help === true || !Number.isInteger(rounds) || rounds < 1) {
  console.log('npm run measure:import -- [--rounds N]')
  process.exit(values.help === true ? 0 : 2)
}

if (!existsSync(new URL('dist/index.js', root))) {
  console.error(`There is no ${pathToFileURL('dist/index.js').pathname}: run \`npm run build\` before`)
  process.exit(1)
}

const results = Object.fromEntries(Object.keys(SUBJECTS).map((name) => [name, []]))

for (let round = 0; round < rounds; round++) {
  for (const [name, subjects] of Object.entries(SUBJECTS)) {
    results[name].push(measure(subjects, false))
  }
}

const [bare] = Object.values(results)

for (const [name, runs] of Object.entries(results)) {
  const cpu = median(runs.map(({ cpu }) => cpu))
  const rss = median(runs.map(({ rss }) => rss))
  const ratio = median(runs.map((run, index) => run.cpu / bare[index].cpu))
  const { modules } = measure(SUBJECTS[name], true)
  console.log(`${name.padEnd(28)} ${String(modules).padStart(4)} modules  ${cpu.toFixed(0).padStart(4)} ms CPU (${ratio.toFixed(2)} x)  ${rss.toFixed(0).padStart(4)} MiB RSS`)
}
