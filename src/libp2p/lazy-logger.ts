import { enabled, logger } from '@libp2p/logger'
import type { ComponentLogger, Logger } from '@libp2p/interface'

/**
 * What all logs share, so that each costs little: a log is a function, and this is what it inherits from.
 */
class LazyLog extends Function {
  declare readonly scope: string
  declare readonly traceScope: string
  /** The log that writes, as soon as there was something to write. */
  declare writing: Logger | undefined

  get enabled (): boolean {
    return enabled(this.scope)
  }

  error (formatter: unknown, ...args: unknown[]): void {
    writingLog(this, `${this.scope}:error`)?.error(formatter, ...args)
  }

  trace (formatter: unknown, ...args: unknown[]): void {
    writingLog(this, this.traceScope)?.trace(formatter, ...args)
  }

  newScope (name: string): Logger {
    return createLog(`${this.scope}:${name}`)
  }
}

/**
 * libp2p's own logger, with logs that are made when they have something to write. libp2p makes one for each connection and each stream.
 * Each is three functions with colours and times of their own: 2.7 KiB, and a good part of the time that a connection takes.
 *
 * `DEBUG`, and the `enable` of @libp2p/logger, work as they do without it, also later.
 */
export function lazyLogger (): ComponentLogger {
  return { forComponent: createLog }
}

function createLog (scope: string): Logger {
  const log = (formatter: unknown, ...args: unknown[]): void => {
    writingLog(lazy, scope)?.(formatter, ...args)
  }

  const lazy: typeof log & Pick<LazyLog, 'scope' | 'writing'> = Object.assign(log, { scope, traceScope: `${scope}:trace`, writing: undefined })

  return Object.setPrototypeOf(lazy, LazyLog.prototype) as Logger
}

/** The log that writes, where lines of this name are shown. It is made for the first of them. */
function writingLog (log: Pick<LazyLog, 'scope' | 'writing'>, name: string): Logger | undefined {
  if (log.writing == null && enabled(name)) {
    log.writing = logger(log.scope)
  }

  return log.writing
}
