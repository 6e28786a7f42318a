import { RequestError } from '../../errors.ts'
import type { RequestErrorCode } from '../../errors.ts'
import type { Session } from '../../session/session.ts'
import type { FaultKind } from '../../types/sync.ts'

/** A peer that could not be used, see {@link SyncFault}. */
export interface DownloadFault {
  peer: Session
  kind: FaultKind
  height: number
  detail: string
}

const KINDS: Partial<Record<RequestErrorCode, FaultKind>> = {
  TIMEOUT: 'stalled', UNLINKED: 'unlinked', INVALID_RESPONSE: 'violation'
}

/** What it says of a peer that a request has failed. Whoever just went away is not at fault. */
export function faultKindOf (error: unknown): FaultKind | undefined {
  return error instanceof RequestError ? KINDS[error.code] : undefined
}
