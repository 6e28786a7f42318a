import { decodeBody } from '../codec/message.ts'
import { checkedSource } from '../sync/serve/checked-source.ts'
import { readChain } from '../sync/serve/read-chain.ts'
import { BlockServer } from '../sync/serve/server.ts'
import { HANDLER_TYPES } from '../types/handlers.ts'
import type { Dispatch } from './dispatch.ts'
import type { Clock } from '../util/clock.ts'
import type { ServiceConfig } from '../config/resolve.ts'
import type { Gossip } from '../gossip/gossip.ts'
import type { Handlers } from '../types/handlers.ts'
import type { Logger } from '@libp2p/interface'

/** The parts that messages go to, and what the one that serves blocks is made with. */
export interface RoutesInit {
  relay: Gossip
  config: Pick<ServiceConfig, 'chain' | 'maxFrameBytes' | 'limits'>
  clock: Clock
  log: Logger
  /** Told what went wrong with what was to be served. */
  onServeError: (error: unknown) => void
}

/** Sets where each kind of message goes that the service itself deals with. */
export function addRoutes (router: Dispatch, { relay, config, clock, log, onServeError }: RoutesInit): void {
  const stored = readChain(config.chain)
  const server = new BlockServer({
    clock,
    log,
    onError: onServeError,
    maxFrameBytes: config.maxFrameBytes,
    limits: config.limits,
    source: checkedSource({
      block: async (request, peer) => (router.get('requestBlock') ?? stored.block)(request, peer),
      range: (request, peer) => (router.get('requestBlockRange') ?? stored.range)(request, peer),
      sharesMemory: (type) => router.get(type) != null || stored.sharesMemory(type)
    })
  })

  for (const type of ['newBlock', 'newTransaction'] as const) {
    router.route(type, (session, { body }) => relay.onMessage(type, body, session))
  }

  router.route('have', (session, { body }) => { relay.onHave(decodeBody('have', body).digests, session) })
  router.route('want', (session, { body }) => { relay.onWant(decodeBody('want', body).digests, session) })

  for (const type of ['requestBlock', 'requestBlockRange'] as const) {
    router.route(type, (session, { body, requestId }) => server.serve(decodeBody(type, body), requestId, session))
  }
}

/** Sets the handlers that an application has given with its config. */
export function addHandlers (router: Dispatch, handlers: Partial<Handlers>): void {
  for (const type of HANDLER_TYPES) {
    const handler = handlers[type]

    if (handler != null) {
      router.handle(type, handler)
    }
  }
}
