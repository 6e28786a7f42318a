/** The key of a digest that came in a message: the same that `digestKeyOf` gives for the item. */
export function digestToKey (digest: Uint8Array): string {
  // up to 512 in a message: spread, they would take four times as long
  return String.fromCharCode.apply(null, digest as unknown as number[])
}

/** The digest that a key was made of. */
export function keyToDigest (key: string): Uint8Array {
  return Uint8Array.from(key, (character) => character.charCodeAt(0))
}
