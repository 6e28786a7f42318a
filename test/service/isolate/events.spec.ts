import assert from 'node:assert/strict'
import { IsolatedEventEmitter } from '../../../src/service/isolate/events.ts'
import { eventually } from '../../support/eventually.ts'

interface Events { happened: CustomEvent<number> }

describe('service/isolate/events', () => {
  let errors: [type: string, error: unknown][]
  let events: IsolatedEventEmitter<Events>

  beforeEach(() => {
    errors = []
    events = new IsolatedEventEmitter((type, error) => { errors.push([type, error]) })
  })

  // what the overridden methods take is not typed by event; the interface that users have is
  const listen = (listener: unknown, options?: AddEventListenerOptions): void => {
    events.addEventListener('happened' as never, listener as never, options)
  }

  it('calls the other listeners when one throws, and tells of the error', () => {
    const error = new Error('a bug')
    const seen: number[] = []
    listen(() => { throw error })
    listen((event: CustomEvent<number>) => { seen.push(event.detail) })
    events.safeDispatchEvent('happened', { detail: 1 })

    assert.deepEqual(seen, [1])
    assert.deepEqual(errors, [['happened', error]])
  })

  it('tells of the error of an async listener', async () => {
    const error = new Error('a bug')
    listen(async () => Promise.reject(error))
    events.safeDispatchEvent('happened', { detail: 1 })
    await eventually(() => errors.length === 1, 'the error')

    assert.deepEqual(errors, [['happened', error]])
  })

  it('tells of the error of an async listener object, and of a promise of another make', async () => {
    const error = new Error('a bug')
    listen({ handleEvent: async () => Promise.reject(error) })
    listen(() => ({ then: (_resolve: unknown, reject: (error: Error) => void) => { reject(error) } }))
    events.safeDispatchEvent('happened', { detail: 1 })
    await eventually(() => errors.length === 2, 'the errors')

    assert.deepEqual(errors, [['happened', error], ['happened', error]])
  })

  it('calls a listener object as its method', () => {
    const seen: unknown[] = []
    const listener = { handleEvent (): void { seen.push(this) } }
    listen(listener)
    events.safeDispatchEvent('happened', { detail: 1 })

    assert.deepEqual([seen.length, seen[0] === listener, errors], [1, true, []])
  })

  it('takes listener objects', () => {
    const seen: string[] = []
    listen({ handleEvent: (event: Event) => { seen.push(event.type) } })
    listen({ handleEvent: () => { throw new Error('a bug') } })
    events.safeDispatchEvent('happened', { detail: 1 })

    assert.deepEqual(seen, ['happened'])
    assert.equal(errors.length, 1)
  })

  it('removes a listener, and calls one with `once` once', () => {
    let calls = 0
    const listener = (): void => { calls++ }
    listen(listener)
    events.removeEventListener('happened' as never, listener)
    events.safeDispatchEvent('happened', { detail: 1 })
    assert.equal(calls, 0)
    assert.equal(events.listenerCount('happened'), 0)

    listen(listener, { once: true })
    events.safeDispatchEvent('happened', { detail: 1 })
    events.safeDispatchEvent('happened', { detail: 2 })
    assert.equal(calls, 1)
  })
})
