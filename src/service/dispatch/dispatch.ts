import { decodeBody } from '../../codec/message.ts'
import { isThenable } from '../../util/isolate.ts'
import type { HandlerTable } from './handlers.ts'
import type { Envelope } from '../../codec/envelope.ts'
import type { PeerExchange } from '../../connect/exchange/exchange.ts'
import type { Gossip } from '../../gossip/gossip.ts'
import type { Session } from '../../session/session.ts'
import type { BlockServer } from '../../sync/serve/server.ts'

/** The destinations of messages. */
export interface DispatchInit {
  gossip: Pick<Gossip, 'onMessage' | 'onHave' | 'onWant' | 'onCompactWant' | 'onCompactBlock' | 'onRequestTransactions'>
  server: Pick<BlockServer, 'serve'>
  /** Checks whether a peer is higher than the chain of this node. */
  sync: { check: () => void }
  handlers: HandlerTable
  /** Answers peers that ask for others. */
  exchange: Pick<PeerExchange, 'onRequest'>
}

/** Where every message of a ready session goes: to gossip, to the block server, or to a handler of the application. */
export class Dispatch {
  readonly #init: DispatchInit

  constructor (init: DispatchInit) {
    this.#init = init
  }

  /**
   * Passes a message of a ready session on. Returns a promise where the work on it goes on. The promise never rejects.
   * Throws a DecodeError where the body is not a message of its type.
   */
  dispatch (session: Session, { type, body, requestId }: Envelope): Promise<void> | undefined {
    const { gossip, server, sync, exchange } = this.#init

    switch (type) {
      case 'newBlock':
        return gossip.onMessage(type, body, session)
      case 'newTransaction':
        // an older node does not know that it is to send none
        return session.isBlockOnly ? undefined : gossip.onMessage(type, body, session)
      case 'have':
        this.#onHave(body, session)
        return undefined
      case 'want':
        this.#onWant(body, session)
        return undefined
      case 'compactBlock':
        return gossip.onCompactBlock(decodeBody(type, body), body.byteLength, session)
      case 'requestTransactions':
        gossip.onRequestTransactions(decodeBody(type, body), requestId, session)
        return undefined
      case 'requestBlock':
      case 'requestBlockRange':
        return server.serve(decodeBody(type, body), requestId, session)
      case 'requestPeers':
        return exchange.onRequest(decodeBody(type, body).count, requestId, session)
      case 'ping':
      case 'pong':
        // the session has noted the height in it
        sync.check()
        return this.#notify(type, body, session)
      case 'disconnect':
        return this.#notify(type, body, session)
      default:
        return undefined
    }
  }

  #onHave (body: Uint8Array, session: Session): void {
    const { digests, shortDigests } = decodeBody('have', body)
    // short digests are those of transactions
    this.#init.gossip.onHave(digests, session, session.isBlockOnly ? undefined : shortDigests)
  }

  #onWant (body: Uint8Array, session: Session): void {
    const { digests, shortDigests, compact } = decodeBody('want', body)
    const { gossip } = this.#init

    if (compact === true) {
      gossip.onCompactWant(digests, session)
    }

    gossip.onWant(compact === true ? [] : digests, session, shortDigests)
  }

  #notify (type: 'ping' | 'pong' | 'disconnect', body: Uint8Array, session: Session): Promise<void> | undefined {
    const { handlers } = this.#init

    if (handlers.get(type) == null) {
      return undefined
    }

    try {
      const returned = handlers.call(type, decodeBody(type, body), session)

      return isThenable(returned) ? Promise.resolve(returned).catch((err: unknown) => { handlers.noteError(type, err) }) : undefined
    } catch (err) {
      handlers.noteError(type, err)
      return undefined
    }
  }
}
