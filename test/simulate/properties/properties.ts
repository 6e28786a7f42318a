import fc from 'fast-check'
import { stories } from './story.ts'
import { tell } from './tell.ts'
import type { Story } from './story.ts'

/** What a run of many stories came to. */
export interface PropertyOutcome {
  runs: number
  /** The smallest story that fails, with its error and what it takes to run it again. */
  failure: { story: Story, error: string, seed: number, path: string } | undefined
}

/** Options of {@link checkStories}. */
export interface PropertyOptions {
  seed: number
  runs: number
  /** Which of the stories of a seed to run again. */
  path?: string | undefined
  signal?: AbortSignal
  onStory?: (count: number) => void
}

/** Runs as many stories, and shrinks the first one that fails. */
export async function checkStories ({ seed, runs, path, signal, onStory }: PropertyOptions): Promise<PropertyOutcome> {
  let count = 0

  const details = await fc.check(fc.asyncProperty(stories, async (story) => {
    signal?.throwIfAborted()
    onStory?.(++count)
    await tell(story, signal)
  }), { seed, numRuns: runs, ...path == null ? {} : { path, endOnFailure: true } })

  return {
    runs: details.numRuns,
    failure: !details.failed
      ? undefined
      : {
          story: details.counterexample![0],
          error: String((details.errorInstance as Error | undefined)?.message ?? details.errorInstance),
          seed: details.seed,
          path: details.counterexamplePath!
        }
  }
}
