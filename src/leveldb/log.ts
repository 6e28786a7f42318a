import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32c } from './crc32c.ts'
import { checkFiles, readNames } from './files.ts'
import type { FileHandle } from 'node:fs/promises'

// LevelDB passes over damaged records of its log when it opens a database, and says nothing. So the log is checked here before.
// https://github.com/google/leveldb/blob/main/doc/log_format.md

const BLOCK_BYTES = 32 * 1024
const HEADER_BYTES = 7

/** Bytes that are read at a time, a whole number of blocks. Other work goes on in between. */
const CHUNK_BYTES: number = 32 * BLOCK_BYTES

const FULL = 1
const FIRST = 2
const MIDDLE = 3
const LAST = 4

/**
 * Finds the damage in the logs of the LevelDB database in `location`, in a few words for each log. Where there is no database there is
 * none. A torn record at the end is no damage: its write was never acknowledged. Throws what {@link checkFiles} throws.
 */
export async function findLogDamage (location: string): Promise<string[]> {
  await checkFiles(location)
  const names = await readNames(location)
  const logs = names.filter((name) => /^\d+\.log$/.test(name)).sort()

  if (logs.length === 0) {
    return names.includes('CURRENT') ? ['there is no log'] : []
  }

  const damages = await Promise.all(logs.map(async (name) => {
    const damage = await readLog(join(location, name))

    return damage == null ? [] : [`${name} is damaged at byte ${damage}`]
  }))

  return damages.flat()
}

/** The byte at which the first damage is. */
async function readLog (path: string): Promise<number | undefined> {
  const file = await open(path, 'r')

  try {
    const { size } = await file.stat()
    const state = { isInside: false }
    const buffer = new Uint8Array(Math.min(CHUNK_BYTES, Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES))

    for (let position = 0; position < size;) {
      const length = await readFully(file, buffer, position)
      const damage = checkBlocks(buffer.subarray(0, length), { state, isLast: position + length >= size })

      if (damage != null) {
        return position + damage
      }

      if (length === 0) {
        break
      }

      position += length
    }

    return undefined
  } finally {
    await file.close()
  }
}

async function readFully (file: FileHandle, buffer: Uint8Array, position: number): Promise<number> {
  let length = 0

  while (length < buffer.byteLength) {
    const { bytesRead } = await file.read(buffer, length, buffer.byteLength - length, position + length)

    if (bytesRead === 0) {
      break
    }

    length += bytesRead
  }

  return length
}

function checkBlocks (bytes: Uint8Array, context: { state: { isInside: boolean }, isLast: boolean }): number | undefined {
  for (let start = 0; start < bytes.byteLength; start += BLOCK_BYTES) {
    const end = Math.min(start + BLOCK_BYTES, bytes.byteLength)
    const damage = checkBlock(bytes, { start, end, isLast: context.isLast && end === bytes.byteLength, state: context.state })

    if (damage != null) {
      return damage
    }
  }

  return undefined
}

interface BlockContext { start: number, end: number, isLast: boolean, state: { isInside: boolean } }

/** Checks the records of one block. What is left at its end is too small for a header. */
function checkBlock (bytes: Uint8Array, { start, end, isLast, state }: BlockContext): number | undefined {
  let at = start

  while (end - at >= HEADER_BYTES) {
    const length = bytes[at + 4]! | bytes[at + 5]! << 8
    const type = bytes[at + 6]!
    const next = at + HEADER_BYTES + length

    if (next > end) {
      // torn where the process ended; a record never goes beyond its block
      return isLast && next - start <= BLOCK_BYTES ? undefined : at
    }

    if (!isWhole(bytes, at, next) || !isInOrder(type, state)) {
      return at
    }

    at = next
  }

  return undefined
}

/** Whether a record has the checksum of its header, over its type and its data. */
function isWhole (bytes: Uint8Array, at: number, next: number): boolean {
  const masked = (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24) >>> 0
  const crc = crc32c(bytes, at + HEADER_BYTES - 1, next)

  return masked === (((crc >>> 15 | crc << 17) >>> 0) + 0xa282ead8) >>> 0
}

/** Whether a record of this type may come now. */
function isInOrder (type: number, state: { isInside: boolean }): boolean {
  const isInside = state.isInside
  state.isInside = type === FIRST || type === MIDDLE

  return isInside ? type === MIDDLE || type === LAST : type === FULL || type === FIRST
}
