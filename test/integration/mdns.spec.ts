import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { promisify } from 'node:util'
import { canMakeHosts, TwoSides } from './hosts.ts'
import { killProcesses, NodeProcess } from './node-process.ts'
import { startNode, stopNodes } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import type { Network, NetworkConfig } from '../../src/index.ts'

const GROUP = '224.0.0.251'

/** Whether what this machine sends to everybody comes back to it. */
async function hasMulticast (): Promise<boolean> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  let hasCome = false
  socket.on('message', () => { hasCome = true })
  const failed = new Promise<void>((resolve) => { socket.once('error', () => { resolve() }) })
  const bound = new Promise<void>((resolve) => { socket.bind(0, () => { resolve() }) })

  try {
    await Promise.race([bound, failed])
    socket.addMembership(GROUP)
    socket.send('probe', socket.address().port, GROUP)
    await eventually(() => hasCome, 'a packet', { timeout: 1000 })

    return true
  } catch {
    return false
  } finally {
    socket.close()
  }
}

describe('integration/mdns', function () {
  this.timeout(40_000)

  /** Nobody else's: others may run the same test in this network. */
  const network = `vibecoin-test-${process.pid}-${Date.now()}`
  const config: Partial<NetworkConfig> = { network, discovery: { mdns: true } }

  afterEach(stopNodes)

  it('find those of their network without a seed, and no others', async function () {
    if (!await hasMulticast()) {
      console.log('      multicast does not work here')
      this.skip()
    }

    const stranger = await startNode({ ...config, network: `${network}/other` })
    const nodes = await Promise.all([startNode(config), startNode(config)])
    const sessions = ({ peers: { counts } }: Network): number => counts.inbound + counts.outbound
    await eventually(() => nodes.every((node) => sessions(node) === 1), 'a session')

    assert.equal([...nodes[0].peers][0]?.id, nodes[1].libp2p.peerId.toString())
    assert.equal(sessions(stranger), 0)
  })

  describe('on two machines of one network', () => {
    let sides: TwoSides | undefined

    afterEach(async () => {
      await killProcesses()
      await sides?.remove()
    })

    it('find each other', async function () {
      if (!await canMakeHosts()) {
        console.log('      hosts of our own take root and network namespaces')
        this.skip()
      }

      sides = new TwoSides()
      const { left: hosts } = await sides.create(2, 0)

      // a machine with a way out has one for this too
      for (const [i, { name }] of hosts.entries()) {
        await promisify(execFile)('ip', ['-n', name, 'route', 'add', '224.0.0.0/4', 'dev', `to${i + 1}`])
      }

      const [a, b] = await Promise.all(hosts.map(async ({ name }) => {
        return NodeProcess.start({ ...config, listen: ['/ip4/0.0.0.0/tcp/0'] }, { host: name })
      }))

      await eventually(() => a?.peers === 1 && b?.peers === 1, 'a session', { timeout: 20_000 })
    })
  })
})
