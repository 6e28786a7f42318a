import { enabled, logger } from '@libp2p/logger'
import type { ComponentLogger, Logger } from '@libp2p/interface'

/** A log without methods, and the one that writes, as soon as there is one. */
interface LazyLog {
  (formatter: unknown, ...args: unknown[]): void
  readonly scope: string
  readonly traceScope: string
  writing: Logger | undefined
}

/** What all logs share, so that each costs little. They are functions besides. */
const METHODS = {
  __proto__: Function.prototype,

  error (this: LazyLog, formatter: unknown, ...args: unknown[]): void {
    if (isWriting(this, `${this.scope}:error`)) {
      this.writing!.error(formatter, ...args)
    }
  },

  trace (this: LazyLog, formatter: unknown, ...args: unknown[]): void {
    if (isWriting(this, this.traceScope)) {
      this.writing!.trace(formatter, ...args)
    }
  },

  newScope (this: LazyLog, name: string): Logger {
    return createLog(`${this.scope}:${name}`)
  },

  get enabled (): boolean {
    return enabled((this as unknown as LazyLog).scope)
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
    if (isWriting(lazy, scope)) {
      lazy.writing!(formatter, ...args)
    }
  }

  const lazy: LazyLog = Object.assign(log, { scope, traceScope: `${scope}:trace`, writing: undefined })

  return Object.setPrototypeOf(lazy, METHODS) as Logger
}

/** Whether lines of this name are shown. The log is made for the first of them. */
function isWriting (log: LazyLog, name: string): boolean {
  if (log.writing == null && enabled(name)) {
    log.writing = logger(log.scope)
  }

  return log.writing != null
}
