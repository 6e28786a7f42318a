import dns from 'node:dns'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

// Loaded before the command: something that a node needs never answers, by TEST_HANG. When it is first asked for, a line of JSON
// says so. See interrupt.spec.ts.

let isSaid = false

function hang (): void {
  if (!isSaid) {
    isSaid = true
    process.stdout.write('{"event":"hangs"}\n')
  }
}

const kinds: Record<string, () => void> = {
  listen: () => {
    net.Server.prototype.listen = function listen () {
      hang()

      return this
    }
  },
  // as a pipe in a directory of files does: a thread of the process waits for somebody to write
  files: () => {
    fs.promises.realpath = (async () => {
      hang()

      return fs.promises.open(process.env['TEST_PIPE']!)
    }) as never
  },
  names: () => {
    const { lookup } = dns
    // it is asked for addresses too
    dns.lookup = ((name: string, ...rest: never[]) => {
      if (net.isIP(name) === 0) {
        hang()
      } else {
        Reflect.apply(lookup, dns, [name, ...rest])
      }
    }) as never
  }
}

kinds[process.env['TEST_HANG'] ?? '']?.()
syncBuiltinESMExports()
