/** How often the input is tried while it is made shorter. */
const MAX_TRIES = 2000

/** The input with as much of it left out, or made 0, as possible. `isSame` says whether an input still shows the same. */
export async function minimise (given: Uint8Array, isSame: (input: Uint8Array) => Promise<boolean>): Promise<Uint8Array> {
  let input = given
  let tries = 0

  async function accept (candidate: Uint8Array): Promise<boolean> {
    if (tries++ >= MAX_TRIES || !await isSame(candidate)) {
      return false
    }

    input = candidate

    return true
  }

  for (let size = Math.ceil(input.byteLength / 2); size > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < input.byteLength;) {
      const shorter = new Uint8Array(Buffer.concat([input.subarray(0, at), input.subarray(at + size)]))
      at += await accept(shorter) ? 0 : size
    }
  }

  for (let at = 0; at < input.byteLength; at++) {
    if (input[at] !== 0) {
      await accept(input.map((byte, index) => index === at ? 0 : byte))
    }
  }

  return input
}
