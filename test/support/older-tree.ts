import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The last commit whose nodes offer no features: they neither send nor know what was added to the wire since. */
const OLDER_COMMIT = 'e339c6461890b0f5e64c11d71977ed6c3db94ece'

const ROOT = join(import.meta.dirname, '../..')

let tree: string | undefined

/**
 * The directory of the project as it was before features, made anew for this process. Its code runs on the packages that are
 * installed here. Undefined where the history is not there, as in a shallow clone.
 */
export function olderTree (): string | undefined {
  if (tree == null && hasHistory()) {
    const directory = mkdtempSync(join(tmpdir(), 'vibecoin-older-'))
    tree = directory
    const archive = execFileSync('git', ['archive', OLDER_COMMIT, 'package.json', 'src', 'test'], { cwd: ROOT, maxBuffer: 2 ** 28 })
    execFileSync('tar', ['-x', '-C', directory], { input: archive })
    symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'))
  }

  return tree
}

/** Removes what {@link olderTree} has made. */
export function removeOlderTree (): void {
  if (tree != null) {
    rmSync(tree, { recursive: true, force: true })
    tree = undefined
  }
}

/** Whether the older code can be had here. */
export function hasHistory (): boolean {
  try {
    execFileSync('git', ['cat-file', '-e', `${OLDER_COMMIT}^{commit}`], { cwd: ROOT, stdio: 'ignore' })

    return true
  } catch {
    return false
  }
}
