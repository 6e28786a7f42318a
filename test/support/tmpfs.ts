import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A small disk of its own, which a test can fill. Needs root. */
export class SmallDisk {
  readonly path: string

  private constructor (path: string) {
    this.path = path
  }

  /** Undefined where this process may not mount. */
  static async mount (megabytes: number): Promise<SmallDisk | undefined> {
    const path = await mkdtemp(join(tmpdir(), 'small-disk-'))

    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path])

      return new SmallDisk(path)
    } catch {
      await rm(path, { recursive: true })

      return undefined
    }
  }

  /** Leaves no room at all. */
  async fill (): Promise<void> {
    await writeFile(join(this.path, 'filler'), (function * () {
      for (;;) { yield new Uint8Array(4096) }
    })()).catch((err: unknown) => {
      if ((err as NodeJS.ErrnoException).code !== 'ENOSPC') {
        throw err
      }
    })
  }

  /** Makes room again. */
  async clear (): Promise<void> {
    await rm(join(this.path, 'filler'))
  }

  /** Makes it read-only. */
  async forbidWriting (): Promise<void> {
    await run('mount', ['-o', 'remount,ro', this.path])
  }

  async unmount (): Promise<void> {
    await run('umount', ['-l', this.path])
    await rm(this.path, { recursive: true })
  }
}
