import { describe, expect, it } from 'vitest'
import { makeCallGate } from '../../src/halls/call-gate.ts'

const live = (): AbortSignal => new AbortController().signal

const enterNow = async (gate: ReturnType<typeof makeCallGate>) => {
  const place = await gate.enter(live(), 'caller')
  if (typeof place === 'string') throw new Error(place)
  return place
}

describe('call gate', () => {
  it('lets in so many, queues so many, refuses the rest', async () => {
    const gate = makeCallGate(2, 1)
    const [first, second] = [await enterNow(gate), await enterNow(gate)]
    const third = gate.enter(live(), 'caller')
    expect(await gate.enter(live(), 'caller')).toBe('queue_full')
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
    const waiting = gate.enter(controller.signal, 'caller')
    const next = gate.enter(live(), 'caller')
    controller.abort()
    expect(await waiting).toBe('aborted')
    first()
    expect(typeof (await next)).toBe('function')
    expect([gate.inFlight(), gate.queued()]).toEqual([1, 0])
  })
  it('serves callers in turn, and makes room in a full queue for whoever waits with fewer', async () => {
    const gate = makeCallGate(1, 4)
    const first = await enterNow(gate)
    const served: string[] = []
    const ask = async (caller: string): Promise<void> => {
      const place = await gate.enter(live(), caller)
      served.push(typeof place === 'string' ? `${caller} ${place}` : caller)
      if (typeof place !== 'string') place()
    }
    const flood = Array.from({ length: 6 }, () => ask('flood'))
    const others = [ask('quiet'), ask('other')]
    await Promise.resolve()
    expect(gate.queued()).toBe(4)
    first()
    await Promise.all([...flood, ...others])
    expect(served.filter((text) => text.includes('queue_full'))).toEqual(
      Array(4).fill('flood queue_full'),
    )
    expect(served.filter((text) => !text.includes('queue_full'))).toEqual([
      'flood',
      'quiet',
      'other',
      'flood',
    ])
    expect([gate.inFlight(), gate.queued()]).toEqual([0, 0])
  })
})
