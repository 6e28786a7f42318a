import { hash } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import SecretStream from '@hyperswarm/secret-stream'
import Protomux from 'protomux'
import { transactions } from './sample.ts'
import { MAX_SEEN, remember } from './seen.ts'
import { decodeMessage, encodeMessage } from '../../../src/index.ts'
import type { Transfer } from '../transfer.ts'
import type { AddressInfo } from 'node:net'

const PROTOCOL = 'vibecoin-bench'

/** How many messages are put into one encrypted frame: what Protomux has `cork` for. More are no faster. */
const CORKED = 256

/** What Hyperswarm's nodes speak to each other, over TCP: Noise by @hyperswarm/secret-stream, and messages by Protomux. With our checks. */
export const secretStream: Transfer = {
  receive: async () => {
    const seen = new Set<string>()
    let count = 0

    const onmessage = (bytes: Uint8Array): void => {
      const digest = hash('sha256', bytes)

      if (!seen.has(digest)) {
        remember(seen, digest, MAX_SEEN)

        if (decodeMessage(bytes).message?.type === 'newTransaction') {
          count++
        }
      }
    }

    const server = createServer({ noDelay: true }, (socket) => {
      const channel = Protomux.from(new SecretStream(false, socket)).createChannel({ protocol: PROTOCOL })
      channel.addMessage({ onmessage })
      channel.open()
      socket.once('error', () => { socket.destroy() })
    }).listen(0, '127.0.0.1')

    await once(server, 'listening')

    return {
      address: String((server.address() as AddressInfo).port),
      count: () => count,
      stop: async () => {
        server.close()

        return Promise.resolve()
      }
    }
  },

  send: async (address, signal) => {
    const socket = connect({ host: '127.0.0.1', port: Number(address), noDelay: true })
    const stream = new SecretStream(true, socket)
    const mux = Protomux.from(stream)
    const channel = mux.createChannel({ protocol: PROTOCOL })
    const message = channel.addMessage({})
    channel.open()
    await channel.fullyOpened()
    const seen = new Set<string>()
    const source = transactions()

    while (!signal.aborted) {
      mux.cork()

      for (let corked = 0; corked < CORKED; corked++) {
        const bytes = encodeMessage({ type: 'newTransaction', transaction: source.next().value })
        remember(seen, hash('sha256', bytes), MAX_SEEN)
        message.send(bytes)
      }

      mux.uncork()

      if (!mux.drained) {
        await once(stream, 'drain')
      }

      await new Promise((resolve) => { setImmediate(resolve) })
    }

    stream.destroy()
  }
}
