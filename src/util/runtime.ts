import { UnsupportedRuntimeError } from '../errors.ts'

/** The part of `process.versions` that the node needs. */
export interface RuntimeVersions {
  /** Such as `24.21.0`; absent where there is no Node.js. */
  node?: string
}

const MIN_MAJOR = 22
const MIN_MINOR = 18
const NEEDED = `vibecoin-network needs Node.js ${MIN_MAJOR}.${MIN_MINOR} or later`

/** Throws an {@link UnsupportedRuntimeError} that says what to do, where the network cannot work. */
export function assertRuntime (): void {
  // whatever the types say, some runtimes have neither
  const { process } = globalThis as { process?: { versions?: RuntimeVersions } }
  const problem = checkRuntime(process?.versions ?? {}, 'withResolvers' in Promise)

  if (problem != null) {
    throw new UnsupportedRuntimeError(problem)
  }
}

/** What is wrong with a runtime, or `undefined` where the network works in it. */
export function checkRuntime ({ node }: RuntimeVersions, hasWithResolvers = true): string | undefined {
  if (node != null && isTooOld(node)) {
    return `${NEEDED} (this is ${node}). On an older one every connection would fail without a reason: install a current Node.js.`
  }

  if (!hasWithResolvers) {
    const here = node == null ? 'this runtime' : `this is ${node}, which`

    return `${NEEDED}, or another runtime with Promise.withResolvers (${here} has none): connections would fail without a reason.`
  }

  return undefined
}

function isTooOld (version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map((part) => Number.parseInt(part, 10))

  return major < MIN_MAJOR || (major === MIN_MAJOR && minor < MIN_MINOR)
}
