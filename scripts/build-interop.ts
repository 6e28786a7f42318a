// Builds the peers of interop/: `npm exec -- node scripts/build-interop.ts`. Before `npm run test:interop` it runs by itself. What cannot
// be built here is left out, with a notice: for want of cargo or go, or of a registry. What does not compile makes it fail.
import { buildPeer, CannotBuildHere, LANGUAGES, variableOf } from './interop-peers.ts'

for (const language of LANGUAGES) {
  const given = process.env[variableOf(language)] ?? ''

  if (given !== '') {
    console.log(`interop/${language}: ${given}, as ${variableOf(language)} says`)
    continue
  }

  try {
    const began = performance.now()
    const { path, isNew } = buildPeer(language)
    console.log(`interop/${language}: ${path}${isNew ? `, built in ${Math.round((performance.now() - began) / 1000)} s` : ''}`)
  } catch (err) {
    if (!(err instanceof CannotBuildHere)) {
      throw err
    }

    console.log(`interop/${language}: SKIPPED. It is not built, and its tests do not run: ${err.message}`)
  }
}
