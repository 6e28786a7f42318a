import { DEFAULTS } from '../../src/config/resolve.ts'
import { Throttle } from '../../src/bandwidth/throttle.ts'
import { ReadingTurns } from '../../src/session/read/reading-turns.ts'
import { Penalties } from '../../src/peers/penalties/penalties.ts'
import { ratesOf } from './rates.ts'
import { UNKNOWN_LOCATION } from '../../src/address/location.ts'
import { systemChance } from '../../src/util/chance.ts'
import type { Clock } from '../../src/util/clock.ts'
import type { ManagerInit } from '../../src/peers/manager/types.ts'
import type { SessionConfig, SessionInit } from '../../src/session/types.ts'

/** The limits of sessions in tests that are about something else: no rates, and the usual bounds. */
export const NO_RATES: Pick<SessionConfig, 'rateLimits' | 'limits'> = { rateLimits: ratesOf({}), limits: DEFAULTS.limits }

/** What a session shares with others, in tests that are about something else. */
export function sessionParts (clock: Clock): Pick<SessionInit, 'chance' | 'location' | 'reading' | 'throttle'> {
  return {
    chance: systemChance,
    location: UNKNOWN_LOCATION,
    reading: new ReadingTurns(clock),
    throttle: new Throttle({ clock, limits: DEFAULTS.bandwidth })
  }
}

/** What a manager shares with the rest of the service, in tests that are about something else. */
export function managerParts (clock: Clock): Pick<ManagerInit, 'chance' | 'penalties' | 'throttle' | 'reserved'> {
  return { chance: systemChance, penalties: new Penalties({ clock }), throttle: sessionParts(clock).throttle, reserved: new Set() }
}

/** No peer has a location. */
export const NO_LOCATIONS: Pick<ManagerInit, 'locationOf' | 'hostOf'> = {
  locationOf: () => UNKNOWN_LOCATION, hostOf: () => undefined
}
