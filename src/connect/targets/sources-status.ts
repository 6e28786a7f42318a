import type { SearchStatus } from './peer-search.ts'
import type { Target } from './target.ts'
import type { SessionManager } from '../../peers/manager/manager.ts'
import type { SourcesStatus, SourceStatus } from '../../types/status.ts'

/** How many targets came from each source, and what sources have told that can be asked. */
export function sourcesStatus (
  targets: Iterable<Readonly<Target>>, peers: Pick<SessionManager, 'get'>, { isSearching, nextIn, answers }: SearchStatus
): SourcesStatus {
  const list = new Map<string, SourceStatus>()
  const sourceOf = (name: string): SourceStatus => {
    const { askedAt, found } = answers.get(name) ?? { askedAt: null, found: 0 }
    const source = list.get(name) ?? { name, targets: 0, ready: 0, failing: 0, askedAt, found }
    list.set(name, source)

    return source
  }

  for (const { origin, peerId, failures } of targets) {
    const source = sourceOf(origin)
    source.targets++
    source.ready += peerId != null && peers.get(peerId) != null ? 1 : 0
    source.failing += failures > 0 ? 1 : 0
  }

  for (const name of answers.keys()) {
    sourceOf(name)
  }

  return { isSearching, nextIn, list: [...list.values()] }
}
