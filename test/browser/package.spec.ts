import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../../', import.meta.url)
const { browser } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { browser: Record<string, string> }

describe('browser/package', () => {
  it('names every file that takes the place of another one in a web page, and no others', () => {
    const twins = readdirSync(fileURLToPath(new URL('src/', root)), { recursive: true, encoding: 'utf8' })
      .map((path) => path.replaceAll('\\', '/'))
      .filter((path) => path.endsWith('.browser.ts'))
      .map((path) => [`./dist/${path.replace('.browser.ts', '.js')}`, `./dist/${path.replace('.ts', '.js')}`])

    assert.deepEqual(browser, Object.fromEntries(twins.sort()))
    assert.deepEqual(Object.keys(browser), Object.keys(browser).sort())
  })

  it('has in each of them nothing that the other one lacks', async () => {
    for (const [path, twin] of Object.entries(browser)) {
      const [here, there] = await Promise.all([path, twin].map(async (file) => {
        return Object.keys(await import(new URL(file.replace('./dist/', 'src/').replace(/js$/, 'ts'), root).href) as object)
      }))

      assert.deepEqual(there!.filter((name) => !here!.includes(name)), [], twin)
    }
  })
})
