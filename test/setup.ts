import { join } from 'node:path'

// A rejection that nobody handles is a bug of the product: it fails the run instead of being printed.
process.on('unhandledRejection', (err) => { throw err })

// Many tests start processes: each would strip and compile the same files anew, which takes half of the time of its start.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '../node_modules/.cache/compiled')
