import type { AbortOptions } from '@libp2p/interface'

/** What a relay says of its limits. The specification has `duration` in seconds. */
export interface RelayLimit {
  duration?: number
  data?: bigint
}

/** Messages of the relay protocol that may have a limit in them. */
interface LimitMessage {
  limit?: RelayLimit
}

/** A stream for messages of a kind, of @libp2p/utils 7. */
interface MessageStream {
  write: (message: LimitMessage, options?: AbortOptions) => Promise<void>
}

/** A stream for messages of whatever kind, of @libp2p/utils 7. */
interface ProtobufStream {
  pb: (codec: unknown) => MessageStream
}

/** The inside of the relay server of @libp2p/circuit-relay-v2 4. */
interface RelayInside {
  handleHopProtocol?: (hop: { stream: ProtobufStream }, options: AbortOptions) => Promise<void>
  stopHop?: (stop: { request: LimitMessage }, options: AbortOptions) => Promise<unknown>
}

/**
 * Has a relay tell both ends in seconds how long a connection lasts. That of libp2p counts in milliseconds, and tells them so: an
 * hour is 1000 hours to whoever reads it. `durationMs` is what it counts: anything else is in seconds already.
 */
export function tellSeconds<Service extends object> (service: Service, durationMs: number): Service {
  const inside = service as RelayInside
  const handleHopProtocol = inside.handleHopProtocol?.bind(service)
  const stopHop = inside.stopHop?.bind(service)

  const convert = <Message extends LimitMessage> (message: Message): Message => {
    return message.limit?.duration === durationMs ? { ...message, limit: { ...message.limit, duration: durationMs / 1000 } } : message
  }

  if (handleHopProtocol != null) {
    inside.handleHopProtocol = async (hop, options) => handleHopProtocol({ ...hop, stream: convertWrites(hop.stream, convert) }, options)
  }

  if (stopHop != null) {
    inside.stopHop = async (stop, options) => stopHop({ ...stop, request: convert(stop.request) }, options)
  }

  return service
}

/** The stream, with something done to each message before it is written. */
function convertWrites (stream: ProtobufStream, convert: (message: LimitMessage) => LimitMessage): ProtobufStream {
  return {
    ...stream,
    pb: (codec) => {
      const messages = stream.pb(codec)

      return { ...messages, write: async (message, options) => messages.write(convert(message), options) }
    }
  }
}
