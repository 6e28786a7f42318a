import assert from 'node:assert/strict'
import { DevnetNetwork } from '../../../src/cli/devnet/network.ts'
import { planNodes, planSchedule } from '../../../src/cli/devnet/plan.ts'
import { DEVNET_SETTINGS } from '../../../src/cli/devnet/settings.ts'
import { START_SETTINGS } from '../../../src/cli/start/settings.ts'
import { parseFlags } from '../../support/parse-flags.ts'
import type { NodeHandle } from '../../../src/cli/devnet/node.ts'
import type { ParentCommand } from '../../../src/cli/node/parent-command.ts'
import type { NodeExit, NodeProcessInit } from '../../../src/cli/devnet/node-process.ts'
import type { NodeEvents, Report } from '../../../src/cli/output/report.ts'

const NAMES = ['node-1', 'node-2', 'node-3', 'node-4']

/** A process that says what it is told to say. */
class ScriptedProcess implements NodeHandle {
  readonly args: string[]
  readonly name: string
  lastError = ''
  killed = false
  readonly told: ParentCommand[] = []
  readonly #init: NodeProcessInit
  readonly #exited = Promise.withResolvers<NodeExit>()

  constructor (init: NodeProcessInit) {
    this.#init = init
    this.args = init.args
    this.name = this.option('--name')
  }

  option (name: string): string {
    return this.args[this.args.indexOf(name) + 1] ?? ''
  }

  say<Name extends keyof NodeEvents> (event: Name, fields: NodeEvents[Name]): void {
    this.#init.onReport({ event, node: this.name, ...fields } as Report)
  }

  started (height = 0): void {
    this.say('started', { id: `id of ${this.name}`, pid: 1, addresses: [], network: 'n', height, tip: `hash ${height}`, dataDir: '' })
  }

  status (height: number, tip = `hash ${height}`): void {
    this.say('status', { inbound: 1, outbound: 1, height, tip, bytesIn: 0, bytesOut: 0, waiting: 0 })
  }

  made (height: number): void {
    this.say('made', { height, hash: `hash ${height}`, transactions: 0 })
  }

  exit (exit: NodeExit): void {
    this.#exited.resolve(exit)
    this.#init.onExit(exit)
  }

  kill (): void {
    this.killed = true
  }

  pause (): void {}

  resume (): void {}

  tell (command: ParentCommand): void {
    this.told.push(command)
  }

  async stop (): Promise<NodeExit> {
    this.exit({ code: 0, signal: null })

    return this.#exited.promise
  }
}

interface Scene {
  network: DevnetNetwork
  processes: ScriptedProcess[]
  events: string[]
  /** The newest process of a node. */
  get: (name: string) => ScriptedProcess
}

function createScene (...args: string[]): Scene {
  const options = parseFlags(DEVNET_SETTINGS, args)
  const processes: ScriptedProcess[] = []
  const events: string[] = []
  const network = new DevnetNetwork({
    options,
    plan: planNodes([9001, 9002, 9003, 9004]),
    schedule: planSchedule(options.untilHeight),
    dataDir: '/data',
    createProcess: (init) => {
      const process = new ScriptedProcess(init)
      processes.push(process)

      return process
    },
    onReport: (report) => {
      if (report.event !== 'status' && report.event !== 'made') {
        events.push(`${report.event} ${report.node}`)
      }
    }
  })
  const get = (name: string): ScriptedProcess => {
    const process = processes.findLast((candidate) => candidate.name === name)
    assert(process != null, `${name} runs`)

    return process
  }

  return { network, processes, events, get }
}

/** Starts the nodes that do not join late, makes block 1, and lets the late one catch up. */
function playUntilCaughtUp ({ network, get }: Scene): void {
  network.start()
  NAMES.slice(0, 3).forEach((name) => { get(name).started() })
  get('node-1').made(1)
  get('node-4').started()
  NAMES.forEach((name) => { get(name).status(1) })
}

