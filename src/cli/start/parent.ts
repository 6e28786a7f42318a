import { LineSplitter } from '../../util/line-splitter.ts'
import { fromCommandLine } from '../node/parent-command.ts'
import type { Readable } from 'node:stream'
import type { ParentCommand } from '../node/parent-command.ts'

/** Commands that wait for the node to run. Further ones are dropped. */
export const MAX_EARLY_COMMANDS = 256

/** Commands of the parent process. */
export interface ParentCommands {
  /** Has those that have come, and all that come, carried out. */
  attach: (obey: (command: ParentCommand) => void) => void
}

/**
 * Reads commands of the parent process, one a line. Calls `end` when the parent ends: it holds the other end of the pipe, which closes
 * then.
 */
export function readParent (input: Readable, end: () => void): ParentCommands {
  const lines = new LineSplitter()
  const early: ParentCommand[] = []
  let obey = (command: ParentCommand): void => {
    if (early.length < MAX_EARLY_COMMANDS) {
      early.push(command)
    }
  }
  input.on('end', end)
  input.on('close', end)
  input.on('error', end)
  input.setEncoding('utf8').on('data', (chunk: string) => {
    for (const line of lines.push(chunk)) {
      const command = fromCommandLine(line)

      if (command != null) {
        obey(command)
      }
    }
  })

  return {
    attach: (listener) => {
      obey = listener
      early.splice(0).forEach(listener)
    }
  }
}
