import assert from 'node:assert/strict'
import { ATTACKS } from '../attacks/attacks.ts'
import { DATA, PING, SYN, yamuxFrame } from '../attacks/bare.ts'
import { Battle } from '../attacks/measure.ts'
import { judge } from '../attacks/verdict.ts'
import { Scene } from './scene.ts'
import type { StreamMuxer } from '@libp2p/interface'

/** Those that are run through a relay too, which `npm run attacks -- --relayed` does with all. */
const RELAYED = ['no-stream', 'pings', 'syns', 'noise-empty', 'small-frames']

/** How long each attack lasts, in ms. `npm run attacks` has 10 s of each. */
const ATTACK_MS = 700

for (const [who, isRelayed] of [['a hostile muxer', false], ['a hostile muxer behind a relay', true]] as const) {
  describe(who, function () {
    this.timeout(60_000)

    let battle: Battle

    before(async () => { battle = await Battle.start({ isRelayed }) })

    after(async () => { await battle.stop() })

    for (const attack of ATTACKS.filter(({ name }) => !isRelayed || RELAYED.includes(name))) {
      it(`that sends ${attack.title} keeps no honest peer waiting and leaves nothing behind`, async () => {
        const outcome = await battle.run(attack, ATTACK_MS)
        assert.deepEqual(judge(attack, outcome), [], JSON.stringify(outcome))
      })
    }
  })
}

describe('hostile/muxer', function () {
  this.timeout(60_000)

  let scene: Scene

  before(async () => { scene = await Scene.start() })

  after(async () => { await scene.stop() })

  /** Opens a session, and sends frames beside it. */
  async function attackBeside (frame: (i: number) => Uint8Array): Promise<Awaited<ReturnType<Scene['attacker']>>> {
    const attacker = await scene.attacker()
    await attacker.connect()

    for (const connection of attacker.libp2p.getConnections()) {
      const { muxer } = connection as typeof connection & { muxer: StreamMuxer & { send: (bytes: Uint8Array) => boolean } }
      muxer.send(Buffer.concat(Array.from({ length: 1000 }, (_, i) => frame(i))))
    }

    return attacker
  }

  it('sends more pings than there may be ends, and bans no peer: others may have other habits', async () => {
    const attacker = await attackBeside((i) => yamuxFrame(PING, SYN, 0, i))
    await scene.expectFate(attacker, { reason: undefined, isBanned: false })
    await scene.expectHonestServed()
  })

  it('sends data for a stream that there is not ends, and its peer is banned', async () => {
    const attacker = await attackBeside(() => yamuxFrame(DATA, 0, 77, 1000))
    await scene.expectFate(attacker, { reason: 'PROTOCOL_VIOLATION', isBanned: true })
    await scene.expectHonestServed()
  })
})
