import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { endianness } from 'node:os'
import { promisify } from 'node:util'
import { ipBytesOf } from '../../../address/ip-block.ts'

/** How long the command that lists routes may take, in ms. */
const COMMAND_TIMEOUT_MS = 5000

/** Linux: the columns of a table of routes, and the flag of a route that leads over a gateway. */
const [DESTINATION, GATEWAY, FLAGS, METRIC, MASK] = [1, 2, 3, 6, 7]
const RTF_GATEWAY = 0x2

/** The router that packets of this machine to the internet go to first, as an IPv4 address. `undefined` where there is none. */
export async function defaultGateway (): Promise<string | undefined> {
  try {
    switch (process.platform) {
      case 'linux':
        // a service of systemd with ProcSubset=pid does not see /proc/net
        return linuxGateway(await readFile('/proc/self/net/route', 'utf8'))
      case 'win32':
        return windowsGateway(await run('route', 'print', '-4', '0.0.0.0'))
      default:
        return unixGateway(await run('netstat', '-rn', '-f', 'inet'))
    }
  } catch {
    // a machine that does not tell its routes has none to a gateway, as far as the node can know
    return undefined
  }
}

/** The gateway of a table of routes as Linux has it in /proc/self/net/route: of several, the one with the lowest metric. */
export function linuxGateway (table: string): string | undefined {
  const routes = table.split('\n').slice(1).map((line) => line.trim().split(/\s+/)).filter((columns) => {
    return Number.parseInt(columns[DESTINATION] ?? '', 16) === 0 && Number.parseInt(columns[MASK] ?? '', 16) === 0 &&
      (Number.parseInt(columns[FLAGS] ?? '', 16) & RTF_GATEWAY) !== 0
  })
  const best = routes.toSorted((a, b) => Number(a[METRIC]) - Number(b[METRIC])).at(0)?.[GATEWAY]

  if (best == null || !/^[\da-f]{8}$/i.test(best)) {
    return undefined
  }

  // the kernel writes the address as a number of this machine
  const bytes = Buffer.from(best, 'hex')

  return (endianness() === 'LE' ? bytes.reverse() : bytes).join('.')
}

/** The gateway of what `netstat -rn -f inet` prints on macOS and the BSDs. */
export function unixGateway (table: string): string | undefined {
  return ip4(/^default\s+(\S+)/m.exec(table)?.[1])
}

/** The gateway of what `route print -4 0.0.0.0` prints on Windows, in any language: of several, the one with the lowest metric. */
export function windowsGateway (table: string): string | undefined {
  const routes = [...table.matchAll(/^\s*0\.0\.0\.0\s+0\.0\.0\.0\s+(\S+)\s+\S+\s+(\d+)\s*$/gm)].filter(([, gateway]) => ip4(gateway) != null)

  return routes.toSorted(([, , a], [, , b]) => Number(a) - Number(b)).at(0)?.[1]
}

function ip4 (text: string | undefined): string | undefined {
  return text?.includes('.') === true && ipBytesOf(text) != null ? text : undefined
}

async function run (command: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { timeout: COMMAND_TIMEOUT_MS, windowsHide: true })

  return stdout
}
