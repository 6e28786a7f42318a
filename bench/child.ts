import { raw } from './sync/raw.ts'
import { sync } from './sync/ours.ts'
import { levelStore } from './sync/level-store.ts'
import { memoryStore } from './sync/memory-store.ts'
import { naive } from './transactions/naive.ts'
import { ours } from './transactions/ours.ts'
import type { Contender } from './contender.ts'

// One half of a contender: `child.ts receive NAME` or `child.ts send NAME ADDRESS`. Talks to its parent by messages.

const CONTENDERS: Record<string, Contender> = {
  transactions: ours,
  naive,
  sync: sync(memoryStore),
  syncLevelDb: sync(levelStore),
  raw
}

const [role, name, address] = process.argv.slice(2)
const contender = CONTENDERS[name ?? '']

if (contender == null) {
  throw new Error(`Expected one of ${Object.keys(CONTENDERS).join(', ')}, got ${String(name)}`)
}

const stopping = new AbortController()
process.once('disconnect', () => { process.exit() })

if (role === 'receive') {
  const receiver = await contender.receive()

  process.on('message', (message) => {
    if (message === 'count') {
      process.send?.({ count: receiver.count(), time: performance.now() })
    } else {
      void receiver.stop().then(() => { process.exit() })
    }
  })

  process.send?.({ address: receiver.address })
} else {
  process.once('message', () => { stopping.abort() })
  await contender.send(address ?? '', stopping.signal)
  process.exit()
}
