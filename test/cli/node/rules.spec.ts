import assert from 'node:assert/strict'
import { createKeyPair } from '../../../src/cli/node/keys.ts'
import { MAX_BLOCK_TRANSACTIONS, MAX_DATA_BYTES, createRules, signTransaction, verifyTransaction } from '../../../src/cli/node/rules.ts'
import { Wallet } from '../../../src/cli/node/wallet.ts'
import { decodeBlock, decodeTransaction, encodeBlock, encodeTransaction } from '../../../src/index.ts'
import type { Block, Transaction } from '../../../src/index.ts'

const RULES = createRules('rules-test')

function flip (bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[0]! ^= 1

  return copy
}

describe('cli/node/rules', () => {
  describe('genesis', () => {
    it('is the same for the same network and another for another', () => {
      assert.deepEqual(createRules('rules-test').genesis, RULES.genesis)
      assert.notDeepEqual(createRules('other').genesis.hash, RULES.genesis.hash)
    })

    it('fits the wire', () => {
      assert.deepEqual(decodeBlock(encodeBlock(RULES.genesis)).height, 0)
    })
  })

  describe('transactions', () => {
    const transaction = new Wallet().pay()

    it('pass as their sender signed them, and over the wire', () => {
      assert.equal(verifyTransaction(transaction), undefined)
      assert.equal(verifyTransaction(decodeTransaction(encodeTransaction(transaction))), undefined)
    })

    it('of one wallet are all different', () => {
      const wallet = new Wallet()
      assert.deepEqual([wallet.pay().nonce, wallet.pay().nonce, wallet.pay().nonce], [0n, 1n, 2n])
    })

    const tampered: [keyof Transaction, Partial<Transaction>][] = [
      ['id', { id: flip(transaction.id) }],
      ['sender', { sender: createKeyPair().publicKey }],
      ['recipient', { recipient: flip(transaction.recipient) }],
      ['value', { value: transaction.value + 1n }],
      ['nonce', { nonce: transaction.nonce + 1n }],
      ['gasPrice', { gasPrice: transaction.gasPrice + 1n }],
      ['gasLimit', { gasLimit: transaction.gasLimit + 1n }],
      ['data', { data: Uint8Array.of(1) }]
    ]

    for (const [field, change] of tampered) {
      it(`fail with another ${field}`, () => {
        assert.equal(verifyTransaction({ ...transaction, ...change }), 'its id is not the hash of its content')
      })
    }

    it('fail with another signature, of any length', () => {
      for (const signature of [flip(transaction.signature), new Uint8Array(0), new Uint8Array(63), new Uint8Array(65)]) {
        assert.equal(verifyTransaction({ ...transaction, signature }), 'its signature is not by its sender')
      }
    })

    it('fail where another key signed in the sender\'s name', () => {
      const thief = createKeyPair()
      const forged = signTransaction(transaction, thief)
      const { sender } = transaction
      assert.notEqual(verifyTransaction({ ...forged, sender }), undefined)
    })

    it('fail with a sender that is no key', () => {
      const nobody = { ...createKeyPair(), publicKey: new Uint8Array(32).fill(0xff) }
      assert.equal(verifyTransaction(signTransaction(transaction, nobody)), 'its signature is not by its sender')
    })

    it(`pass with ${MAX_DATA_BYTES} bytes of data and fail with one more`, () => {
      const key = createKeyPair()
      assert.equal(verifyTransaction(signTransaction({ ...transaction, data: new Uint8Array(MAX_DATA_BYTES) }, key)), undefined)
      assert.equal(verifyTransaction(signTransaction({ ...transaction, data: new Uint8Array(MAX_DATA_BYTES + 1) }, key)), 'its data is over 1024 bytes')
    })
  })

  describe('blocks', () => {
    const wallet = new Wallet()
    const parent = RULES.makeBlock(RULES.genesis, [wallet.pay()], RULES.genesis.timestamp + 1000)
    const block = RULES.makeBlock(parent, [wallet.pay(), wallet.pay()], parent.timestamp + 1000)

    it('pass as their maker made them, and over the wire', () => {
      assert.equal(RULES.verifyBlock(parent, RULES.genesis), undefined)
      assert.equal(RULES.verifyBlock(block, parent), undefined)
      assert.equal(RULES.verifyBlock(decodeBlock(encodeBlock(block)), parent), undefined)
      assert.equal(RULES.verifySeal(block), undefined)
    })

    it('pass without transactions', () => {
      assert.equal(RULES.verifyBlock(RULES.makeBlock(block, [], block.timestamp + 1), block), undefined)
    })

    it('are later than their parent even where the clock went back', () => {
      const late = RULES.makeBlock(block, [], 0)
      assert.equal(late.timestamp, block.timestamp + 1)
      assert.equal(RULES.verifyBlock(late, block), undefined)
    })

    const wrongParent = 'it does not come after the block before it'
    const wrongHash = 'its hash is not that of its content'
    const tampered: [string, Partial<Block>, string][] = [
      ['height', { height: block.height + 1 }, wrongParent],
      ['prevHash', { prevHash: flip(block.prevHash) }, wrongParent],
      ['hash', { hash: flip(block.hash) }, wrongHash],
      ['timestamp', { timestamp: block.timestamp + 1 }, wrongHash],
      ['stateRoot', { stateRoot: flip(block.stateRoot) }, wrongHash],
      ['proof', { proof: flip(block.proof) }, 'its proof is not by the maker of this network'],
      ['proof, none at all', { proof: new Uint8Array(0) }, 'its proof is not by the maker of this network'],
      ['transactions, one less', { transactions: block.transactions.slice(1) }, wrongHash],
      ['transactions, in another order', { transactions: block.transactions.toReversed() }, wrongHash],
      ['transactions, one of them tampered with', {
        transactions: block.transactions.map((transaction) => ({ ...transaction, value: transaction.value + 1n }))
      }, wrongHash]
    ]

    for (const [field, change, reason] of tampered) {
      it(`fail with another ${field}`, () => {
        assert.equal(RULES.verifyBlock({ ...block, ...change }, parent), reason)
      })
    }

    it('fail on another parent', () => {
      assert.equal(RULES.verifyBlock(block, RULES.genesis), wrongParent)
      assert.equal(RULES.verifyBlock(block, block), wrongParent)
      assert.equal(RULES.verifyBlock(block, RULES.makeBlock(RULES.genesis, [], parent.timestamp)), wrongParent)
    })

    it('fail where they are not later than their parent', () => {
      const { timestamp } = block
      assert.equal(RULES.verifyBlock(block, { ...parent, timestamp }), 'it is not later than the block before it')
      assert.equal(RULES.verifyBlock(block, { ...parent, timestamp: timestamp - 1 }), undefined)
    })

    it('fail where the maker of another network made them', () => {
      const foreign = createRules('other').makeBlock(parent, [], parent.timestamp + 1)
      assert.equal(RULES.verifyBlock(foreign, parent), 'its proof is not by the maker of this network')
      assert.equal(RULES.verifySeal(foreign), 'its proof is not by the maker of this network')
    })

    it('fail where the maker put in a wrong transaction', () => {
      const wrong = { ...wallet.pay(), value: 0n }
      const made = RULES.makeBlock(parent, [wallet.pay(), wrong], parent.timestamp + 1)
      assert.equal(RULES.verifyBlock(made, parent), 'one of its transactions is wrong: its id is not the hash of its content')
    })

    it('fail with the same transaction twice', () => {
      const transaction = wallet.pay()
      const made = RULES.makeBlock(parent, [transaction, transaction], parent.timestamp + 1)
      assert.equal(RULES.verifyBlock(made, parent), 'it has the same transaction twice')
    })

    it('fail with a state root that does not follow from the parent', () => {
      assert.equal(RULES.verifyBlock(block, { ...parent, stateRoot: flip(parent.stateRoot) }), 'its state root does not follow from its transactions')
    })

    it(`fail with more than ${MAX_BLOCK_TRANSACTIONS} transactions`, () => {
      const transaction = wallet.pay()
      const full = RULES.makeBlock(parent, Array<Transaction>(MAX_BLOCK_TRANSACTIONS).fill(transaction), parent.timestamp + 1)
      const over = RULES.makeBlock(parent, Array<Transaction>(MAX_BLOCK_TRANSACTIONS + 1).fill(transaction), parent.timestamp + 1)
      assert.equal(RULES.verifyBlock(full, parent), 'it has the same transaction twice')
      assert.equal(RULES.verifyBlock(over, parent), 'it has over 1000 transactions')
    })
  })
})
