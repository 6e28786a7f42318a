import { networkInterfaces } from 'node:os'
import { diagnose, isClear } from './diagnose.ts'
import { startNetwork } from '../../index.ts'
import { listenForInterrupt, whenAborted } from '../interrupt.ts'
import { createRules } from '../node/rules.ts'
import { cleanText } from '../output/format.ts'
import { paint } from '../output/paint.ts'
import { Ticker } from '../output/ticker.ts'
import { toNetworkConfig } from '../start/network-config.ts'
import type { Diagnosis, Verdict } from './diagnose.ts'
import type { DoctorOptions } from './settings.ts'
import type { Resolved } from '../settings/given.ts'
import type { StartOptions } from '../start/settings.ts'
import type { Network } from '../../index.ts'
import type { Style } from '../output/paint.ts'

/** How often it is looked whether all is known. */
const LOOK_INTERVAL_MS = 250

/** Peers are asked when they connect. So the node connects again where it has got an address since then. */
const RECONNECT_DELAY_MS = 500

/** What the exit code of `doctor` says. */
export const DOCTOR_EXIT_CODES: Readonly<Record<Verdict | 'interrupted', number>> = {
  reachable: 0, unreachable: 1, 'cannot-listen': 1, unknown: 3, offline: 3, interrupted: 130
}

const STYLES: Readonly<Record<Verdict, Style>> = {
  reachable: 'green', unreachable: 'red', 'cannot-listen': 'red', unknown: 'yellow', offline: 'yellow'
}

/** Runs a node with these settings for a while, and says whether others can reach it. Resolves to the exit code. */
export async function runDoctor (options: DoctorOptions, settings: Resolved<StartOptions>): Promise<number> {
  const interrupt = listenForInterrupt()

  try {
    const diagnosis = await examineUntil(options, settings, interrupt.signal)

    if (diagnosis == null || interrupt.signal.aborted) {
      process.stderr.write(`vibecoin-network: Ended by ${String(interrupt.signal.reason)} before all was known\n`)

      return DOCTOR_EXIT_CODES.interrupted
    }

    process.stdout.write(options.json ? `${JSON.stringify(diagnosis)}\n` : render(diagnosis))

    return DOCTOR_EXIT_CODES[diagnosis.verdict]
  } finally {
    interrupt.dispose()
  }
}

/** Resolves to `undefined` where the operator has asked for the end while the node started. */
async function examineUntil (
  options: DoctorOptions, settings: Resolved<StartOptions>, signal: AbortSignal
): Promise<Diagnosis | undefined> {
  try {
    return await examine(options, settings, signal)
  } catch (err) {
    if (signal.aborted) {
      return undefined
    }

    throw err
  }
}

async function examine (
  { upnp, wait, network: name }: DoctorOptions, settings: Resolved<StartOptions>, signal: AbortSignal
): Promise<Diagnosis> {
  const config = await toNetworkConfig(settings)
  let network: Network

  try {
    network = await startNetwork({
      ...config,
      genesisHash: createRules(name).genesis.hash,
      nodeId: 'doctor',
      admin: false,
      nat: { autonat: true, upnp: upnp !== false },
      reconnectDelay: RECONNECT_DELAY_MS,
      signal
    })
  } catch (err) {
    if (!(err instanceof Error) || err.name !== 'ListenError') {
      throw err
    }

    return {
      verdict: 'cannot-listen', summary: err.message, findings: [], addresses: [], peers: 0,
      advice: ['End the node that runs here already, or give another port with --listen.']
    }
  }

  try {
    await watch(network, wait, signal)

    return diagnose(network.status(), { hasPublicIp6: hasPublicIp6() })
  } finally {
    await network.stop()
  }
}

/** Whether an interface of this machine has an address of 2000::/3, which is all of the public ones. */
function hasPublicIp6 (): boolean {
  return Object.values(networkInterfaces()).some((addresses) => {
    return addresses?.some(({ address, internal }) => !internal && /^[23][\da-f]{3}:/.test(address)) === true
  })
}

/** Resolves when all is clear, after `wait` ms, or when the operator has asked for the end. */
async function watch (network: Network, wait: number, signal: AbortSignal): Promise<void> {
  const clear = Promise.withResolvers<void>()
  let left = wait
  let asked = 0
  const ticker = new Ticker({
    interval: LOOK_INTERVAL_MS,
    beat: () => {
      const status = network.status()
      const addresses = status.addresses.filter(({ scope }) => scope === 'public').length
      left -= LOOK_INTERVAL_MS

      if (left <= 0 || isClear(status)) {
        clear.resolve()
      } else if (addresses > asked && status.peers.length > 0) {
        asked = addresses
        status.peers.forEach(({ id }) => { network.peers.disconnect(id) })
      }
    },
    onError: (err) => { clear.reject(err) }
  })
  ticker.start()

  try {
    await Promise.race([clear.promise, whenAborted(signal)])
  } finally {
    await ticker.stop()
  }
}

function render ({ verdict, summary, findings, advice }: Diagnosis): string {
  const lines = [
    paint(STYLES[verdict], summary),
    ...findings.map((finding) => `  - ${finding}`),
    ...(advice.length === 0 ? [] : ['', 'What to do:', ...advice.map((line) => `  - ${line}`)])
  ]

  return `${lines.map((line) => cleanText(line, 1000)).join('\n')}\n`
}
