import { startNetwork } from '../../src/index.ts'

await startNetwork({ maxInbound: 1 })
