import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Each host is a network namespace; all of one side hang on one switch, and the two switches on one cable. */
export interface Host {
  /** The name of its network namespace. */
  name: string
  /** Its IPv4 address. */
  ip: string
}

/** Whether this machine lets us make hosts of our own: it has `ip`, and we are root. */
export async function canMakeHosts (): Promise<boolean> {
  const name = `vc${process.pid}probe`

  try {
    await ip('netns', 'add', name)
    await ip('netns', 'del', name)

    return process.getuid?.() === 0
  } catch {
    return false
  }
}

/** Hosts on two sides of a cable that can be cut. */
export class TwoSides {
  readonly #prefix = `vc${process.pid}`
  readonly #namespaces: string[] = []

  /** Makes so many hosts on each side. */
  async create (left: number, right: number): Promise<{ left: Host[], right: Host[] }> {
    await this.#switch('l')
    await this.#switch('r')
    await this.#cable({ from: this.#name('sl'), to: this.#name('sr'), device: 'cable' })
    await ip('-n', this.#name('sr'), 'link', 'set', 'cable', 'master', 'bridge')

    return { left: await this.#hosts('l', left), right: await this.#hosts('r', right) }
  }

  /** Cuts the cable: nothing passes, and nobody is told. */
  async cut (): Promise<void> {
    await ip('-n', this.#name('sl'), 'link', 'set', 'cable', 'down')
  }

  async heal (): Promise<void> {
    await ip('-n', this.#name('sl'), 'link', 'set', 'cable', 'up')
  }

  /** Removes everything that was made. */
  async remove (): Promise<void> {
    for (const name of this.#namespaces.splice(0)) {
      await ip('netns', 'del', name)
    }
  }

  async #switch (side: 'l' | 'r'): Promise<void> {
    const name = this.#name(`s${side}`)
    await this.#namespace(name)
    await ip('-n', name, 'link', 'add', 'bridge', 'type', 'bridge')
    await ip('-n', name, 'link', 'set', 'bridge', 'up')
  }

  async #hosts (side: 'l' | 'r', count: number): Promise<Host[]> {
    const hosts: Host[] = []

    for (let i = 1; i <= count; i++) {
      const host = { name: this.#name(`${side}${i}`), ip: `10.77.${side === 'l' ? 1 : 2}.${i}` }
      await this.#namespace(host.name)
      await this.#cable({ from: this.#name(`s${side}`), to: host.name, device: `to${i}` })
      await ip('-n', host.name, 'addr', 'add', `${host.ip}/16`, 'dev', `to${i}`)
      await ip('-n', host.name, 'link', 'set', 'lo', 'up')
      hosts.push(host)
    }

    return hosts
  }

  /** A cable whose ends have the same name; the first is plugged into the switch there. */
  async #cable ({ from, to, device }: { from: string, to: string, device: string }): Promise<void> {
    await ip('-n', from, 'link', 'add', device, 'type', 'veth', 'peer', 'name', device, 'netns', to)
    await ip('-n', from, 'link', 'set', device, 'master', 'bridge')
    await ip('-n', from, 'link', 'set', device, 'up')
    await ip('-n', to, 'link', 'set', device, 'up')
  }

  async #namespace (name: string): Promise<void> {
    await ip('netns', 'add', name)
    this.#namespaces.push(name)
  }

  #name (part: string): string {
    return `${this.#prefix}${part}`
  }
}

async function ip (...args: string[]): Promise<void> {
  await run('ip', args)
}
