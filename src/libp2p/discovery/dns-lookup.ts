import { Resolver } from 'node:dns/promises'

/** How long a DNS server has for one try. The second try has twice as long. */
export const DNS_TIMEOUT_MS = 3000

/** How often a DNS question is asked. */
export const DNS_TRIES = 2

/** Records that are taken of one DNS answer. */
export const MAX_DNS_RECORDS = 64

/** The text of one TXT record. */
export const MAX_TEXT_CHARS = 512

/** What can be asked of the DNS. Throws where there is no answer, or no such name, and when `signal` is aborted. */
export interface DnsLookup {
  /** The IPv4 and IPv6 addresses of a name, at most {@link MAX_DNS_RECORDS} of each. */
  addresses (name: string, signal: AbortSignal): Promise<string[]>
  /** The texts of a name, at most {@link MAX_DNS_RECORDS}. */
  texts (name: string, signal: AbortSignal): Promise<string[]>
}

/** Asks these DNS servers, or those of the machine where there are none. Nothing is kept: each question is asked anew. */
export function createDnsLookup (servers: readonly string[]): DnsLookup {
  return {
    addresses: async (name, signal) => ask(servers, signal, async (resolver) => {
      const [ip4, ip6] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])

      if (ip4.status === 'rejected' && ip6.status === 'rejected') {
        throw ip4.reason
      }

      return [ip4, ip6].flatMap((answer) => answer.status === 'fulfilled' ? answer.value.slice(0, MAX_DNS_RECORDS) : [])
    }),
    texts: async (name, signal) => ask(servers, signal, async (resolver) => {
      const records = await resolver.resolveTxt(name)

      return records.slice(0, MAX_DNS_RECORDS).map((parts) => parts.join('')).filter((text) => text.length <= MAX_TEXT_CHARS)
    })
  }
}

async function ask<Answer> (
  servers: readonly string[], signal: AbortSignal, question: (resolver: Resolver) => Promise<Answer>
): Promise<Answer> {
  signal.throwIfAborted()
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: DNS_TRIES })
  const onAbort = (): void => { resolver.cancel() }

  if (servers.length > 0) {
    resolver.setServers(servers)
  }

  signal.addEventListener('abort', onAbort)

  try {
    return await question(resolver)
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
