import { Internet } from './internet.ts'
import { killProcesses } from '../integration/node-process.ts'

/**
 * Hosts and homes for each test of a suite. Without root and namespaces, or without these programs, the suite is skipped, and says why.
 * What a test has started besides nodes is to be ended by an `afterEach` before this.
 */
export function useInternet (...programs: string[]): Internet {
  const internet = new Internet()

  before(async function () {
    const missing = await Internet.lacks(...programs)

    if (missing != null) {
      console.log(`    skipped: no ${missing}`)
      this.skip()
    }
  })

  beforeEach(async () => { await internet.create() })

  afterEach(async () => {
    await killProcesses()
    await internet.remove()
  })

  return internet
}
