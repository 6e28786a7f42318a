import assert from 'node:assert/strict'
import { FakeClock } from '../../support/fake-clock.ts'
import { digestKeyOf } from '../../../src/codec/digest.ts'
import { shortKeyOf } from '../../../src/gossip/digest-key.ts'
import { TransactionPool } from '../../../src/gossip/transactions/pool.ts'
import { seededChance } from '../../../src/util/chance.ts'
import type { PooledTransaction } from '../../../src/gossip/transactions/pool.ts'

const BOUNDS = { transactions: 24, bytes: 400_000, ttl: 500 }
const SIZES = [40, 200, 5000, 17_000, 70_000]
const STEPS = 4000

interface Entry { digest: string, item: Uint8Array, at: number, isSettled: boolean }

/** The same in a list. */
class ListPool {
  readonly clock: FakeClock
  entries: Entry[] = []

  constructor (clock: FakeClock) { this.clock = clock }

  expire (): void {
    this.entries = this.entries.filter(({ at }) => at + BOUNDS.ttl > this.clock.now())
  }

  find (digest: string): Entry | undefined { return this.entries.find((entry) => entry.digest === digest) }

  get bytes (): number { return this.entries.reduce((sum, { item }) => sum + item.byteLength, 0) }

  add (digest: string, item: Uint8Array): boolean {
    if (this.find(digest) != null) {
      return false
    }

    while (this.entries.length >= BOUNDS.transactions || this.bytes + item.byteLength > BOUNDS.bytes) {
      this.entries.shift()
    }

    this.entries.push({ digest, item, at: this.clock.now(), isSettled: false })

    return true
  }
}

describe('gossip/transactions/pool, beside a model', () => {
  for (const seed of ['first', 'second', 'third', 'fourth']) {
    it(`has what a list would have, whatever is added, settled, read and dropped (${seed})`, async () => {
      const clock = new FakeClock()
      const chance = seededChance(seed)
      const pool = new TransactionPool({ clock, chance }, BOUNDS)
      const model = new ListPool(clock)
      const draw = (below: number): number => Math.floor(chance.random() * below)
      const made: { digest: string, item: Uint8Array }[] = []
      const lent: { given: PooledTransaction, is: Uint8Array }[] = []

      for (let step = 0; step < STEPS; step++) {
        const known = made[draw(made.length)]

        if (known == null || draw(3) > 0) {
          const item = chance.fill(new Uint8Array(SIZES[draw(draw(5) + 1)]!))
          made.push({ digest: digestKeyOf(item), item })
          made.splice(0, made.length - 2 * BOUNDS.transactions)
          assert.equal(pool.add(made.at(-1)!.digest, item), model.add(made.at(-1)!.digest, item))
        } else if (draw(3) === 0) {
          assert.equal(pool.add(known.digest, known.item), model.add(known.digest, known.item))
        } else {
          pool.settle(known.digest)
          Object.assign(model.find(known.digest) ?? {}, { isSettled: true })
        }

        if (draw(20) === 0) {
          await clock.advance(draw(300))
          model.expire()
        }

        const asked = made[draw(made.length)]!
        const given = draw(4) === 0 ? pool.get(draw(2) === 0 ? asked.digest : shortKeyOf(asked.digest)) : undefined
        const entry = model.find(asked.digest)
        assert.equal(pool.has(asked.digest), entry != null)
        assert.equal(pool.ageOf(asked.digest), entry == null ? undefined : clock.now() - entry.at)

        if (given != null) {
          lent.push({ given, is: asked.item })
          lent.splice(0, lent.length - 10)
        }

        assert.deepEqual([pool.size, pool.usage.bytes], [model.entries.length, model.bytes])
      }

      const newest = [...model.entries].reverse()
      const bare = ({ digest, item }: PooledTransaction): PooledTransaction => ({ digest, item })
      assert.deepEqual([...pool.newest()].map(bare), newest.map(bare))
      assert.deepEqual(pool.unsettled(), newest.filter(({ isSettled }) => !isSettled).map(({ digest }) => digest))
      lent.forEach(({ given: { digest, item }, is }) => { assert.deepEqual([digest, item], [digestKeyOf(is), is]) })
      pool.clear()
      assert.equal(clock.pending, 0)
    })
  }
})
