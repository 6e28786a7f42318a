import { AdminClient } from '../../admin/client.ts'
import { UsageError } from '../settings/usage-error.ts'
import { VERSION } from '../../version.ts'

/** The flags that every command has that asks a running node. */
export interface AskOptions {
  dataDir?: string
  json?: boolean
}

/** What a command asks, and how it shows the answer. */
export interface Question<Answer> {
  ask: (client: AdminClient) => Promise<Answer>
  /** Lines for people, at most `columns` wide. */
  render: (answer: Answer, columns: number) => string[]
}

const DEFAULT_COLUMNS = 120

/** Asks the node on a data directory, and prints the answer: as text, or as one line of JSON. Resolves to the exit code. */
export async function askNode<Answer> (options: AskOptions, env: NodeJS.ProcessEnv, { ask, render }: Question<Answer>): Promise<number> {
  const client = await AdminClient.connect(dataDirOf(options, env))

  try {
    const answer = await ask(client)
    const lines = options.json === true ? [JSON.stringify(answer)] : renderAnswer(render, answer, process.stdout.columns ?? DEFAULT_COLUMNS)
    process.stdout.write(lines.map((line) => `${line}\n`).join(''))

    return 0
  } finally {
    client.close()
  }
}

/**
 * The lines for an answer. Throws an `Error` that says what to do where that lacks what every node of this version tells: a package may be
 * newer than the node that still runs.
 */
export function renderAnswer<Answer> (render: Question<Answer>['render'], answer: Answer, columns: number): string[] {
  try {
    return render(answer, columns)
  } catch (err) {
    throw new Error(`Could not read the answer: the node may run another version than this command (${VERSION}). Restart it, or ask with --json`, { cause: err })
  }
}

/** The data directory of the flag, or of the environment. Throws a {@link UsageError} where neither has one. */
export function dataDirOf ({ dataDir }: AskOptions, env: NodeJS.ProcessEnv): string {
  const directory = dataDir ?? env['VIBECOIN_DATA_DIR'] ?? ''

  if (directory === '') {
    throw new UsageError('Expected --data-dir, or VIBECOIN_DATA_DIR, with the directory of the running node: `start` prints it')
  }

  return directory
}
