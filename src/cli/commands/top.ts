import { addAskFlags } from '../admin/flags.ts'
import { readText } from '../settings/values.ts'
import type { AskOptions } from '../admin/ask.ts'
import type { AddCommand } from '../program.ts'

const SECONDS = { kind: { type: 'number', min: 0.1, max: 3600 } } as const

/** `vibecoin-network top`: a running node, live. */
export const addTop: AddCommand = ({ program, run, env }) => {
  addAskFlags(program.command('top').description('Watch a running node: rates, queues, the slowest peer, the last blocks.')
    .option('--interval <SECONDS>', 'From look to look (default 1).'))
    .action(run(async ({ interval = '1', json = false, ...options }: AskOptions & { interval?: string }) => {
      const [{ dataDirOf }, { runTop }] = await Promise.all([import('../admin/ask.ts'), import('../admin/top.ts')])
      const seconds = Number(readText(interval, SECONDS, { label: '--interval', directory: '' }))

      return runTop({ dataDir: dataDirOf(options, env), json, interval: seconds * 1000 })
    }))
}
