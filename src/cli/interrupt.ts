/** Signals that end a command. */
const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * How long a command may take to end after it was asked to, in ms.
 *
 * @remarks The process ends by the signal.
 */
export const INTERRUPT_PATIENCE_MS = 20_000

/** The reason of a command that ends because nothing reads what it prints any more. */
export const OUTPUT_CLOSED = 'the output was closed'

/** Errors of an output whose reader has gone. Others, such as that of a full disk, may pass. */
const READER_GONE = new Set(['EPIPE', 'ECONNRESET', 'EOF', 'ERR_STREAM_DESTROYED'])

/** How often a command that npm runs looks whether its parent is still there, in ms. */
const PARENT_INTERVAL_MS = 250

/** A request to end a command. */
export interface Interrupt {
  /** Aborted at the first request to end; `reason` is a text to print. */
  readonly signal: AbortSignal
  /** A request to end from elsewhere. */
  request: (reason: string) => void
  /** Ends the process at once, whatever it waits for. */
  end: () => void
  /** Gives the signals back to Node.js. */
  dispose: () => void
}

/**
 * Turns Ctrl-C and the like into an AbortSignal. The second one ends the process at once, after `abandon`. The end of the reader of the
 * output is such a request, and without `outlivesOutput` so is any other error of the output.
 *
 * The process then ends by the signal itself, as a shell expects it: `process.exit` waits for what the operating system has not answered,
 * such as the opening of a pipe, and that may be for ever.
 */
export function listenForInterrupt (
  abandon: () => void = () => {}, { outlivesOutput = false }: { outlivesOutput?: boolean } = {}
): Interrupt {
  const controller = new AbortController()
  let lastName: NodeJS.Signals = 'SIGTERM'
  let timer: NodeJS.Timeout | undefined
  let parentWatch: NodeJS.Timeout | undefined

  const dispose = (): void => {
    clearTimeout(timer)
    clearInterval(parentWatch)

    for (const name of SIGNALS) {
      process.off(name, onSignal)
    }

    process.stdout.off('error', onOutputError)
  }
  const end = (): void => {
    abandon()
    dispose()
    process.removeAllListeners(lastName)
    process.kill(process.pid, lastName)
  }
  const request = (reason: string): void => {
    timer ??= setTimeout(end, INTERRUPT_PATIENCE_MS).unref()
    controller.abort(reason)
  }
  const onOutputError = (err: NodeJS.ErrnoException): void => {
    // of a terminal that has gone, the system says EIO
    if (!outlivesOutput || process.stdout.isTTY || READER_GONE.has(err.code ?? '')) {
      request(OUTPUT_CLOSED)
    }
  }
  const onSignal = (name: NodeJS.Signals): void => {
    lastName = name

    if (controller.signal.aborted) {
      end()
    } else {
      request(name === 'SIGINT' ? 'Ctrl-C' : name)
    }
  }

  for (const name of SIGNALS) {
    process.on(name, onSignal)
  }

  if (process.env['npm_execpath'] != null) {
    parentWatch = watchParent(() => { request('npm was ended') })
  }

  process.stdout.on('error', onOutputError)

  return { signal: controller.signal, request, end, dispose }
}

/**
 * Calls back when the parent has ended. `npm exec` and `npm run` pass SIGTERM to a shell that is between them and the command. It ends, and
 * passes nothing on: the command would go on with no parent.
 */
function watchParent (onEnd: () => void): NodeJS.Timeout {
  const parent = process.ppid

  return setInterval(() => {
    if (process.ppid !== parent) {
      onEnd()
    }
  }, PARENT_INTERVAL_MS).unref()
}

/** Resolves once the signal is aborted. */
export async function whenAborted (signal: AbortSignal): Promise<void> {
  if (!signal.aborted) {
    await new Promise<void>((resolve) => { signal.addEventListener('abort', () => { resolve() }, { once: true }) })
  }
}
