import { Outbox } from './outbox.ts'
import { frameType } from '../../codec/frame-type.ts'
import type { Traffic } from '../traffic.ts'
import type { SessionConfig, SessionInit } from '../types.ts'

/** What bounds an outbox. */
type OutboxConfig = Pick<SessionConfig, 'limits' | 'maxFrameBytes'>

/** What waits to be sent to one peer at most, in bytes: one more frame of any size has to fit on top of the soft limit. */
export function outboxBound ({ limits: { outboxSoftBytes, outboxHardBytes }, maxFrameBytes }: OutboxConfig): number {
  return Math.max(outboxHardBytes, outboxSoftBytes + maxFrameBytes)
}

/** The outbox of a session, which counts what it sends in `traffic`. */
export function createOutbox (
  { stream, clock, config, throttle }: SessionInit, traffic: Traffic, onTooSlow: (detail: string) => void
): Outbox {
  const { limits: { outboxSoftBytes }, sendTimeout } = config

  return new Outbox({
    stream,
    clock,
    sendTimeout,
    share: throttle.upload,
    softBytes: outboxSoftBytes,
    hardBytes: outboxBound(config),
    onTaken: (frame) => { traffic.add(frameType(frame), frame.byteLength) },
    onTooSlow
  })
}
