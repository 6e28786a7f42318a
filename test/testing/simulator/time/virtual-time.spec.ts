import assert from 'node:assert/strict'
import { Process } from '../../../../src/testing/simulator/time/process.ts'
import { VirtualTime } from '../../../../src/testing/simulator/time/virtual-time.ts'

describe('testing/simulator/time', () => {
  let time: VirtualTime
  let process: Process
  let happened: [what: string, at: number][]

  beforeEach(() => {
    time = new VirtualTime()
    process = new Process(time)
    happened = []
  })

  function note (what: string): () => void {
    return () => { happened.push([what, time.now]) }
  }

  function run (): void {
    for (let steps = 0; time.step(); steps++) {
      assert(steps < 1000)
    }
  }

  describe('virtual time', () => {
    it('jumps from one event to the next, and runs those of one moment in their order', () => {
      time.at(20, note('c'))
      time.at(10, note('a'))
      time.at(10, note('b'))
      run()

      assert.deepEqual(happened, [['a', 10], ['b', 10], ['c', 20]])
    })

    it('never goes back: what is due before now happens now', () => {
      time.at(10, () => { time.at(5, note('late')) })
      run()

      assert.deepEqual(happened, [['late', 10]])
    })

    it('runs what is for the end of a turn before the next event, at the same time', () => {
      time.at(10, () => { time.afterTurn(note('end'), process) })
      time.at(11, note('next'))
      run()

      assert.deepEqual(happened, [['end', 10], ['next', 11]])
    })

    it('does not run what was cancelled', () => {
      const event = time.at(10, note('a'))
      time.cancel(event)
      time.cancel(event)
      time.cancel(undefined)
      run()

      assert.deepEqual(happened, [])
    })
  })

  describe('a process', () => {
    it('sets timers by its clock, and stops them', () => {
      const { clock } = process
      const start = clock.now()
      clock.setTimeout(note('a'), 10)
      clock.clearTimeout(clock.setTimeout(note('b'), 10))
      run()

      assert.deepEqual(happened, [['a', 10]])
      assert.equal(clock.now(), start + 10)
      assert(start > 0)
    })

    it('rounds delays as Node.js does', () => {
      [0, 0.3, 1.9, -1, Infinity, NaN].forEach((delay) => { process.clock.setTimeout(note(`${delay}`), delay) })
      run()

      assert.deepEqual(happened.map(([, at]) => at), [1, 1, 1, 1, 1, 1])
    })

    it('has what is due wait while its processor is busy, in order, and nothing of other processes', () => {
      const other = new Process(time)
      time.at(10, () => { process.spend(100) }, process)
      time.at(20, note('waits'), process)
      time.at(30, note('other'), other)
      time.at(40, note('waits too'), process)
      run()

      assert.deepEqual(happened, [['other', 30], ['waits', 110], ['waits too', 110]])
    })

    it('has what waits wait longer while more work comes', () => {
      time.at(10, () => { process.spend(100) }, process)
      time.at(20, () => {
        note('first')()
        process.spend(50)
      }, process)
      time.at(30, note('second'), process)
      time.at(115, note('third'), process)
      run()

      assert.deepEqual(happened, [['first', 110], ['second', 160], ['third', 160]])
    })

    it('does not run a timer that was stopped while it waited', () => {
      time.at(10, () => { process.spend(100) }, process)
      const timer = process.clock.setTimeout(note('a'), 20)
      time.at(50, () => { process.clock.clearTimeout(timer) })
      time.at(60, note('b'), process)
      run()

      assert.deepEqual(happened, [['b', 110]])
    })

    it('drops its timers, what waits and the end of its turn when it crashes', () => {
      process.clock.setTimeout(note('timer'), 50)
      time.at(10, () => {
        process.spend(20)
        process.clock.afterTurn(note('turn'))
        process.kill()
      }, process)
      time.at(15, note('waits'), process)
      run()
      assert.equal(process.clock.setTimeout(note('none'), 1), undefined)
      run()

      assert.deepEqual(happened, [])
    })

    it('works for as long as it is told', async () => {
      let isDone = false
      const work = process.work(30).then(() => { isDone = true })
      assert.equal(isDone, false)
      run()
      await work

      assert.equal(isDone, true)
      assert.equal(time.now, 30)
    })
  })
})
