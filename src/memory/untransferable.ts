import { markAsUntransferable } from 'node:worker_threads'

/**
 * Keeps the application from transferring memory: `structuredClone` and `postMessage` throw a DataCloneError where it is in their
 * `transfer`, and `ArrayBuffer.transfer` a TypeError. Otherwise an application with one view of it could empty all others.
 */
export function keepMemory ({ buffer }: Uint8Array): void {
  markAsUntransferable(buffer)
}
