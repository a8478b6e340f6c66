import { expect, it } from 'vitest'
import { mutate, randomFrom } from './mutate.ts'
import { targets } from './targets.ts'
import { textTargets } from './text-targets.ts'

it.each(Object.entries({ ...targets, ...textTargets }))(
  'the %s reader answers mutated inputs, or refuses them with its own error',
  async (_, { seeds, read, isCoded }) => {
    const inputs = await seeds()
    const random = randomFrom(20261123)
    const uncoded: unknown[] = []
    for (let left = 500; left > 0; left--) {
      try {
        read(mutate(inputs, random))
      } catch (error) {
        if (!isCoded(error)) uncoded.push(error)
      }
    }
    expect(uncoded).toEqual([])
  },
)
