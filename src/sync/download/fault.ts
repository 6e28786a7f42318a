import { RequestError } from '../../errors.ts'
import type { RequestErrorCode } from '../../errors.ts'
import type { Session } from '../../session/session.ts'
import type { FaultKind } from '../../types/sync.ts'

/** What a peer did wrong in a download: a {@link SyncFault} with its session. */
export interface DownloadFault {
  peer: Session
  kind: FaultKind
  height: number
  detail: string
}

const KINDS: Partial<Record<RequestErrorCode, FaultKind>> = {
  TIMEOUT: 'stalled', UNLINKED: 'unlinked', INVALID_RESPONSE: 'violation'
}

/** What a failed request says of a peer. A peer that has only gone away is not at fault. */
export function faultKindOf (error: unknown): FaultKind | undefined {
  return error instanceof RequestError ? KINDS[error.code] : undefined
}
