import { parentPort } from 'node:worker_threads'
import { BlockTable } from './sqlite-table.ts'

/** What the thread is asked: to put blocks, which lie one after the other in a buffer, to read some, or to begin anew. */
export type Question =
  | { kind: 'put', first: number, sizes: number[], buffer: ArrayBuffer }
  | { kind: 'rows', first: number, last: number }
  | { kind: 'reset' }

/** What it answers, in the order of the questions. A buffer comes back to be used again. */
export interface Answer { rows?: Uint8Array[], buffer?: ArrayBuffer }

let table = new BlockTable()

parentPort!.on('message', (question: Question) => {
  const answer = answerTo(question)
  const { rows = [], buffer } = answer
  parentPort!.postMessage(answer, [...rows.map((row) => row.buffer as ArrayBuffer), ...buffer == null ? [] : [buffer]])
})

function answerTo (question: Question): Answer {
  switch (question.kind) {
    case 'put':
      table.put(question.first, blocksOf(question.sizes, question.buffer))

      return { buffer: question.buffer }
    case 'rows':
      return { rows: table.rows(question.first, question.last) }
    case 'reset':
      table.remove()
      table = new BlockTable()

      return {}
  }
}

function blocksOf (sizes: readonly number[], buffer: ArrayBuffer): Uint8Array[] {
  let at = 0

  return sizes.map((size) => {
    const bytes = new Uint8Array(buffer, at, size)
    at += size

    return bytes
  })
}
