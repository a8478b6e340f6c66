import { describe, expect, it } from 'vitest'
import { Breaker } from '../../src/halls/breaker.ts'

const breakerAt = () => {
  const time = { ms: 1_000_000 }
  return { time, breaker: new Breaker({ elapsedMs: () => time.ms }) }
}
const failTimes = (breaker: Breaker, times: number): void => {
  for (let count = 0; count < times; count += 1) breaker.failed()
}

describe('breaker', () => {
  it('opens at the fifth failure within 30 s, not at the fourth, not over a longer time', () => {
    const { time, breaker } = breakerAt()
    failTimes(breaker, 4)
    expect(breaker.state()).toBe('closed')
    time.ms += 30_001
    failTimes(breaker, 4)
    expect(breaker.state()).toBe('closed')
    breaker.failed()
    expect(breaker.state()).toBe('open')
    expect(breaker.admit()).toBe('refuse')
  })
  it('starts counting again after a success', () => {
    const { breaker } = breakerAt()
    failTimes(breaker, 4)
    breaker.succeeded()
    failTimes(breaker, 4)
    expect(breaker.state()).toBe('closed')
  })
  it('lets one probe through per 10 s', () => {
    const { time, breaker } = breakerAt()
    failTimes(breaker, 5)
    const probes: number[] = []
    for (let second = 0; second < 60; second += 1) {
      time.ms += 1_000
      if (breaker.takeProbe()) probes.push(second + 1)
    }
    expect(probes).toEqual([10, 20, 30, 40, 50, 60])
  })
  it('closes only after a real call, one at a time, and opens again when that fails', () => {
    const { time, breaker } = breakerAt()
    failTimes(breaker, 5)
    time.ms += 10_000
    breaker.takeProbe()
    breaker.probeSucceeded()
    expect(breaker.state()).toBe('half_open')
    expect([breaker.admit(), breaker.admit()]).toEqual(['trial', 'refuse'])
    breaker.failed()
    expect(breaker.state()).toBe('open')
    expect(breaker.takeProbe()).toBe(false)
    time.ms += 10_000
    breaker.probeSucceeded()
    expect(breaker.admit()).toBe('trial')
    breaker.trialEnded()
    expect(breaker.admit()).toBe('trial')
    breaker.succeeded()
    expect([breaker.state(), breaker.admit()]).toEqual(['closed', 'pass'])
  })
  it('is not closed by a late answer to a call from before', () => {
    const { breaker } = breakerAt()
    failTimes(breaker, 5)
    breaker.succeeded()
    expect(breaker.state()).toBe('open')
  })
})
