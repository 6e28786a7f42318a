import { receiving, sending } from './contender.ts'
import type { Contender } from './contender.ts'
import type { Part } from './part.ts'

/** Each is loaded where it is needed only: what a process has in memory is measured too. */
const CONTENDERS: Record<string, () => Promise<Contender>> = {
  transactions: async () => (await import('./transactions/ours.ts')).ours,
  naive: async () => (await import('./transactions/naive.ts')).naive,
  joined: async () => (await import('./transactions/joined.ts')).joined,
  secretStream: async () => (await import('./transactions/secret-stream.ts')).secretStream,
  gossipsub: async () => (await import('./transactions/gossipsub.ts')).gossipsub('gossipsub'),
  gossipsubSigned: async () => (await import('./transactions/gossipsub.ts')).gossipsub('gossipsubSigned'),
  sync: async () => (await import('./sync/ours.ts')).sync((await import('./sync/memory-store.ts')).memoryStore),
  syncPrivate: async () => (await import('./sync/private.ts')).syncPrivate,
  syncShort: async () => (await import('./sync/short.ts')).syncShort,
  syncFull: async () => (await import('./sync/short.ts')).syncFull,
  syncLevelDb: async () => (await import('./sync/ours.ts')).sync((await import('./sync/level-store.ts')).levelStore),
  levelWrites: async () => (await import('./sync/level-writes.ts')).levelWrites,
  streams: async () => (await import('./sync/streams.ts')).streams,
  raw: async () => (await import('./sync/raw.ts')).raw(),
  rawDefault: async () => (await import('./sync/raw.ts')).raw({ streamOptions: {} }),
  rawOurs: async () => (await import('./sync/raw.ts')).raw({ hasOurTcp: true })
}

const PARTS: Record<string, () => Promise<Part>> = {
  gossip: async () => (await import('./gossip/nodes.ts')).nodes,
  pingServer: async () => (await import('./ping/server.ts')).server,
  pingClient: async () => (await import('./ping/client.ts')).client,
  acceptServer: async () => (await import('./accept/server.ts')).server,
  acceptClient: async () => (await import('./accept/client.ts')).client
}

/** Loads a part by its name: that of a part, or `receive` or `send`, a colon and the name of a contender. */
export async function loadPart (name: string): Promise<Part> {
  const [role, contender] = name.split(':')
  const load = contender == null ? undefined : CONTENDERS[contender]

  if (load != null) {
    return role === 'receive' ? receiving(await load()) : sending(await load())
  }

  const part = PARTS[name]

  if (part == null) {
    throw new Error(`Expected one of ${[...Object.keys(PARTS), ...Object.keys(CONTENDERS)].join(', ')}, got ${name}`)
  }

  return part()
}
