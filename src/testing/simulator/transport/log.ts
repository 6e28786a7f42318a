import type { ComponentLogger, Logger } from '@libp2p/interface'

const write = (): void => {}

/** A log of which nothing is kept. */
export const NO_LOG: Logger = Object.assign(write, { enabled: false, error: write, trace: write, newScope: () => NO_LOG })

/** A logger of which nothing is kept. */
export const NO_LOGGER: ComponentLogger = { forComponent: () => NO_LOG }
