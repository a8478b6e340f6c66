import { describe, expect, it } from 'vitest'
import { derContext, derSequence } from '../../src/crypto/write-der.ts'
import { directoryName, dnsName } from '../../src/trust/certificate-extensions.ts'
import { generateP256Key } from '../../src/trust/issuing-key.ts'
import { oid } from '../../src/trust/oid.ts'
import type { PathVerdict } from '../../src/trust/path-verdict.ts'
import { writeName } from '../../src/trust/write-name.ts'
import { aki, forge, forgeCa, forgeLeaf, judge, now, party, type Party } from './forge.ts'

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const timed = async (question: () => Promise<PathVerdict>): Promise<PathVerdict> => {
  const before = cpuMs()
  const verdict = await question()
  expect(cpuMs() - before).toBeLessThan(1000)
  return verdict
}

const several = <T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)))

describe('pathological graphs end within the budget', () => {
  it('a hundred CAs of one name and one key, no anchor', async () => {
    const ca = party('one')
    const pool = await several(100, () => forgeCa(ca, ca))
    const leaf = await forgeLeaf(ca, party('leaf'))
    expect(await timed(() => judge({ leaf, pool }))).toMatchObject({
      verdict: 'indeterminate',
      code: 'no_path',
    })
  })

  it('a hundred CAs of one name and many keys below an anchor that none of them leads to', async () => {
    const name = party('same').name
    const keys = Array.from({ length: 100 }, (): Party => ({ name, key: generateP256Key().key }))
    const pool = await several(99, (i) => {
      const [issuer = party('x'), subject = party('x')] = [keys[i], keys[i + 1]]
      return forge({ issuer, subject, extensions: [aki(party('hidden'))] })
    })
    const anchors = [await forgeCa({ name, key: generateP256Key().key }, party('same'))]
    const last = keys.at(-1) ?? party('x')
    const leaf = await forgeLeaf(last, party('leaf'))
    const verdict = await timed(() => judge({ leaf, pool, anchors }))
    expect(verdict.verdict).not.toBe('passed')
  })

  it('a cross-signing bomb: every CA of a layer signed by every CA above, anchor out of reach', async () => {
    const layers = Array.from({ length: 8 }, (_, layer) =>
      Array.from({ length: 6 }, (__, i) => party(`ca-${String(layer)}-${String(i)}`)),
    )
    const pool: Uint8Array[] = []
    for (const [layer, cas] of layers.entries()) {
      for (const issuer of layers[layer + 1] ?? []) {
        for (const subject of cas) pool.push(await forgeCa(issuer, subject, { pathLength: 0 }))
      }
    }
    const root = party('root')
    for (const top of layers.at(-1) ?? []) pool.push(await forgeCa(root, top))
    const anchors = [await forgeCa(root, root)]
    const leaf = await forgeLeaf(layers[0]?.[0] ?? root, party('leaf'))
    const verdict = await timed(() => judge({ leaf, pool, anchors }))
    expect(verdict).toMatchObject({ verdict: 'indeterminate', code: 'budget_exceeded' })
    expect(verdict.messageZh).toContain('过于复杂')
  })

  it('a circle of two CAs, with and without a way out', async () => {
    const [a, b, root] = [party('a'), party('b'), party('root')]
    const pool = [await forgeCa(a, b), await forgeCa(b, a)]
    const leaf = await forgeLeaf(a, party('leaf'))
    const anchors = [await forgeCa(root, root)]
    expect(await timed(() => judge({ leaf, pool, anchors }))).toMatchObject({ code: 'no_path' })
    const wayOut = [...pool, await forgeCa(root, b)]
    expect((await judge({ leaf, pool: wayOut, anchors })).verdict).toBe('passed')
  })

  it.each([
    ['DNS names', (i: number) => dnsName(`n${String(i)}.example.com`)],
    ['directory names', (i: number) => directoryName(writeName({ commonName: `n${String(i)}` }))],
  ])('thousands of name constraints against thousands of %s', async (_, make) => {
    const [root, leaf] = [party('root'), party('n0')]
    const names = Array.from({ length: 2048 }, (__, i) => make(i))
    const permitted = names.map((name) => derSequence(name))
    const excluded = names.map((___, i) => derSequence(make(i + 10_000)))
    const value = derSequence(derContext(0, ...permitted), derContext(1, ...excluded))
    const edits = { [oid.nameConstraints]: { id: oid.nameConstraints, critical: true, value } }
    const anchors = [await forgeCa(root, root, { edits })]
    const der = await forgeLeaf(root, leaf, { names })
    expect(await timed(() => judge({ leaf: der, anchors }))).toMatchObject({
      verdict: 'indeterminate',
      code: 'budget_exceeded',
    })
  })

  it('a path of fifty CAs is found', async () => {
    const cas = Array.from({ length: 50 }, (_, i) => party(`ca-${String(i)}`))
    const pool = await several(49, (i) => forgeCa(cas[i] ?? party(''), cas[i + 1] ?? party('')))
    const root = cas[0] ?? party('')
    const leaf = await forgeLeaf(cas.at(-1) ?? root, party('leaf'))
    const anchors = [await forgeCa(root, root)]
    expect((await timed(() => judge({ leaf, pool, anchors }))).verdict).toBe('passed')
  })

  it('stops at the CPU limit where the caller hands in a CPU clock', async () => {
    const root = party('root')
    const anchors = [await forgeCa(root, root)]
    const leaf = await forgeLeaf(root, party('leaf'))
    let clock = 0
    const cpuNow = (): number => (clock += 1000)
    expect(await judge({ leaf, anchors, at: now, cpuNow })).toMatchObject({
      verdict: 'indeterminate',
      code: 'budget_exceeded',
    })
  })
})
