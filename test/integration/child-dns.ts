import dns from 'dns2'
import { setTimeout } from 'node:timers/promises'
import type { DnsCommand, DnsReport, DnsZone } from './dns-process.ts'

// A DNS server in a process of its own, over UDP and TCP on the same port. What it answers is told by its parent, see
// dns-process.ts.

const { Packet } = dns

let zone: DnsZone = {}

function report (message: DnsReport): void {
  process.send?.(message)
}

async function answer (request: InstanceType<typeof Packet>, send: (response: unknown) => unknown, isTcp: boolean): Promise<void> {
  const [question] = request.questions
  const name = question?.name ?? ''
  const type = Object.entries(Packet.TYPE).find(([, code]) => code === question?.type)?.[0] ?? ''
  const { records = [], rcode, delay = 0, garbage, isSilent } = zone[`${type} ${name}`] ?? { rcode: zone[`known ${name}`] == null ? 3 : 0 }
  report({ event: 'asked', question: `${type} ${name}`, isTcp })

  if (isSilent === true) {
    return
  }

  if (delay > 0) {
    await setTimeout(delay)
  }

  if (garbage != null) {
    send(Buffer.from(garbage, 'hex'))
    return
  }

  const response = Packet.createResponseFromRequest(request)
  Object.assign(response.header, { aa: 1, rcode: rcode ?? 0 })

  for (const record of records) {
    response.answers.push({
      name, type: question?.type, class: Packet.CLASS.IN, ttl: 0, ...(type === 'TXT' ? { data: record } : { address: record })
    } as never)
  }

  send(response)
}

const server = dns.createServer({
  udp: true,
  tcp: true,
  handle: (request, send, client) => { void answer(request, send as (response: unknown) => unknown, 'destroy' in client) }
})

process.on('message', (command: DnsCommand) => {
  zone = command.zone
  report({ event: 'set' })
})
process.on('disconnect', () => { process.exit() })

const host = process.argv[2] ?? '127.0.0.1'
// a port that is free over TCP is most likely free over UDP too: nothing else here uses it
await server.listen({ tcp: { port: Number(process.argv[3]), address: host }, udp: { port: Number(process.argv[3]), address: host } })
report({ event: 'started', port: server.addresses().tcp!.port })