/** Kills node-3 at block 2, has it restarted and seen by node-2. */
function playUntilReconnected ({ get }: Scene): void {
  get('node-1').made(2)
  get('node-3').status(2)
  get('node-3').exit({ code: null, signal: 'SIGKILL' })
  get('node-3').started(2)
  get('node-2').say('connected', { peer: 'id of node-3', name: '', direction: 'inbound', height: 2 })
}

async function isSettled (promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending')

  return await Promise.race([promise, Promise.resolve(pending)]) !== pending
}

describe('cli/devnet/network', () => {
  it('starts a node after one that it connects to, and the late one not at all', () => {
    const { network, processes, get } = createScene()
    network.start()
    assert.deepEqual(processes.map(({ name }) => name), ['node-1'])
    get('node-1').started()
    assert.deepEqual(processes.map(({ name }) => name), ['node-1', 'node-2', 'node-3'])
    get('node-2').started()
    get('node-3').started()
    assert.equal(processes.length, 3)
  })

  it('gives each node its own port, directory and name, and a way to end with its parent', () => {
    const { network, get } = createScene('--block-time', '0.5', '--network', 'mine')
    network.start()
    get('node-1').started()
    const node = get('node-2')

    assert.equal(node.args[0], 'start')
    assert(node.args.includes('--json') && node.args.includes('--exit-with-parent'))
    assert.equal(node.option('--listen'), '/ip4/127.0.0.1/tcp/9002')
    assert.equal(node.option('--seed'), '/ip4/127.0.0.1/tcp/9001')
    assert.equal(node.option('--data-dir'), '/data/node-2')
    assert.equal(node.option('--network'), 'mine')
    assert.equal(node.args.includes('--make-blocks'), false)
    assert.equal(get('node-1').option('--make-blocks'), '0.5')
    assert.equal(node.args[0], 'start')
    assert.equal(parseFlags(START_SETTINGS, node.args.slice(1)).name, 'node-2')
  })

  it('tells the story to its end', async () => {
    const scene = createScene('--until-height', '3')
    const { network, events, get } = scene
    playUntilCaughtUp(scene)
    playUntilReconnected(scene)
    get('node-1').made(3)
    NAMES.forEach((name) => { get(name).status(3) })

    assert.deepEqual(await network.ended, { ok: true, height: 3, hash: 'hash 3' })
    assert.deepEqual(network.missing, [])
    assert.equal(network.story.told[0], 'node-4 joined late, at block 1, and caught up')
    assert.match(network.story.told[1] ?? '', /^node-3 was killed at block 2; node-2 had it back \d.* after its restart$/)
    assert.deepEqual(events, [
      'started node-1', 'started node-2', 'started node-3', 'joinedLate node-4', 'started node-4', 'caughtUp node-4',
      'killed node-3', 'restarted node-3', 'started node-3', 'connected node-2', 'reconnected node-3'
    ])
  })

  it('lets no late node join before the others run, and kills none before the late one has caught up', () => {
    const { network, events, get } = createScene('--until-height', '3')
    network.start()
    get('node-1').started()
    get('node-2').started()
    get('node-1').made(1)
    assert.equal(events.includes('joinedLate node-4'), false)
    get('node-3').started()
    assert(events.includes('joinedLate node-4'))
    get('node-4').started()
    get('node-1').made(2)
    get('node-3').status(2)
    assert.equal(events.includes('killed node-3'), false)
    get('node-4').status(2)
    assert(events.includes('killed node-3'))
  })

  it('restarts the killed node only when its process is gone, and after the blocks it is to miss', () => {
    const scene = createScene()
    const { network, processes, get } = scene
    network.start()
    NAMES.slice(0, 3).forEach((name) => { get(name).started() })
    get('node-1').made(5)
    get('node-4').started()
    get('node-4').status(5)
    get('node-1').made(8)
    get('node-3').status(8)
    const killed = get('node-3')
    assert.equal(killed.killed, true)
    get('node-1').made(10)
    assert.equal(get('node-3'), killed)
    killed.exit({ code: null, signal: 'SIGKILL' })
    assert.notEqual(get('node-3'), killed)
    assert.deepEqual(get('node-3').args, killed.args)
    assert.equal(processes.length, 5)
  })

  it('does not take a session of before the kill for a reconnection', () => {
    const scene = createScene('--until-height', '3')
    playUntilCaughtUp(scene)
    scene.get('node-2').say('connected', { peer: 'id of node-3', name: '', direction: 'inbound', height: 1 })
    scene.get('node-1').made(2)
    scene.get('node-3').status(2)
    scene.get('node-2').say('connected', { peer: 'id of node-3', name: '', direction: 'inbound', height: 1 })
    assert.equal(scene.events.includes('reconnected node-3'), false)
    assert.equal(scene.network.story.done, false)
  })

  it('goes on while a node has another block, and says so', async () => {
    const scene = createScene('--until-height', '3')
    const { network, get } = scene
    playUntilCaughtUp(scene)
    playUntilReconnected(scene)
    get('node-1').made(3)
    NAMES.forEach((name) => { get(name).status(3, name === 'node-2' ? 'other' : 'hash 3') })

    assert.equal(await isSettled(network.ended), false)
    assert.deepEqual(network.missing, ['node-2 has other as block 3, not hash 3'])
  })

  it('goes on while a node is behind, and says so', async () => {
    const scene = createScene('--until-height', '3')
    const { network, get } = scene
    playUntilCaughtUp(scene)
    playUntilReconnected(scene)
    get('node-1').made(3)
    NAMES.forEach((name) => { get(name).status(name === 'node-4' ? 2 : 3) })

    assert.equal(await isSettled(network.ended), false)
    assert.deepEqual(network.missing, ['node-4 is at block 2 of 3'])
  })

  it('does not end before everything was shown', async () => {
    const scene = createScene('--until-height', '1')
    playUntilCaughtUp(scene)
    assert.equal(await isSettled(scene.network.ended), false)
    assert.deepEqual(scene.network.missing, ['node-3 was not killed yet'])
  })

  it('says what is missing at the beginning', () => {
    const { network } = createScene('--until-height', '1')
    network.start()
    assert.deepEqual(network.story.told, [])
    assert.deepEqual(network.missing, [
      'node-1 has not started', 'node-2 has not started', 'node-3 has not started', 'node-4 has not joined yet', 'node-3 was not killed yet'
    ])
  })

  it('fails with the reason where a node ends by itself', async () => {
    const { network, get } = createScene()
    network.start()
    get('node-1').lastError = 'no room on the disk'
    get('node-1').exit({ code: 1, signal: null })
    assert.deepEqual(await network.ended, { ok: false, reason: 'node-1 ended by itself with exit code 1: no room on the disk' })
  })

  it('fails where the killed node ends a second time', async () => {
    const scene = createScene('--until-height', '3')
    playUntilCaughtUp(scene)
    playUntilReconnected(scene)
    scene.get('node-3').exit({ code: null, signal: 'SIGSEGV' })
    assert.deepEqual(await scene.network.ended, { ok: false, reason: 'node-3 ended by itself by SIGSEGV' })
  })

  it('counts blocks from where a chain that was there before ends', () => {
    const { network, events, get } = createScene('--until-height', '3')
    network.start()
    NAMES.slice(0, 3).forEach((name) => { get(name).started(100) })
    assert.equal(events.includes('joinedLate node-4'), false)
    get('node-1').made(101)
    assert(events.includes('joinedLate node-4'))
  })

  it('stops every node and starts none after that', async () => {
    const { network, processes, get } = createScene()
    network.start()
    get('node-1').started()
    assert.deepEqual(await network.stop(), [])
    assert.equal(processes.length, 3)
    assert.equal(await isSettled(network.ended), false)
    assert(network.nodes.every(({ phase }) => phase === 'ended' || phase === 'waiting'))
  })

  it('names the nodes that did not end cleanly', async () => {
    const { network, get } = createScene()
    network.start()
    get('node-1').started()
    get('node-1').stop = async () => ({ code: 1, signal: null })
    assert.deepEqual(await network.stop(), ['node-1'])
  })
})
