import { exec } from 'node:child_process'
import { open, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { promisify } from 'node:util'
import { toJson } from './json.ts'
import { toJunit } from './junit.ts'
import { Progress } from './progress.ts'
import { describeList, describeRun } from './text.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { cleanText, errorText } from '../output/format.ts'
import { UsageError } from '../settings/usage-error.ts'
import { selectChecks } from '../../check/checks/index.ts'
import { CheckSkipped, TargetError } from '../../check/failure.ts'
import { runChecks } from '../../check/run.ts'
import { hostOfTarget, isLoopback, isOfThisMachine } from '../../check/target.ts'
import type { CheckOptions } from './settings.ts'
import type { Interrupt } from '../interrupt.ts'
import type { Check } from '../../check/check.ts'
import type { Listening } from '../../check/context.ts'
import type { Run } from '../../check/run.ts'

/** What the exit code of `check` says. */
export const CHECK_EXIT_CODES = { ok: 0, failed: 1, wrongUsage: 2, noTarget: 3, interrupted: 130 } as const

/** Checks the node at an address, and prints what came of it. Resolves to the exit code. */
export async function runCheck (address: string | undefined, options: CheckOptions): Promise<number> {
  const checks = selectChecks(options.only)

  if (checks.length === 0) {
    throw new UsageError(`Expected --only to fit a check, got \`${options.only.join('`, `')}\`: --list shows all of them`)
  }

  if (options.list) {
    process.stdout.write(options.json ? `${JSON.stringify(checks.map(({ run: _, ...check }) => check))}\n` : describeList(checks))

    return CHECK_EXIT_CODES.ok
  }

  if (address == null) {
    throw new UsageError('Expected the address of a node, such as /ip4/127.0.0.1/tcp/8765')
  }

  checkAddress(address)
  checkSources(options.source)
  await checkFile(options.junit)
  const interrupt = listenForInterrupt()

  try {
    const run = await runWith(address, { ...options, checks, interrupt })
    await report(run, options)

    return exitCodeOf(run, options)
  } catch (err) {
    if (interrupt.signal.aborted) {
      return CHECK_EXIT_CODES.interrupted
    }

    if (!(err instanceof TargetError)) {
      throw err
    }

    process.stderr.write(`vibecoin-network: ${cleanText(err.message, 1000)}\n`)

    return CHECK_EXIT_CODES.noTarget
  } finally {
    interrupt.dispose()
  }
}

/** An address that is none is wrong usage, and no fault of a node. */
function checkAddress (address: string): void {
  try {
    hostOfTarget(address)
  } catch (err) {
    throw new UsageError(errorText(err), { cause: err })
  }
}

function checkSources (sources: readonly string[]): void {
  const wrong = sources.find((source) => isIP(source) === 0)

  if (wrong != null) {
    throw new UsageError(`Expected --source to be an IP address of this machine, got \`${wrong}\``)
  }
}

/** A file that cannot be written is found before the run, which takes a minute, and not after it. */
async function checkFile (junit: string | undefined): Promise<void> {
  if (junit != null) {
    try {
      await (await open(junit, 'a')).close()
    } catch (err) {
      throw new UsageError(`Expected --junit to be a file that can be written: ${errorText(err)}`, { cause: err })
    }
  }
}

interface Running extends CheckOptions { checks: Check[], interrupt: Interrupt }

async function runWith (address: string, options: Running): Promise<Run> {
  const { checks, gentle, timeout, parallel, source, interrupt: { signal } } = options
  const progress = new Progress(checks.length, process.stderr)
  const listening = listeningOf(address, options)

  try {
    return await runChecks({
      address,
      checks,
      gentle,
      patience: timeout,
      parallel,
      sources: source,
      signal,
      ...listening == null ? {} : { listening },
      onTarget: (target) => { progress.target(target) },
      onResult: (result) => { progress.result(result) }
    })
  } finally {
    progress.end()
  }
}

/**
 * Where the target can dial the tester. A command that has a target on this machine dial needs no address to listen at: there is one on
 * loopback.
 */
function listeningOf (target: string, { listen, dialWith }: Running): Listening | undefined {
  if (listen == null && dialWith == null) {
    return
  }

  const address = listen ?? '/ip4/127.0.0.1/tcp/0'

  if (dialWith != null && !dialWith.includes('{}')) {
    throw new UsageError(`Expected --dial-with to have {} in it, in the place of the address to dial, got \`${dialWith}\``)
  }

  if (isLoopback(hostOfTarget(address)) && !isOfThisMachine(hostOfTarget(target))) {
    throw new UsageError(
      `Expected --listen with an address of this machine that ${target} can dial, such as /ip4/192.0.2.7/tcp/8770, ` +
      `got ${listen == null ? '--dial-with alone' : `\`${listen}\`, which is on loopback`}`
    )
  }

  return {
    address,
    ask: dialWith == null ? undefined : async (address, signal) => dial(dialWith.replaceAll('{}', address), signal)
  }
}

async function dial (command: string, signal: AbortSignal): Promise<void> {
  try {
    await promisify(exec)(command, { signal })
  } catch (err) {
    throw new CheckSkipped(`the command of --dial-with has failed: ${cleanText(errorText(err), 300)}`, { cause: err })
  }
}

async function report (run: Run, { json, junit, strict }: CheckOptions): Promise<void> {
  process.stdout.write(json ? `${JSON.stringify(toJson(run))}\n` : describeRun(run, { strict, columns: process.stdout.columns ?? Infinity }))

  if (junit != null) {
    await writeFile(junit, toJunit(run))
  }
}

function exitCodeOf ({ results, isInterrupted }: Run, { strict }: CheckOptions): number {
  if (isInterrupted) {
    return CHECK_EXIT_CODES.interrupted
  }

  const isBad = results.some(({ verdict }) => verdict === 'failed' || (strict && verdict === 'skipped'))

  return isBad ? CHECK_EXIT_CODES.failed : CHECK_EXIT_CODES.ok
}
