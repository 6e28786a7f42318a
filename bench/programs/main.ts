import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { loadProgram } from './index.ts'
import { monotonicMs } from '../workers/program.ts'
import type { Answers, Memory, Usage } from '../workers/program.ts'

// The process of a worker: `main.ts PROGRAM OPTIONS`, with the options as JSON. Its parent asks by messages.

const SHARED: Answers = {
  usage: (): Usage => {
    const { user, system } = process.cpuUsage()

    return { cpu: (user + system) / 1000, time: monotonicMs() }
  },

  memory: async (): Promise<Memory> => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void

    // what is finalised in one turn is free after the next
    for (let turn = 0; turn < 4; turn++) {
      collect()
      await new Promise((resolve) => { setImmediate(resolve) })
    }

    // nor does what this turn has made count
    collect()
    const { heapUsed, external, rss } = process.memoryUsage()

    return { heap: heapUsed + external - compiledBytes(), rss }
  }
}

/** What V8 compiles as a process goes on is no object of a session. */
const CODE_SPACES = new Set(['code_space', 'trusted_space'])

function compiledBytes (): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name: name }) => CODE_SPACES.has(name))
    .reduce((sum, { space_used_size: bytes }) => sum + bytes, 0)
}

const [name = '', options = '{}'] = process.argv.slice(2)
process.once('disconnect', () => { process.exit() })

const program = await loadProgram(name)
const answers: Answers = { ...SHARED, ...await program(JSON.parse(options) as never) }

process.on('message', ({ id, question, argument }: { id: number, question: string, argument: unknown }) => {
  void answer(question, argument).then(
    (result) => process.send?.({ id, result }),
    (err: unknown) => process.send?.({ id, error: err instanceof Error ? err.stack : String(err) })
  )
})

process.send?.({ id: 0 })

async function answer (question: string, argument: unknown): Promise<unknown> {
  const ask = answers[question]

  if (ask == null) {
    throw new Error(`${name} knows no ${question}`)
  }

  return ask(argument as never)
}
