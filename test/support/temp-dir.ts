import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Gives each test of the surrounding `describe` an empty directory, gone when the test is over. */
export function useTempDir (): (...parts: string[]) => string {
  let directory = ''

  beforeEach(async () => {
    directory = await realpath(await mkdtemp(join(tmpdir(), 'vibecoin-test-')))
  })

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true })
  })

  return (...parts) => join(directory, ...parts)
}
