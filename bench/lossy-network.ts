import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What a packet of Ethernet holds. */
const MTU = 1500

/** A network of this machine's own in which packets are lost. Workers are started in it by its name. */
export interface LossyNetwork {
  name: string
  remove: () => Promise<void>
}

/** What is missing to make one here; `undefined` where nothing is. */
export async function lacksLossyNetwork (): Promise<string | undefined> {
  try {
    const network = await createLossyNetwork(2)
    await network.remove()

    return undefined
  } catch {
    return 'root, network namespaces and nftables'
  }
}

/**
 * Makes one whose loopback loses one of so many packets at random, in each direction. A packet has 1500 bytes there, as on a line.
 * Otherwise the kernel would hand on up to 64 KiB as one packet, and lose that.
 */
export async function createLossyNetwork (oneOf: number): Promise<LossyNetwork> {
  const name = `vb${process.pid}`
  const remove = async (): Promise<void> => { await run('ip', ['netns', 'del', name]) }
  await run('ip', ['netns', 'add', name])

  try {
    await run('ip', ['-n', name, 'link', 'set', 'lo', 'up', 'mtu', String(MTU), 'gso_max_segs', '1'])
    await run('ip', ['netns', 'exec', name, 'nft', `
      table inet loss {
        chain in { type filter hook input priority filter; numgen random mod ${oneOf} == 0 drop; }
      }`])
  } catch (err) {
    await remove()
    throw err
  }

  return { name, remove }
}
