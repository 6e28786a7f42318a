import { markAsUntransferable } from 'node:worker_threads'

/**
 * Keeps memory from being given to somebody else: `structuredClone` and `postMessage` throw a DataCloneError where it is in their
 * `transfer`, and `ArrayBuffer.transfer` a TypeError. Without this whoever has a view of it could empty all others.
 */
export function keepMemory ({ buffer }: Uint8Array): void {
  markAsUntransferable(buffer)
}
