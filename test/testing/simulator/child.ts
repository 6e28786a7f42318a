import { simulate } from '../../../src/testing/index.ts'
import { busyScript } from './scripts.ts'

const report = await simulate({ nodes: 12, seed: process.argv[2]!, links: { lossesPerHour: 60 }, script: busyScript })
process.stdout.write(report.hash)
