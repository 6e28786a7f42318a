import assert from 'node:assert/strict'
import { FIN, PING, SYN, WINDOW, yamuxFrame } from '../../../attacks/bare.ts'
import { WindowUpdates } from '../../../../src/libp2p/patches/guard/window-updates.ts'

const plain = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes)

describe('libp2p/patches/guard/window-updates', () => {
  let updates: WindowUpdates
  let sent: Uint8Array[]

  beforeEach(() => {
    updates = new WindowUpdates()
    sent = []
  })

  const release = (): void => { updates.release((frame) => { sent.push(frame) }) }

  it('are joined while the muxer reads, for each stream by itself', () => {
    updates.hold()
    assert.equal(updates.take(plain(yamuxFrame(WINDOW, 0, 1, 10))), true)
    assert.equal(updates.take(plain(yamuxFrame(WINDOW, 0, 3, 7))), true)
    assert.equal(updates.take(plain(yamuxFrame(WINDOW, 0, 1, 0x10000))), true)
    release()
    assert.deepEqual(sent, [plain(yamuxFrame(WINDOW, 0, 1, 0x1000a)), plain(yamuxFrame(WINDOW, 0, 3, 7))])
    release()
    assert.equal(sent.length, 2)
  })

  it('are sent by themselves when it does not read', () => {
    assert.equal(updates.take(plain(yamuxFrame(WINDOW, 0, 1, 10))), false)
    updates.hold()
    release()
    assert.equal(updates.take(plain(yamuxFrame(WINDOW, 0, 1, 10))), false)
  })

  it('are not joined where they say more, and other frames are left alone', () => {
    updates.hold()

    for (const frame of [yamuxFrame(WINDOW, SYN, 1, 0), yamuxFrame(WINDOW, FIN, 1, 0), yamuxFrame(PING, SYN, 0, 1)]) {
      assert.equal(updates.take(plain(frame)), false)
    }
  })
})
