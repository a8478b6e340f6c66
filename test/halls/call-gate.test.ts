import { describe, expect, it } from 'vitest'
import { makeCallGate } from '../../src/halls/call-gate.ts'

const live = (): AbortSignal => new AbortController().signal

const enterNow = async (gate: ReturnType<typeof makeCallGate>) => {
  const place = await gate.enter(live())
  if (typeof place === 'string') throw new Error(place)
  return place
}

describe('call gate', () => {
  it('lets in so many, queues so many, refuses the rest', async () => {
    const gate = makeCallGate(2, 1)
    const [first, second] = [await enterNow(gate), await enterNow(gate)]
    const third = gate.enter(live())
    expect(await gate.enter(live())).toBe('queue_full')
    expect([gate.inFlight(), gate.queued()]).toEqual([2, 1])
    first()
    first()
    expect(typeof (await third)).toBe('function')
    expect([gate.inFlight(), gate.queued()]).toEqual([2, 0])
    second()
    expect(gate.inFlight()).toBe(1)
  })
  it('forgets who stopped waiting', async () => {
    const gate = makeCallGate(1, 5)
    const first = await enterNow(gate)
    const controller = new AbortController()
    const waiting = gate.enter(controller.signal)
    const next = gate.enter(live())
    controller.abort()
    expect(await waiting).toBe('aborted')
    first()
    expect(typeof (await next)).toBe('function')
    expect([gate.inFlight(), gate.queued()]).toEqual([1, 0])
  })
})
