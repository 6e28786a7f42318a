/**
 * The node frees buffers of this size or more at once. It leaves smaller ones to the garbage collector.
 *
 * Node.js cuts buffers of up to half its pool, which has twice this size, from memory that others share.
 */
export const MIN_FREED_BYTES: number = 32 * 1024

/**
 * Frees all of the memory behind `bytes` at once. Every view of it is empty afterwards: README.md says when a caller may do that.
 * Does nothing where the memory is small or shared.
 *
 * V8 marks the whole heap for every 32 MiB or so of such memory. A node that receives much would spend more time on that than on
 * the bytes.
 */
export function freeMemory ({ buffer }: Uint8Array): void {
  if (buffer.byteLength < MIN_FREED_BYTES || !(buffer instanceof ArrayBuffer)) {
    return
  }

  try {
    buffer.transfer(0)
  } catch {
    // a pool of Node.js, or memory of WebAssembly
  }
}

/** Memory that the node frees once it has encrypted all of it. */
const given = new WeakSet<ArrayBufferLike>()

/**
 * Has the memory of `bytes` freed once they are encrypted. The caller sends them once, in order, and reads them no more. Does nothing
 * where other bytes share the memory.
 */
export function giveAway (bytes: Uint8Array): void {
  if (bytes.byteLength >= MIN_FREED_BYTES && fillsMemory(bytes)) {
    given.add(bytes.buffer)
  }
}

/**
 * Takes note that `bytes` are encrypted. Where they are the end of what was given away, it frees the memory, after the current
 * microtask: libp2p still asks for the length of what it has just encrypted.
 */
export function freeGiven (bytes: Uint8Array): void {
  const { buffer } = bytes

  if (bytes.byteOffset + bytes.byteLength === buffer.byteLength && given.has(buffer)) {
    queueMicrotask(() => { freeMemory(bytes) })
  }
}

/** Whether `bytes` are all that is in their memory. */
export function fillsMemory (bytes: Uint8Array): boolean {
  return bytes.byteLength === bytes.buffer.byteLength
}
