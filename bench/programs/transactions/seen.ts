/** As many as our side remembers. */
export const MAX_SEEN = 65_536

/** Adds a digest to a set that is emptied when it is full. */
export function remember (seen: Set<string>, digest: string, max: number): void {
  seen.add(digest)

  if (seen.size > max) {
    seen.clear()
  }
}
