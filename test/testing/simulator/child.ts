import { busyScript } from './scripts.ts'
// the simulator alone: the entry for tests loads the encryption of real nodes, which needs WebAssembly
import { simulate } from '../../../src/testing/simulator/simulate.ts'

const report = await simulate({ nodes: 12, seed: process.argv[2]!, links: { lossesPerHour: 60 }, script: busyScript })
process.stdout.write(report.hash)
