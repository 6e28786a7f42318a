import { NotRunningError } from '../errors.ts'

/** What {@link Lifetime.limit} adds a signal to. */
interface Limited { signal?: AbortSignal }

/** The time from start to stop. What the application begins in it ends with it, whether the application looks or not. */
export class Lifetime {
  #controller: AbortController | undefined
  #startedAt: number | undefined

  get isRunning (): boolean { return this.#controller != null }

  /** When it began, by the clock; `undefined` where the service does not run. */
  get startedAt (): number | undefined { return this.#startedAt }

  /** The signal that ends everything under way, with a {@link NotRunningError}. Throws one where the service does not run. */
  get signal (): AbortSignal {
    if (this.#controller == null) {
      throw new NotRunningError('The network is not running')
    }

    return this.#controller.signal
  }

  /** Throws a {@link NotRunningError} where the service does not run. */
  check (): void {
    this.signal.throwIfAborted()
  }

  /** It begins `now`, by the clock. */
  begin (now: number): void {
    this.#startedAt = now
    this.#controller = new AbortController()
  }

  end (): void {
    this.#controller?.abort(new NotRunningError('The network has been stopped'))
    this.#controller = undefined
    this.#startedAt = undefined
  }

  /** Options whose signal is also aborted by the end. */
  limit<Options extends Limited> (options: Options): Options & Limited {
    return { ...options, signal: options.signal == null ? this.signal : AbortSignal.any([this.signal, options.signal]) }
  }

  /** Runs what fails in some way of its own when the service stops: it then throws a {@link NotRunningError} in the place of that. */
  async run<Result> (task: () => Promise<Result>): Promise<Result> {
    const { signal } = this

    try {
      return await task()
    } catch (err) {
      throw signal.aborted && !(err instanceof NotRunningError) ? new NotRunningError('The network has been stopped', { cause: err }) : err
    }
  }
}
