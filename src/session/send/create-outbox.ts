import { Outbox } from './outbox.ts'
import { frameType } from '../../codec/frame-type.ts'
import type { Traffic } from '../traffic.ts'
import type { SessionInit } from '../types.ts'

/** The outbox of a session, which counts what it sends in `traffic`. */
export function createOutbox (
  { stream, clock, config, throttle }: SessionInit, traffic: Traffic, onTooSlow: (detail: string) => void
): Outbox {
  const { limits: { outboxSoftBytes, outboxHardBytes }, maxFrameBytes, sendTimeout } = config

  return new Outbox({
    stream,
    clock,
    sendTimeout,
    share: throttle.upload,
    softBytes: outboxSoftBytes,
    // one more frame of any size has to fit on top of the soft limit
    hardBytes: Math.max(outboxHardBytes, outboxSoftBytes + maxFrameBytes),
    onTaken: (frame) => { traffic.add(frameType(frame), frame.byteLength) },
    onTooSlow
  })
}
