import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startDelayProxy } from './delay-proxy.ts'
import type { ChildProcess } from 'node:child_process'
import type { DelayProxy } from './delay-proxy.ts'

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url))

/** How long a process may take to start, to answer and to end, in ms. */
const ANSWER_TIMEOUT_MS = 20_000

/** How long a measurement takes. */
export interface Duration {
  /** Not counted, in ms. */
  warmUp: number
  /** Counted, in ms. */
  measured: number
}

/** One of two that are compared. */
export interface Side {
  /** What it is called in the results. */
  label: string
  /** The name that `child.ts` has it under. */
  contender: string
  /** How many processes send to the one that receives. One unless given. */
  senders?: number
  /** How far away each of them is, in ms, by a proxy of its own. Without it, there is none in between. */
  roundTripMs?: number
}

/** How much arrives per second, by the receiver's clock. */
export async function measureRate ({ contender, senders = 1, roundTripMs }: Side, { warmUp, measured }: Duration): Promise<number> {
  const receiver = fork(CHILD, ['receive', contender])
  const sending: ChildProcess[] = []
  const proxies: DelayProxy[] = []

  try {
    const { address } = await answer<{ address: string }>(receiver)

    for (let i = 0; i < senders; i++) {
      sending.push(fork(CHILD, ['send', contender, roundTripMs == null ? address : await throughProxy(address, roundTripMs, proxies)]))
    }

    await firstArrival(receiver)
    await passed(warmUp)
    const before = await count(receiver)
    await passed(measured)
    const after = await count(receiver)
    await Promise.all(sending.map(end))
    await end(receiver)

    return (after.count - before.count) / (after.time - before.time) * 1000
  } finally {
    [...sending, receiver].forEach((child) => { child.kill('SIGKILL') })
    await Promise.all(proxies.map(async (proxy) => proxy.close()))
  }
}

async function throughProxy (address: string, roundTripMs: number, proxies: DelayProxy[]): Promise<string> {
  const port = /(?<=\/tcp\/)\d+/
  const proxy = await startDelayProxy({ port: Number(port.exec(address)?.[0]), roundTripMs })
  proxies.push(proxy)

  return address.replace(port, String(proxy.port))
}

interface Count { count: number, time: number }

async function count (receiver: ChildProcess): Promise<Count> {
  receiver.send('count')

  return answer<Count>(receiver)
}

async function firstArrival (receiver: ChildProcess): Promise<void> {
  const deadline = performance.now() + ANSWER_TIMEOUT_MS

  while ((await count(receiver)).count === 0) {
    if (performance.now() > deadline) {
      throw new Error('Nothing arrived')
    }

    await passed(10)
  }
}

async function answer<Answer> (child: ChildProcess): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const onMessage = (message: unknown): void => { resolve(message as Answer) }
  const onExit = (): void => { reject(new Error('A process has ended before it answered')) }
  const timer = setTimeout(() => { reject(new Error('A process does not answer')) }, ANSWER_TIMEOUT_MS)
  child.once('message', onMessage).once('exit', onExit)

  try {
    return await promise
  } finally {
    clearTimeout(timer)
    child.off('message', onMessage).off('exit', onExit)
  }
}

async function end (child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit', { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) })
  child.send('stop')
  await exited
}

async function passed (ms: number): Promise<void> {
  await new Promise((resolve) => { setTimeout(resolve, ms) })
}
