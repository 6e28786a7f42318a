import { spawn, spawnSync } from 'node:child_process'
import { delimiter } from 'node:path'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ChildProcess } from 'node:child_process'

/** The directory of the files for operators. */
export const OPS: string = fileURLToPath(new URL('../../ops', import.meta.url))

/** Where Debian has programs that only root runs; and another place where these may be unpacked. */
const PATH = [process.env['PATH'], '/usr/sbin', '/sbin', process.env['OPS_PATH']].filter((part) => part != null).join(delimiter)

const running = new Set<ChildProcess>()

/** A file for operators. */
export function opsFile (name: string): string {
  return readFileSync(`${OPS}/${name}`, 'utf8')
}

/** Whether this machine has a program. */
export function hasTool (name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`], { env: { ...process.env, PATH } }).status === 0
}

/** Runs a program to its end. */
export function run (name: string, args: string[]): { code: number | null, output: string } {
  const { status, stdout, stderr } = spawnSync(name, args, { env: { ...process.env, PATH }, encoding: 'utf8' })

  return { code: status, output: stdout + stderr }
}

/** Starts a program, which {@link endTools} ends. `output` has what it has said. */
export function start (name: string, args: string[]): { process: ChildProcess, output: () => string } {
  const child = spawn(name, args, { env: { ...process.env, PATH }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => { output += chunk.toString() })
  child.stderr.on('data', (chunk: Buffer) => { output += chunk.toString() })
  child.on('error', (err) => { output += String(err) })
  running.add(child)
  child.once('close', () => { running.delete(child) })

  return { process: child, output: () => output }
}

/** Ends every program that was started, and waits for that. */
export async function endTools (): Promise<void> {
  await Promise.all([...running].map(async (child) => new Promise<void>((resolve) => {
    child.once('close', () => { resolve() })
    child.kill('SIGKILL')
  })))
}
