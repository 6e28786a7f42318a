/** The keys to ask each peer for, by its id. */
export type Batches = Map<string, string[]>

/** Adds a key to those of a peer. */
export function addTo (batches: Batches, id: string, key: string): void {
  const keys = batches.get(id)

  if (keys == null) {
    batches.set(id, [key])
  } else {
    keys.push(key)
  }
}
