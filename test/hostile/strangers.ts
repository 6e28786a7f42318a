import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What strangers say of themselves: what is usual, or as many tiny addresses or protocols as libp2p reads. */
export type StrangersAnswer = 'usual' | 'addresses' | 'protocols'

/** What strangers are to do. */
export interface StrangersInit {
  /** Of the node that they connect to. */
  address: string
  /** Where they are, in turns. */
  hosts: string[]
  /** How many of them there are, each with another identity. */
  count: number
  atATime: number
  answer: StrangersAnswer
}

/** What their process says: how many were asked who they are, and have answered. */
export interface StrangersReport {
  answered: number
}

/** Has strangers connect, in a process of their own. Resolves when all have gone, with how many have answered. */
export async function sendStrangers (init: StrangersInit): Promise<number> {
  const child = fork(fileURLToPath(new URL('./strangers-process.ts', import.meta.url)), [JSON.stringify(init)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc']
  })
  let answered = 0
  child.on('message', (report) => { answered = (report as StrangersReport).answered })
  const [code] = await once(child, 'close') as [number | null]

  if (code !== 0) {
    throw new Error(`The process of the strangers ended with ${code ?? child.signalCode}`)
  }

  return answered
}
