/**
 * Memory of fewer bytes is left to the garbage collector. Node.js cuts buffers of up to half its pool, which is as large as this
 * twice, from memory that others share.
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

/** Whether the memory behind `bytes` has no other bytes in it. */
export function fillsMemory (bytes: Uint8Array): boolean {
  return bytes.byteLength === bytes.buffer.byteLength
}
