import assert from 'node:assert/strict'
import * as example from './modules.ts'
import { verifyTransaction } from '../../src/cli/node/rules.ts'
import { sampleBlock, sampleTransaction } from '../support/sample.ts'
import type { Payments as PaymentList } from '../../examples/browser/payments.ts'
import type { Transaction } from '../../src/index.ts'

const { Deliveries } = example.deliveries
const { readForm } = example.form
const { Payments, stateOf } = example.payments
const { isSigned, signPayment } = example.rules
const { KEPT_PAYMENTS } = example.wallet

const OWN = new Uint8Array(32).fill(1)
const OTHER = new Uint8Array(32).fill(2)

function pay (nonce: bigint): Transaction {
  return sampleTransaction({ sender: OWN, recipient: OTHER, nonce, id: new Uint8Array(32).fill(Number(nonce) + 10) })
}

describe('examples/browser', () => {
  describe('deliveries', () => {
    it('count a peer when it has answered twice since, and not when a pong was under way', () => {
      const deliveries = new Deliveries()
      deliveries.onSent('a', ['x', 'y'])
      deliveries.onPong('x')
      assert.deepEqual([deliveries.sentTo('a'), deliveries.readBy('a')], [2, 0])
      deliveries.onPong('x')
      deliveries.onPong('x')
      assert.deepEqual([deliveries.sentTo('a'), deliveries.readBy('a')], [2, 1])
    })

    it('forget a peer that goes before it has read it, and no other', () => {
      const deliveries = new Deliveries()
      deliveries.onSent('a', ['x', 'y'])
      deliveries.onPong('x')
      deliveries.onPong('x')
      deliveries.onPong('y')
      deliveries.onClosed('x')
      deliveries.onClosed('y')
      assert.deepEqual([deliveries.sentTo('a'), deliveries.readBy('a')], [1, 1])
      deliveries.onSent('a', ['x', 'y'])
      assert.deepEqual([deliveries.sentTo('a'), deliveries.readBy('a')], [2, 1])
    })
  })

  describe('payments', () => {
    let peers: string[]
    let sent: Transaction[]
    let changes: number
    let payments: PaymentList

    beforeEach(() => {
      peers = ['x']
      sent = []
      changes = 0
      payments = new Payments({
        own: OWN,
        peers: () => peers,
        broadcast: (transaction) => {
          sent.push(transaction)
          return { queued: peers.length, skipped: 0 }
        },
        onChange: () => { changes++ }
      })
    })

    const state = (): string => stateOf(payments.list[0]!).text

    it('are sent, heard by peers, and in a block', () => {
      payments.send(pay(1n), 5)
      assert.equal(state(), 'sent to 1 peer')
      payments.onPong('x')
      assert.equal(state(), 'sent to 1 peer')
      payments.onPong('x')
      assert.equal(state(), 'heard by 1 peer')
      payments.onBlock(sampleBlock({ height: 7, transactions: [sampleTransaction(), pay(1n)] }))
      assert.deepEqual([state(), stateOf(payments.list[0]!).level], ['in block 7', 'good'])
      assert.equal(payments.list.length, 1)
    })

    it('wait for a peer, and are sent when one comes, until they are in a block', () => {
      peers = []
      payments.send(pay(1n), 5)
      assert.deepEqual(stateOf(payments.list[0]!), { text: 'waits for a peer', level: 'warn' })
      peers = ['x', 'y']
      payments.sendAgain()
      assert.equal(state(), 'sent to 2 peers')
      payments.onBlock(sampleBlock({ height: 7, transactions: [pay(1n)] }))
      payments.sendAgain()
      assert.equal(sent.length, 2)
    })

    it('wait again where the only peer goes before it has read them', () => {
      payments.send(pay(1n), 5)
      payments.onClosed('x')
      assert.equal(state(), 'waits for a peer')
    })

    it('are sent again when their block leaves the chain, and those of others wait', () => {
      payments.onBlock(sampleBlock({ height: 7, transactions: [pay(1n)] }))
      payments.onBlock(sampleBlock({ height: 8, transactions: [pay(2n)] }))
      payments.onDropped(7)
      assert.deepEqual(payments.list.map(({ block }) => block).sort(), [7, undefined])
      assert.deepEqual(sent.map(({ nonce }) => nonce), [2n])
    })

    it('to the owner are on their way when a peer tells of them, and those between others are none', () => {
      payments.onTransaction(sampleTransaction({ sender: OTHER, recipient: OWN }), 5)
      payments.onTransaction(sampleTransaction({ sender: OTHER, recipient: OTHER, nonce: 9n }), 5)
      assert.deepEqual([payments.list.length, state(), payments.list[0]!.isOwn], [1, 'on its way', false])
      payments.sendAgain()
      assert.deepEqual(sent, [])
    })

    it('are the same after they were kept and restored', () => {
      payments.send(pay(1n), 5)
      const before = payments.list
      payments = new Payments({ own: OWN, peers: () => [], broadcast: () => ({ queued: 0, skipped: 0 }), onChange: () => {} })
      const again = new Payments({ own: OWN, peers: () => [], broadcast: () => ({ queued: 0, skipped: 0 }), onChange: () => {} })
      payments.send(pay(1n), 5)
      again.restore(structuredClone(payments.saved))
      assert.deepEqual(again.list, before.map((payment) => ({ ...payment, peers: 0, heardBy: 0 })))
    })

    it('are N at most: the oldest goes for one more', () => {
      for (let i = 0; i <= KEPT_PAYMENTS; i++) {
        const id = new Uint8Array(32)
        new DataView(id.buffer).setUint32(0, i)
        payments.onTransaction(sampleTransaction({ id, sender: OTHER, recipient: OWN, nonce: BigInt(i) }), i)

        if (i === KEPT_PAYMENTS - 1) {
          assert.deepEqual([payments.list.length, payments.list.at(-1)!.at], [KEPT_PAYMENTS, 0])
        }
      }

      assert.deepEqual([payments.list.length, payments.list.at(-1)!.at, changes], [KEPT_PAYMENTS, 1, KEPT_PAYMENTS + 1])
    })
  })

  describe('rules', () => {
    it('sign what nodes of the command take, and take what they sign', async () => {
      const keys = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])
      const sender = new Uint8Array(await crypto.subtle.exportKey('raw', keys.publicKey))
      const payment = await signPayment({ sender, recipient: OTHER, value: 5n, nonce: 1n }, keys.privateKey)
      assert.equal(verifyTransaction(payment), undefined)
      assert.equal(await isSigned(payment), true)

      const wrongs = [{ value: 6n }, { id: OTHER }, { signature: new Uint8Array(64) }, { sender: OTHER }, { signature: new Uint8Array(0) }]

      for (const wrong of wrongs) {
        assert.equal(await isSigned({ ...payment, ...wrong }), false, Object.keys(wrong).join())
      }
    })
  })

  describe('form', () => {
    const address = 'ab'.repeat(32)

    it('takes an address, also with spaces, and an amount', () => {
      for (const recipient of [address, ` ${address.slice(0, 20)} ${address.slice(20)}\n`, address.toUpperCase()]) {
        assert.deepEqual(readForm({ recipient, value: ' 12 ' }), { recipient: new Uint8Array(32).fill(0xab), value: 12n })
      }

      const most = 2n ** 64n - 1n
      assert.deepEqual(readForm({ recipient: address, value: String(most) }), { recipient: new Uint8Array(32).fill(0xab), value: most })
    })

    for (const [recipient, value, field, text] of [
      ['', '1', 'recipient', 'Fill in the address of the recipient.'],
      ['abc', '1', 'recipient', 'An address has 64 digits, and this has 3.'],
      [`${address}a`, '1', 'recipient', 'An address has 64 digits, and this has 65.'],
      ['0x12', '1', 'recipient', 'An address has the digits 0 to 9 and a to f only.'],
      [address, '', 'value', 'Fill in an amount.'],
      [address, '0', 'value', 'An amount is a whole number from 1 on, without signs.'],
      [address, '-1', 'value', 'An amount is a whole number from 1 on, without signs.'],
      [address, '1.5', 'value', 'An amount is a whole number from 1 on, without signs.'],
      [address, String(2n ** 64n), 'value', 'An amount is a whole number from 1 on, without signs.']
    ] as const) {
      it(`says what is wrong with ${JSON.stringify(recipient.slice(0, 8))} (${recipient.length}) and ${JSON.stringify(value)}`, () => {
        assert.deepEqual(readForm({ recipient, value }), { field, text })
      })
    }
  })
})
