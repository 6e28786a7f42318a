import { mkdtemp, rm } from 'node:fs/promises'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodedBlocks, GENESIS } from './blocks.ts'
import { ChainDb } from '../../../src/cli/chain/chain.ts'
import { decodeBlock } from '../../../src/index.ts'
import type { Store } from './store.ts'

/** The chain of the devnet, without its rules: those are a matter of the application. */
export const levelStore: Store = {
  open: async (shape) => {
    const { db } = await openDb()
    let batch: Uint8Array[] = []

    for (const bytes of encodedBlocks(shape)) {
      batch.push(bytes)

      if (batch.length === 64) {
        await db.append(batch.map((bytes) => ({ block: decodeBlock(bytes), bytes })))
        batch = []
      }
    }

    return {
      sharesMemory: false,
      tip: () => db.tip(),
      get: async (height) => db.get(height),
      range: (first, last) => db.range(first, last)
    }
  },

  create: async () => {
    let current = await openDb()
    let count = 0

    return {
      chain: {
        sharesMemory: false,
        tip: () => current.db.tip(),
        get: async (height) => current.db.get(height),
        range: (first, last) => current.db.range(first, last),
        append: async (blocks) => {
          await current.db.append(blocks)
          count += blocks.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
        }
      },
      count: () => count,
      reset: async () => {
        const { db, directory } = current
        current = await openDb()
        await db.close()
        await rm(directory, { recursive: true })
      }
    }
  }
}

const directories = new Set<string>()
process.once('exit', () => { directories.forEach((directory) => { rmSync(directory, { recursive: true, force: true }) }) })

async function openDb (): Promise<{ db: ChainDb, directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'vibecoin-bench-'))
  directories.add(directory)
  const db = await ChainDb.open(directory, { genesis: GENESIS, verifyBlock: () => undefined })

  return { db, directory }
}
