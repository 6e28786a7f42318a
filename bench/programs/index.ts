import { receiving, sending } from './transfer.ts'
import type { Transfer } from './transfer.ts'
import type { Program } from '../workers/program.ts'

/** Each is loaded where it is needed only: what a process has in memory is measured too. */
const TRANSFERS: Record<string, () => Promise<Transfer>> = {
  transactions: async () => (await import('./transactions/ours.ts')).ours,
  transactionsMetered: async () => (await import('./transactions/ours.ts')).oursWith({ metrics: (await import('./transactions/metrics.ts')).metrics }),
  transactionsPlain: async () => (await import('./transactions/ours.ts')).oursWith({ features: [] }),
  naive: async () => (await import('./transactions/naive.ts')).naive,
  joined: async () => (await import('./transactions/joined.ts')).joined,
  secretStream: async () => (await import('./transactions/secret-stream.ts')).secretStream,
  gossipsub: async () => (await import('./transactions/gossipsub.ts')).gossipsub('gossipsub'),
  gossipsubSigned: async () => (await import('./transactions/gossipsub.ts')).gossipsub('gossipsubSigned'),
  sync: async () => (await import('./sync/ours.ts')).sync((await import('./sync/memory-store.ts')).memoryStore),
  syncPrivate: async () => (await import('./sync/private.ts')).syncPrivate,
  syncQuic: async () => (await import('./sync/quic.ts')).syncQuic,
  syncShort: async () => (await import('./sync/short.ts')).syncShort,
  syncFull: async () => (await import('./sync/short.ts')).syncFull,
  syncLevelDb: async () => (await import('./sync/ours.ts')).sync((await import('./sync/level-store.ts')).levelStore),
  levelWrites: async () => (await import('./sync/store-writes.ts')).writesTo((await import('./sync/level-store.ts')).levelStore),
  syncSqlite: async () => (await import('./sync/ours.ts')).sync((await import('./sync/sqlite-store.ts')).sqliteStore),
  sqliteWrites: async () => (await import('./sync/store-writes.ts')).writesTo((await import('./sync/sqlite-store.ts')).sqliteStore),
  syncSqliteThread: async () => (await import('./sync/ours.ts')).sync((await import('./sync/sqlite-thread-store.ts')).sqliteThreadStore),
  sqliteThreadWrites: async () => (await import('./sync/store-writes.ts')).writesTo((await import('./sync/sqlite-thread-store.ts')).sqliteThreadStore),
  syncSigned: async () => (await import('./sync/signed.ts')).syncSigned(),
  syncSignedAlone: async () => (await import('./sync/signed.ts')).syncSigned(0),
  streams: async () => (await import('./sync/streams.ts')).streams,
  raw: async () => (await import('./sync/raw.ts')).raw(),
  rawDefault: async () => (await import('./sync/raw.ts')).raw({ streamOptions: {} }),
  rawOurs: async () => (await import('./sync/raw.ts')).raw({ hasOurTcp: true })
}

const PROGRAMS: Record<string, () => Promise<Program>> = {
  gossip: async () => (await import('./gossip/nodes.ts')).nodes,
  pingServer: async () => (await import('./ping/server.ts')).server,
  pingClient: async () => (await import('./ping/client.ts')).client,
  loadedNode: async () => (await import('./loaded/node.ts')).node,
  loadedAuthor: async () => (await import('./loaded/author.ts')).author,
  loadedFollowers: async () => (await import('./loaded/followers.ts')).followers,
  statusServer: async () => (await import('./status/server.ts')).server,
  acceptServer: async () => (await import('./accept/server.ts')).server,
  readyCallers: async () => (await import('./ready/callers.ts')).callers,
  acceptClient: async () => (await import('./accept/client.ts')).client
}

/** Loads a program by its name: that of a program, or `receive` or `send`, a colon and the name of a transfer. */
export async function loadProgram (name: string): Promise<Program> {
  const [role, transfer] = name.split(':')
  const load = transfer == null ? undefined : TRANSFERS[transfer]

  if (load != null) {
    return role === 'receive' ? receiving(await load()) : sending(await load())
  }

  const loadOther = PROGRAMS[name]

  if (loadOther == null) {
    throw new Error(`Expected one of ${[...Object.keys(PROGRAMS), ...Object.keys(TRANSFERS)].join(', ')}, got ${name}`)
  }

  return loadOther()
}
