/** Signals that end a command. */
const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** What a shell expects of a command that Ctrl-C ended half-way: 128 and the number of SIGINT. */
const INTERRUPTED_EXIT_CODE = 130

/** Why a command is to end. */
export interface Interrupt {
  /** Aborted at the first request to end; `reason` is a text to print. */
  readonly signal: AbortSignal
  /** A request to end from elsewhere. */
  request: (reason: string) => void
  /** Gives the signals back to Node.js. */
  dispose: () => void
}

/**
 * Turns Ctrl-C and the like into an AbortSignal. The second one ends the process at once, after `abandon`.
 */
export function listenForInterrupt (abandon: () => void = () => {}): Interrupt {
  const controller = new AbortController()
  const request = (reason: string): void => { controller.abort(reason) }
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      abandon()
      process.exit(INTERRUPTED_EXIT_CODE)
    }

    request(name === 'SIGINT' ? 'Ctrl-C' : name)
  }
  // whoever read the output is gone: there is nobody to go on for
  const onOutputError = (): void => { request('the output was closed') }

  for (const name of SIGNALS) {
    process.on(name, onSignal)
  }

  process.stdout.on('error', onOutputError)

  return {
    signal: controller.signal,
    request,
    dispose: () => {
      for (const name of SIGNALS) {
        process.off(name, onSignal)
      }
    }
  }
}

/** Resolves once the signal is aborted. */
export async function whenAborted (signal: AbortSignal): Promise<void> {
  if (!signal.aborted) {
    await new Promise<void>((resolve) => { signal.addEventListener('abort', () => { resolve() }, { once: true }) })
  }
}
