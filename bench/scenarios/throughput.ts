import { startDelayProxy } from '../delay-proxy.ts'
import { sleep, until } from '../workers/wait.ts'
import { withWorkers } from '../workers/worker-group.ts'
import type { Figures, Scale } from '../benchmark.ts'
import type { DelayProxy } from '../delay-proxy.ts'
import type { TransferOptions } from '../programs/transfer.ts'
import type { Worker } from '../workers/worker.ts'

/** What moves something, and under what conditions. */
export interface ThroughputInit extends TransferOptions {
  /** The name that `programs/index.ts` has it under. */
  transfer: string
  /** How many processes send to the one that receives. One unless given. */
  senders?: number
  /** How far away each of them is, in ms, by a proxy of its own. Without it, there is none in between. */
  roundTripMs?: number
  /** How many times as long as others it is left to warm up, and measured. One unless given. */
  patience?: number
}

interface Count { count: number, time: number }

/** How much has arrived up to some time, and the processor time of both sides. */
interface Look { arrived: number, time: number, receiver: number, sender: number }

const MILLION = 1e6

/**
 * How much arrives per second, by the receiver's clock: the figure `rate`. `receiver` and `sender` are the processor time of either side
 * for a million of what arrives: on a machine that does other things, these say more.
 */
export function throughput (
  { transfer, senders = 1, roundTripMs, patience = 1, ...options }: ThroughputInit
): (scale: Scale) => Promise<Figures> {
  return async ({ warmUp, measured }) => withProxies(async (proxies) => withWorkers(async (workers) => {
    const receiver = await workers.start(`receive:${transfer}`, options)
    const sending: Worker[] = []
    const address = await receiver.ask<string>('address')
    const count = async (): Promise<Count> => receiver.ask<Count>('count')

    for (let i = 0; i < senders; i++) {
      const sender = await workers.start(`send:${transfer}`, options)
      sending.push(sender)
      await sender.ask('send', roundTripMs == null ? address : await throughProxy(address, roundTripMs, proxies))
    }

    await until(async () => (await count()).count > 0, 'something to arrive')
    await sleep(warmUp * patience)
    const look = async (): Promise<Look> => {
      const [{ count: arrived, time }, { cpu: receiving }, ...usages] = await Promise.all([
        count(), receiver.usage(), ...sending.map(async (sender) => sender.usage())
      ])

      return { arrived, time, receiver: receiving, sender: usages.reduce((sum, { cpu }) => sum + cpu, 0) }
    }

    const before = await look()
    await sleep(measured * patience)
    const after = await look()
    const arrived = after.arrived - before.arrived

    return {
      rate: arrived / (after.time - before.time) * 1000,
      receiver: (after.receiver - before.receiver) / arrived * MILLION,
      sender: (after.sender - before.sender) / arrived * MILLION
    }
  }))
}

async function withProxies<Result> (run: (proxies: DelayProxy[]) => Promise<Result>): Promise<Result> {
  const proxies: DelayProxy[] = []

  try {
    return await run(proxies)
  } finally {
    await Promise.all(proxies.map(async (proxy) => proxy.close()))
  }
}

async function throughProxy (address: string, roundTripMs: number, proxies: DelayProxy[]): Promise<string> {
  const port = /(?<=\/tcp\/)\d+/
  const proxy = await startDelayProxy({ port: Number(port.exec(address)?.[0]), roundTripMs })
  proxies.push(proxy)

  return address.replace(port, String(proxy.port))
}
