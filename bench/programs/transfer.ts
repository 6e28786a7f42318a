import type { Answers } from '../workers/program.ts'

/** A way of moving something from one process to another, as fast as it goes. */
export interface Transfer {
  /** Listens, and counts what arrives. */
  receive: (options: TransferOptions) => Promise<Receiver>
  /** Connects to a receiver and sends as fast as it is taken, until the signal is aborted. */
  send: (address: string, signal: AbortSignal, options: TransferOptions) => Promise<void>
}

/** What both halves are told. */
export interface TransferOptions {
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

/** The receiving half as a program. */
export function receiving (transfer: Transfer): (options: TransferOptions) => Promise<Answers> {
  return async (options) => {
    const receiver = await transfer.receive(options)

    return {
      address: () => receiver.address,
      count: () => ({ count: receiver.count(), time: performance.now() }),
      stop: receiver.stop
    }
  }
}

/** The sending half as a program: it begins when it is told the address. */
export function sending (transfer: Transfer): (options: TransferOptions) => Promise<Answers> {
  return async (options) => {
    const stopping = new AbortController()
    let sent: Promise<void> | undefined

    return Promise.resolve({
      send: (address: string) => {
        sent = transfer.send(address, stopping.signal, options)
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
