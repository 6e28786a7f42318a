import { createServer } from 'node:net'

/** Systems take the ports of outgoing connections from above this: one of those could be taken by the time a node starts. */
const LOWEST_PORT = 10_240
const HIGHEST_PORT = 32_000
const MAX_TRIES = 2000

/** `count` ports in a row from `basePort`. Throws with the port that is in use. */
export async function portsFrom (basePort: number, count: number): Promise<number[]> {
  const ports = Array.from({ length: count }, (_, i) => basePort + i)

  for (const port of ports) {
    if (!await isFree(port)) {
      throw new Error(`Port ${port} cannot be used, choose another --base-port`)
    }
  }

  return ports
}

/** `count` ports that no process listens on, somewhere below those of outgoing connections. */
export async function findFreePorts (count: number): Promise<number[]> {
  const ports: number[] = []
  let port = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT))

  for (let tries = 0; ports.length < count; tries++) {
    if (tries === MAX_TRIES) {
      throw new Error(`Could not find ${count} free ports`)
    }

    if (await isFree(port)) {
      ports.push(port)
    }

    port = port === HIGHEST_PORT ? LOWEST_PORT : port + 1
  }

  return ports
}

async function isFree (port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => { resolve(false) })
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => { resolve(true) })
    })
  })
}
