import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Scene, usedBytes } from '../hostile/scene.ts'
import { sendStrangers } from '../hostile/strangers.ts'
import { addressOf } from '../integration/nodes.ts'
import { MAX_SESSIONLESS } from '../../src/libp2p/gate/gate-limits.ts'
import { MAX_REMEMBERED_PEERS } from '../../src/libp2p/gate/peer-memory.ts'
import type { StrangersAnswer } from '../hostile/strangers.ts'

const HELP = `npm run soak:identities -- [--count N]

  --count N  identities that connect to a node, say what they are, and go: a third says what is usual, a third as many addresses
             and a third as many protocols as libp2p reads (default 20000)

Exits with 1 where an honest peer waits 500 ms for a pong, where too many are in the peer store, where the process holds
more at the end than after the first tenth, or where too few of them were asked who they are.`

/** What may be held more at the end than after the first tenth, in bytes. */
const ROOM_BYTES = 8 * 1024 * 1024

/** How long a pong may take, and how often one is asked for, in ms. */
const PONG_MS = 500
const PING_INTERVAL_MS = 50

/** Nearly as many as a node lets in without a session: each of them stays for a second, until it is asked who it is. */
const AT_A_TIME = MAX_SESSIONLESS - 4
const HOSTS = Array.from({ length: 60 }, (_, i) => `127.${90 + i}.0.1`)
const ANSWERS: StrangersAnswer[] = ['usual', 'addresses', 'protocols']
const ROUNDS = 10

const LEAST_COUNT = ROUNDS * ANSWERS.length

/** Of those that come, so many are asked who they are at least: the others would show nothing. */
const LEAST_SHARE = 0.9

const { values: { help, count: given } } = parseArgs({ options: { help: { type: 'boolean', short: 'h' }, count: { type: 'string', default: '20000' } } })

if (help === true) {
  console.log(HELP)
} else {
  const count = Number(given)

  if (!(Number.isSafeInteger(count) && count >= LEAST_COUNT && count <= 1_000_000)) {
    console.error(`Expected --count to be a whole number from ${LEAST_COUNT} to 1000000, got ${given}`)
    process.exit(2)
  }

  process.exitCode = await soak(count)
}

/** The exit code. */
async function soak (count: number): Promise<number> {
  const scene = await Scene.start({ maxInboundRate: 1000 })
  const problems: string[] = []
  const perRound = Math.ceil(count / ROUNDS)
  let first = 0
  let last = 0
  let longest = 0
  let met = 0

  for (let round = 0; round < ROUNDS; round++) {
    const pongs: number[] = []
    const init = { address: addressOf(scene.victim), hosts: HOSTS, count: perRound, atATime: AT_A_TIME, answers: ANSWERS }
    met += await whilePinging(scene, pongs, sendStrangers(init))
    await scene.expectNobodyElse()
    const stored = (await scene.victim.libp2p.peerStore.all()).length
    last = usedBytes()
    first ||= last

    if (stored > MAX_REMEMBERED_PEERS + 1) {
      problems.push(`${stored} in the peer store`)
    }

    longest = Math.max(longest, ...pongs)
    console.log(`${met} identities: ${(last / 1024 / 1024).toFixed(1)} MiB, ${stored} in the peer store, pongs ${Math.max(...pongs).toFixed(0)} ms at most`)
  }

  await scene.stop()

  if (last - first > ROOM_BYTES) {
    problems.push(`${last - first} bytes more than after the first tenth`)
  }

  if (met < LEAST_SHARE * count) {
    problems.push(`only ${met} of ${count} were asked who they are`)
  }

  if (longest >= PONG_MS) {
    problems.push(`a pong took ${longest.toFixed(0)} ms`)
  }

  problems.forEach((problem) => { console.log(`PROBLEM ${problem}`) })

  return problems.length === 0 ? 0 : 1
}

/** Notes how long pongs take until strangers have gone. */
async function whilePinging (scene: Scene, pongs: number[], strangers: Promise<number>): Promise<number> {
  const attack = { isOver: false }
  const over = (): void => { attack.isOver = true }
  strangers.then(over, over)

  while (!attack.isOver) {
    pongs.push(await scene.timePong())
    await delay(PING_INTERVAL_MS)
  }

  return strangers
}
