import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Socket } from 'node:dgram'

/** What a gateway of a test answers to a packet: packets in this order. */
export type Script = (packet: Uint8Array) => readonly Uint8Array[]

/** A gateway on loopback that answers as a test says. */
export class TestGateway {
  readonly #socket: Socket
  /** The packets that have come. */
  readonly packets: Uint8Array[] = []
  script: Script

  private constructor (socket: Socket, script: Script) {
    this.#socket = socket
    this.script = script
    socket.on('message', (packet, { port, address }) => {
      this.packets.push(Uint8Array.from(packet))
      this.script(packet).forEach((answer) => { socket.send(answer, port, address) })
    })
  }

  static async start (script: Script): Promise<TestGateway> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')

    return new TestGateway(socket, script)
  }

  get port (): number {
    return this.#socket.address().port
  }

  async stop (): Promise<void> {
    await new Promise<void>((resolve) => { this.#socket.close(resolve) })
  }
}

/** What a gateway grants. */
export interface Grant {
  externalAddress: readonly number[]
  externalPort?: number
  lifetime?: number
}

/** Speaks PCP, and grants what is asked for. */
export function pcpGateway ({ externalAddress, externalPort, lifetime }: Grant): Script {
  return (packet) => {
    const answer = Uint8Array.from(packet)
    const view = new DataView(answer.buffer)
    answer[1] = 0x81
    answer.fill(0, 8, 24)
    view.setUint32(4, view.getUint32(4) === 0 ? 0 : lifetime ?? view.getUint32(4))
    view.setUint16(42, externalPort ?? view.getUint16(42))
    answer.set(externalAddress, 56)

    return packet[0] === 2 ? [answer] : []
  }
}

/** Speaks NAT-PMP, and says so to PCP. */
export function natPmpGateway ({ externalAddress, externalPort, lifetime }: Grant): Script {
  return (packet) => {
    const [version, operation] = packet

    if (version !== 0) {
      return [Uint8Array.of(0, 0x80 | operation!, 0, 1, 0, 0, 0, 1)]
    }

    if (operation === 0) {
      return [Uint8Array.of(0, 0x80, 0, 0, 0, 0, 0, 1, ...externalAddress)]
    }

    const asked = new DataView(packet.buffer, packet.byteOffset)
    const answer = new Uint8Array(16)
    const view = new DataView(answer.buffer)
    answer.set([0, 0x80 | operation!])
    view.setUint16(8, asked.getUint16(4))
    view.setUint16(10, externalPort ?? asked.getUint16(6))
    view.setUint32(12, asked.getUint32(8) === 0 ? 0 : lifetime ?? asked.getUint32(8))

    return [answer]
  }
}
