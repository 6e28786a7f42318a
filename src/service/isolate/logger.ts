import { isolate } from '../../util/isolate.ts'
import type { ComponentLogger, Logger } from '@libp2p/interface'

type OnError = (error: unknown) => void
/** A log function should return nothing, but an async one returns a promise. */
type Write = (formatter: unknown, ...args: unknown[]) => unknown

/** Replaces a logger that could not be made. */
const SILENT: Logger = Object.assign(() => {}, { error: () => {}, trace: () => {}, enabled: false, newScope: () => SILENT })

/**
 * The same logger, which neither throws nor rejects. A line that it fails with is lost, and `onError` is called.
 */
export function isolatedLogger (logger: ComponentLogger, onError: OnError = () => {}): ComponentLogger {
  return { forComponent: (name) => wrap(isolate(() => logger.forComponent(name), onError), onError) }
}

/** Parts of libp2p, of which the logger does not throw. */
export function withIsolatedLogger<Components extends { logger: ComponentLogger }> (
  components: Components, onError: () => void
): Components {
  // the components are a proxy that writes to all parts of libp2p: what is changed here must not get there
  return Object.create(components, { logger: { value: isolatedLogger(components.logger, onError) } }) as Components
}

function wrap (log: Logger | undefined, onError: OnError): Logger {
  if (log == null) {
    return SILENT
  }

  const guard = (write: Write) => (formatter: unknown, ...args: unknown[]): void => { isolate(() => write(formatter, ...args), onError) }

  const safe = Object.assign(guard(log as Write), {
    error: guard((...args) => (log.error as Write).apply(log, args)),
    trace: guard((...args) => (log.trace as Write).apply(log, args)),
    newScope: (name: string) => wrap(isolate(() => log.newScope(name), onError), onError)
  })

  // it may be switched on later
  Object.defineProperty(safe, 'enabled', { get: () => isolate(() => log.enabled, onError) === true })

  return safe as typeof safe & Pick<Logger, 'enabled'>
}
