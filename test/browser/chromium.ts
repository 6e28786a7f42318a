import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { createBrotliDecompress } from 'node:zlib'
import { chromium } from 'playwright-core'
import type { Context } from 'mocha'
import type { Browser } from 'playwright-core'

/** Where browsers are installed. */
const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/**
 * Without `--disable-software-rasterizer` its GPU process looks for SwiftShader, which is not beside this executable, and exits. Chromium
 * starts it again, and ends itself where that happens too often.
 */
const ARGS = [
  '--no-sandbox', '--disable-gpu', '--disable-software-rasterizer', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'
]

/** How often a Chromium that is there is started before it counts as one that does not run. */
const LAUNCHES = 3

/** Starts Chromium: the one from npm, or one that is installed. `wrap` may have it started otherwise. Says why where none of them runs. */
async function launchChromium (wrap: (path: string) => Promise<string>): Promise<Browser | string> {
  const problems: string[] = []

  for (const find of [unpackChromium, ...INSTALLED.map((path) => async () => path)]) {
    try {
      const executablePath = await find()

      if (existsSync(executablePath)) {
        return await launch(await wrap(executablePath))
      }
    } catch (err) {
      problems.push(describeFailure(err))
    }
  }

  return problems.join('; ') || 'there is none'
}

/** Starts a Chromium that is there. It ends now and then while it starts on a busy machine, and runs the next time. */
async function launch (executablePath: string): Promise<Browser> {
  for (let left = LAUNCHES - 1; ; left--) {
    try {
      return await chromium.launch({ executablePath, headless: true, args: ARGS })
    } catch (err) {
      if (left === 0) {
        throw err
      }
    }
  }
}

/** What went wrong, and what the browser itself said last. */
function describeFailure (err: unknown): string {
  const lines = String(err).split('\n')
  const said = lines.filter((line) => line.includes('[err]'))

  return [...lines.slice(0, 2), ...said.slice(-4)].join(' ')
}

/** {@link launchChromium} for a hook of mocha: skips what it is for, and says why, where none runs. */
export async function launchOrSkip (hook: Context, wrap: (path: string) => Promise<string> = async (path) => path): Promise<Browser> {
  const launched = await launchChromium(wrap)

  if (typeof launched === 'string') {
    console.log(`      no Chromium runs here, so the browser is not tested: ${launched}`)
    hook.skip()
  }

  return launched
}

/**
 * Unpacks the browser that is in npm's @sparticuz/chromium, once for each version. Its own way of doing it leaves half a file to
 * those who start at the same time, and to all others where it is interrupted.
 */
async function unpackChromium (): Promise<string> {
  const root = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..')
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  const directory = fileURLToPath(new URL('../../node_modules/.cache/vibecoin-network/', import.meta.url))
  const path = join(directory, `chromium-${version}`)

  if (!existsSync(path)) {
    const temporary = `${path}.${process.pid}.tmp`
    await mkdir(directory, { recursive: true })

    try {
      await pipeline(createReadStream(join(root, 'bin', 'chromium.br')), createBrotliDecompress(), createWriteStream(temporary, { mode: 0o755 }))
      await rename(temporary, path)
    } finally {
      await rm(temporary, { force: true })
    }
  }

  return path
}
