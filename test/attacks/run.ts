// Attacks a node below its sessions, and prints what an honest peer and the memory of the node have noticed. See `--help`.

import { parseArgs } from 'node:util'
import { ATTACKS } from './attacks.ts'
import { CROWDS } from './crowd.ts'
import { Battle } from './measure.ts'
import { judge } from './verdict.ts'

const ALL = [...ATTACKS, ...CROWDS]

const HELP = `npm run attacks -- [--seconds S] [--only NAME,NAME] [--relayed]

  --seconds S   how long each attack lasts, 1 to 600 (default 10)
  --only NAMES  which of them (default all):
${ALL.map(({ name, title }) => `      ${name.padEnd(16)} ${title}`).join('\n')}

  --relayed     the attacker and the honest peer both come through one relay: all that is said to go over TCP

A node in a process of its own has a session with an honest peer. An attacker in another process connects, attacks at full speed, and
connects again when it is cut. A crowd of peers sends what its rates allow. "busy ms" is the processor time of the node in the longest
wait, by which a crowd is judged. Exits with 1 where the honest peer waits too long for a pong or loses its session, memory grows
too much, or a connection that is to be cut lives too long.`

const { values } = parseArgs({
  options: { help: { type: 'boolean', short: 'h' }, seconds: { type: 'string', default: '10' }, only: { type: 'string' }, relayed: { type: 'boolean', default: false } }
})
const attacks = ALL.filter(({ over }) => !values.relayed || over === 'tcp')
const names = values.only?.split(',') ?? attacks.map(({ name }) => name)
const unknown = names.filter((name) => !attacks.some((attack) => attack.name === name))
const seconds = Number(values.seconds)

if (values.help === true) {
  console.log(HELP)
  process.exit(0)
}

if (unknown.length > 0 || !(seconds >= 1 && seconds <= 600)) {
  console.error(unknown.length > 0 ? `Unknown attacks: ${unknown.join(', ')}` : 'Expected --seconds to be a number from 1 to 600')
  process.exit(2)
}

const mib = (bytes: number): string => (bytes / 1024 ** 2).toFixed(1)

console.log('attack            connections  cut  longest ms  pong ms  block ms  busy ms  MiB more  MiB left')

for (const name of names) {
  const attack = ALL.find((attack) => attack.name === name)!
  // a node of its own each: what one attack leaves is not another one's
  const battle = await Battle.start({ isRelayed: values.relayed })

  try {
    const outcome = await battle.run(attack, seconds * 1000)
    const faults = judge(attack, outcome)
    const { connections, cuts, longestMs, pongMs, blockMs, busyMs, grownBytes, leftBytes } = outcome
    const times = [longestMs, pongMs, blockMs, busyMs].map(Math.round)
    const cells = [connections, cuts, ...times, mib(grownBytes), mib(leftBytes)]
    console.log([name.padEnd(17), ...cells.map((cell, i) => String(cell).padStart([12, 5, 12, 9, 10, 9, 10, 10][i]!))].join(''), faults.join(', '))

    if (faults.length > 0) {
      process.exitCode = 1
    }
  } finally {
    await battle.stop()
  }
}
