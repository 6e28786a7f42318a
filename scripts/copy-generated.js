// tsc copies no JavaScript: the generated code goes to dist by hand.
import { cpSync } from 'node:fs'

const root = new URL('../', import.meta.url)

cpSync(new URL('src/codec/generated/', root), new URL('dist/codec/generated/', root), { recursive: true })
