#!/usr/bin/env node

// No static imports: on a Node.js that is too old this has to run before anything that needs a new one is loaded.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`vibecoin-network: Expected Node.js 22.18 or later, this is ${process.versions.node}\n`)
  process.exitCode = 1
} else {
  // what cannot be written to the log is lost: that ends no node
  process.stderr.on('error', () => {})

  const { main } = await import('./main.ts')

  process.exitCode = await main(process.argv.slice(2))
  // the command is done and what it printed goes first: a timer that libp2p leaves must not keep a shell waiting
  process.stdout.write('', () => { process.exit() })
}

export {}
