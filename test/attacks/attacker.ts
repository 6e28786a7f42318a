// Whoever attacks, in a process of its own, where and when it is told to: `attacker.ts ADDRESS...`.
// An address through a relay is used for all that goes over TCP

import { WebSocket } from 'ws'
import { ATTACKS } from './attacks.ts'
import { BareNode } from './bare.ts'
import { CROWDS, sendAsCrowd } from './crowd.ts'
import type { Target } from './attacks.ts'

const HOST = '127.100.0.1'

/** Between two attempts to connect, in ms. */
const PAUSE_MS = 50

/** How often it connected, how often it was cut, and how long the longest of the others that were cut has lasted, in ms. */
export interface AttackerReport { connections: number, cuts: number, longestMs: number }

/** What it is told to do, and by how many peers where it is a crowd. */
export interface AttackerOrder { name: string, ms: number, peers?: number }

const addresses = process.argv.slice(2)
const isRelayed = addresses.some((address) => address.includes('/p2p-circuit'))

async function openSocket (address: string): Promise<Target> {
  const socket = new WebSocket(`ws://127.0.0.1:${address.split('/')[4]}`, { localAddress: HOST })
  socket.on('error', () => {})
  await new Promise((resolve, reject) => { socket.once('open', resolve).once('close', () => { reject(new Error('refused')) }) })

  return { socket } as Target
}

/** Does what it is told to. */
async function obey ({ name, ms, peers }: AttackerOrder): Promise<AttackerReport> {
  const crowd = CROWDS.find((crowd) => crowd.name === name)

  if (crowd == null) {
    return attackFor({ name, ms })
  }

  return { ...await sendAsCrowd({ ...crowd, peers: peers ?? crowd.peers }, addresses[0]!, ms), longestMs: ms }
}

/** Connects, attacks, and connects again when it is cut. */
async function attackFor ({ name, ms }: AttackerOrder): Promise<AttackerReport> {
  const attack = ATTACKS.find((attack) => attack.name === name)!
  const address = addresses.find((address) => address.includes('/ws') === (attack.over !== 'tcp'))!
  const until = performance.now() + ms
  const report: AttackerReport = { connections: 0, cuts: 0, longestMs: 0 }

  while (performance.now() < until) {
    const node = await BareNode.start(HOST, { isDeaf: attack.needsMuxer !== true, hasRelay: isRelayed })

    try {
      const target = attack.over === 'socket' ? await openSocket(address) : { ...await node.connect(address) } as Target
      const since = performance.now()
      report.connections++
      await attack.run(target, until)
      const isOpen = attack.over === 'socket' ? target.socket.readyState === target.socket.OPEN : target.raw.status === 'open'
      report.cuts += isOpen ? 0 : 1
      report.longestMs = Math.max(report.longestMs, performance.now() - since)
      target.socket?.terminate()
      target.raw?.abort(new Error('over'))
    } catch {
      // refused: it comes too often
    }

    await node.stop()
    await new Promise((resolve) => { setTimeout(resolve, PAUSE_MS) })
  }

  return report
}

process.on('message', (order: AttackerOrder) => {
  void obey(order).then((report) => { process.send?.(report) })
})
process.on('disconnect', () => { process.exit() })
