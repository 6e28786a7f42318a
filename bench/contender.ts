import type { Answers } from './part.ts'

/** A way of moving something from one process to another, as fast as it goes. */
export interface Contender {
  /** Listens, and counts what arrives. */
  receive: (options: ContenderOptions) => Promise<Receiver>
  /** Connects to a receiver and sends as fast as it is taken, until the signal is aborted. */
  send: (address: string, signal: AbortSignal, options: ContenderOptions) => Promise<void>
}

/** What both halves are told. */
export interface ContenderOptions {
  /** Where a chain is moved: of how many bytes its blocks are. */
  blockBytes?: number
  /** Where a chain is moved: how many blocks it has. */
  blocks?: number
}

/** The receiving half. */
export interface Receiver {
  /** A multiaddr with peer id, or what else the sending half takes. */
  address: string
  /** How much has arrived so far, where the application has it. */
  count: () => number
  stop: () => Promise<void>
}

/** The receiving half as a part. */
export function receiving (contender: Contender): (options: ContenderOptions) => Promise<Answers> {
  return async (options) => {
    const receiver = await contender.receive(options)

    return {
      address: () => receiver.address,
      count: () => ({ count: receiver.count(), time: performance.now() }),
      stop: receiver.stop
    }
  }
}

/** The sending half as a part: it begins when it is told the address. */
export function sending (contender: Contender): (options: ContenderOptions) => Promise<Answers> {
  return async (options) => {
    const stopping = new AbortController()
    let sent: Promise<void> | undefined

    return Promise.resolve({
      send: (address: string) => {
        sent = contender.send(address, stopping.signal, options)
        // whoever stops it hears of it
        sent.catch(() => {})
      },
      stop: async () => {
        stopping.abort()
        await sent
      }
    })
  }
}
