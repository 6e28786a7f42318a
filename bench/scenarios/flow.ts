import { sleep, until } from '../workers/wait.ts'
import { withWorkers } from '../workers/worker-group.ts'
import type { Figures, Scale } from '../benchmark.ts'

const GIGABYTE = 1e9

/** What passes through a session, and after how much of it the first look is taken. */
const TOTAL_BYTES = 10 * GIGABYTE
const FIRST_BYTES = GIGABYTE

interface Count { count: number }

/** How much larger the heap is after 10 GB of blocks than after the first: `receiver` and `sender`, in times. */
export async function flow ({ isQuick }: Scale): Promise<Figures> {
  const share = isQuick ? 0.05 : 1

  return withWorkers(async (workers) => {
    const receiver = await workers.start('receive:sync')
    const sender = await workers.start('send:sync')
    await sender.ask('send', await receiver.ask<string>('address'))

    const look = async (bytes: number): Promise<[number, number]> => {
      let last = -1

      // a stretch without anything new is the end of patience
      while (last < bytes) {
        const before = last
        await until(async () => {
          last = (await receiver.ask<Count>('count')).count

          return last >= bytes || last >= before + FIRST_BYTES / 10
        }, 'more bytes', 100)
      }

      return [await heap(receiver), await heap(sender)]
    }

    const heap = async (worker: typeof receiver): Promise<number> => {
      const looks: number[] = []

      // what happens to be on its way is not what stays
      for (let i = 0; i < 5; i++) {
        looks.push((await worker.memory()).heap)
        await sleep(50)
      }

      return Math.min(...looks)
    }

    const [receiverBefore, senderBefore] = await look(FIRST_BYTES * share)
    const [receiverAfter, senderAfter] = await look(TOTAL_BYTES * share)

    return { receiver: receiverAfter / receiverBefore, sender: senderAfter / senderBefore }
  })
}
