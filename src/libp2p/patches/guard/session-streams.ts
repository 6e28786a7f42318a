/** Streams with a session that is ready. */
const streams = new WeakSet<object>()

/** Takes note that a session is ready on a stream: its connection may use more than one without a session. */
export function noteSessionStream (stream: object): void {
  streams.add(stream)
}

/** Whether a session has become ready on a stream. */
export function isSessionStream (stream: object): boolean {
  return streams.has(stream)
}
