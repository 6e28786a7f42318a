/**
 * Buffers of this size or more are given back at once. Smaller ones are left to the garbage collector.
 *
 * Node.js cuts buffers of up to half its pool, which is as large as this twice, from memory that others share.
 */
export const MIN_FREED_BYTES: number = 32 * 1024

/**
 * Gives the memory behind `bytes` back at once, all of it. Every view of it is empty afterwards: only for whoever knows that nobody
 * else looks at it any more.
 *
 * What is left to the garbage collector costs more than to make it: V8 looks through the whole heap for every 32 MiB or so of such
 * memory, many times a second where much is received. Does nothing where the memory is shared.
 */
export function freeMemory ({ buffer }: Uint8Array): void {
  if (buffer.byteLength < MIN_FREED_BYTES || !(buffer instanceof ArrayBuffer)) {
    return
  }

  try {
    buffer.transfer(0)
  } catch {
    // a pool of Node.js, or memory of WebAssembly: it stays as it is
  }
}

/** Memory that is free once it was sent. */
const given = new WeakSet<ArrayBufferLike>()

/**
 * Says that nobody looks at `bytes` any more once they were encrypted, which is when their memory is given back. To be sent once, and
 * in order. Does nothing where other bytes share the memory.
 */
export function giveAway (bytes: Uint8Array): void {
  if (bytes.byteLength >= MIN_FREED_BYTES && fillsMemory(bytes)) {
    given.add(bytes.buffer)
  }
}

/**
 * To be called when `bytes` were encrypted: where they are the end of what was given away, its memory is given back. Not before this
 * turn is over, since libp2p counts what it has sent when that is encrypted.
 */
export function freeGiven (bytes: Uint8Array): void {
  const { buffer } = bytes

  if (bytes.byteOffset + bytes.byteLength === buffer.byteLength && given.has(buffer)) {
    queueMicrotask(() => { freeMemory(bytes) })
  }
}

/** Whether the memory behind `bytes` has no other bytes in it. */
export function fillsMemory (bytes: Uint8Array): boolean {
  return bytes.byteLength === bytes.buffer.byteLength
}
