import { describe, expect, it } from 'vitest'
import {
  derContext,
  derContextPrimitive,
  derInteger,
  derOid,
  derSequence,
  derSetOf,
  derString,
  derTag,
} from '../../src/crypto/write-der.ts'
import {
  directoryName,
  dnsName,
  emailName,
  ipName,
  uriName,
  type ExtensionToWrite,
} from '../../src/trust/certificate-extensions.ts'
import { oid } from '../../src/trust/oid.ts'
import { writeName } from '../../src/trust/write-name.ts'
import { forgeCa, forgeLeaf, judge, party, type Party } from './forge.ts'

const subtree = (base: Uint8Array): Uint8Array => derSequence(base)
const constraints = (
  permitted: readonly Uint8Array[],
  excluded: readonly Uint8Array[],
): ExtensionToWrite => ({
  id: oid.nameConstraints,
  critical: true,
  value: derSequence(
    ...(permitted.length > 0 ? [derContext(0, ...permitted.map(subtree))] : []),
    ...(excluded.length > 0 ? [derContext(1, ...excluded.map(subtree))] : []),
  ),
})

const verdictOf = async (
  names: readonly Uint8Array[],
  rules: { permitted?: readonly Uint8Array[]; excluded?: readonly Uint8Array[] },
  subject: Party = party('leaf'),
): Promise<string> => {
  const [root, sub] = [party('root'), party('sub')]
  const nc = constraints(rules.permitted ?? [], rules.excluded ?? [])
  const verdict = await judge({
    anchors: [await forgeCa(root, root)],
    pool: [await forgeCa(root, sub, { edits: { [nc.id]: nc } })],
    leaf: await forgeLeaf(sub, subject, { names }),
  })
  return verdict.code
}

const octets = (...values: readonly number[]): Uint8Array => Uint8Array.from(values)
const v4 = octets(192, 0, 2, 1)
const v6 = octets(0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
const range4 = octets(192, 0, 2, 0, 255, 255, 255, 0)
const range6 = Buffer.concat([
  v6.subarray(0, 8),
  new Uint8Array(8),
  new Uint8Array(8).fill(255),
  new Uint8Array(8),
])
const org = (organizationName: string): Uint8Array => directoryName(writeName({ organizationName }))
const clerk: Party = {
  ...party('x'),
  name: writeName({ organizationName: '人社局', commonName: '甲' }),
}

type Row = readonly [string, readonly Uint8Array[], readonly Uint8Array[], string, Party?]

const permitted: readonly Row[] = [
  ['the DNS name itself', [dnsName('example.com')], [dnsName('example.com')], 'passed'],
  ['a name below it', [dnsName('a.b.Example.com')], [dnsName('example.COM')], 'passed'],
  [
    'a name that only ends alike',
    [dnsName('not-example.com')],
    [dnsName('example.com')],
    'name_not_permitted',
  ],
  [
    'one of two names outside',
    [dnsName('example.com'), dnsName('example.org')],
    [dnsName('example.com')],
    'name_not_permitted',
  ],
  ['a wildcard below it', [dnsName('*.example.com')], [dnsName('example.com')], 'passed'],
  [
    'a wildcard above it',
    [dnsName('*.example.com')],
    [dnsName('foo.example.com')],
    'name_not_permitted',
  ],
  ['every name for the empty constraint', [dnsName('example.org')], [dnsName('')], 'passed'],
  ['an address in the range', [ipName(v4)], [ipName(range4)], 'passed'],
  ['an address outside', [ipName(octets(192, 0, 3, 1))], [ipName(range4)], 'name_not_permitted'],
  ['IPv6 in the range', [ipName(v6)], [ipName(range6)], 'passed'],
  ['IPv6 where only IPv4 is permitted', [ipName(v6)], [ipName(range4)], 'name_not_permitted'],
  ['the mailbox itself', [emailName('a@example.com')], [emailName('a@EXAMPLE.com')], 'passed'],
  [
    'a mailbox that differs in case',
    [emailName('A@example.com')],
    [emailName('a@example.com')],
    'name_not_permitted',
  ],
  ['a mailbox at the host', [emailName('a@example.com')], [emailName('example.com')], 'passed'],
  [
    'a mailbox at a host below',
    [emailName('a@mail.example.com')],
    [emailName('example.com')],
    'name_not_permitted',
  ],
  [
    'a mailbox in the domain',
    [emailName('a@mail.example.com')],
    [emailName('.example.com')],
    'passed',
  ],
  [
    'a mailbox at the domain itself',
    [emailName('a@example.com')],
    [emailName('.example.com')],
    'name_not_permitted',
  ],
  [
    'an asterisk that is only a character',
    [emailName('b@example.com')],
    [emailName('*@example.com')],
    'name_not_permitted',
  ],
  ['a URI at the host', [uriName('https://example.com:443/a')], [uriName('example.com')], 'passed'],
  [
    'a URI below the host',
    [uriName('https://a.example.com/')],
    [uriName('example.com')],
    'name_not_permitted',
  ],
  ['a URI in the domain', [uriName('https://a.example.com/')], [uriName('.example.com')], 'passed'],
  [
    'a URI without a host',
    [uriName('urn:zhengqiao:client:1')],
    [uriName('.example.com')],
    'name_constraint_unsupported',
  ],
  [
    'a URI with an address for a host',
    [uriName('https://192.0.2.1/')],
    [uriName('.example.com')],
    'name_constraint_unsupported',
  ],
  ['a subject in the subtree', [], [org('人社局')], 'passed', clerk],
  ['a subject outside the subtree', [], [org('公安局')], 'name_not_permitted', clerk],
  [
    'a directory name outside, subject inside',
    [org('公安局')],
    [org('人社局')],
    'name_not_permitted',
    clerk,
  ],
  [
    'names of a kind that is not constrained',
    [emailName('a@example.org')],
    [dnsName('example.com')],
    'passed',
  ],
  [
    'an other name where other names are constrained',
    [derContext(0, derOid('1.2.3'), derContext(0, derInteger(1)))],
    [derContext(0, derOid('1.2.3'), derContext(0, derInteger(1)))],
    'name_constraint_unsupported',
  ],
]

const excluded: readonly Row[] = [
  ['the name itself', [dnsName('bar.example.com')], [dnsName('bar.example.com')], 'name_excluded'],
  [
    'a wildcard that reaches it',
    [dnsName('*.example.com')],
    [dnsName('bar.example.com')],
    'name_excluded',
  ],
  ['a wildcard beside it', [dnsName('*.example.com')], [dnsName('bar.example.org')], 'passed'],
  [
    'a wildcard one label too short',
    [dnsName('*.example.com')],
    [dnsName('a.bar.example.com')],
    'passed',
  ],
  [
    'the second name',
    [dnsName('example.com'), dnsName('no.example.com')],
    [dnsName('no.example.com')],
    'name_excluded',
  ],
  ['an address in the range', [ipName(v4)], [ipName(range4)], 'name_excluded'],
  ['a subject in the subtree', [], [org('人社局')], 'name_excluded', clerk],
  ['an address elsewhere', [ipName(octets(198, 51, 100, 1))], [ipName(range4)], 'passed'],
]

const malformed: readonly (readonly [string, Uint8Array])[] = [
  ['a wildcard', dnsName('*.example.com')],
  ['a leading dot', dnsName('.example.com')],
  ['a mask with holes', ipName(octets(192, 0, 2, 0, 255, 0, 255, 0))],
  ['an address without mask', ipName(v4)],
  ['a URI instead of its host', uriName('https://example.com')],
]

describe('name constraints', () => {
  for (const [title, names, bases, code, subject] of permitted) {
    it(`permitted: ${title}`, async () => {
      expect(await verdictOf(names, { permitted: bases }, subject)).toBe(code)
    })
  }

  for (const [title, names, bases, code, subject] of excluded) {
    it(`excluded: ${title}`, async () => {
      expect(await verdictOf(names, { excluded: bases }, subject)).toBe(code)
    })
  }

  it.each(malformed)('a constraint must be well-formed: %s', async (_, base) => {
    expect(await verdictOf([dnsName('example.com')], { permitted: [base] })).toBe(
      'name_constraints_malformed',
    )
  })

  it('refuses minimum and maximum', async () => {
    const [root, leaf] = [party('root'), party('leaf')]
    const tree = derSequence(dnsName('example.com'), derContextPrimitive(1, Uint8Array.of(2)))
    const value = derSequence(derContext(0, tree))
    const edits = { [oid.nameConstraints]: { id: oid.nameConstraints, critical: true, value } }
    const anchors = [await forgeCa(root, root, { edits })]
    const der = await forgeLeaf(root, leaf, { names: [dnsName('example.com')] })
    expect((await judge({ leaf: der, anchors })).code).toBe('name_constraints_malformed')
  })

  it('applies mail constraints to the subject where no alternative mailbox stands', async () => {
    const address = derSequence(
      derOid(oid.emailAddress),
      derString(derTag.ia5String, 'a@example.org'),
    )
    const subject = { ...party('x'), name: derSequence(derSetOf(address)) }
    const rules = { permitted: [emailName('example.com')] }
    expect(await verdictOf([dnsName('example.com')], rules, subject)).toBe('name_not_permitted')
    const inside = { permitted: [emailName('example.org')] }
    expect(await verdictOf([dnsName('example.com')], inside, subject)).toBe('passed')
  })

  it('does not let an internationalised mailbox slip past mail constraints', async () => {
    const value = derContext(0, derString(derTag.utf8String, '张三@example.com'))
    const mailbox = derContext(0, derOid('1.3.6.1.5.5.7.8.9'), value)
    const rules = { permitted: [emailName('example.com')] }
    expect(await verdictOf([mailbox], rules)).toBe('name_constraint_unsupported')
    expect(await verdictOf([mailbox], { excluded: [emailName('example.org')] })).toBe(
      'name_constraint_unsupported',
    )
    expect(await verdictOf([mailbox], { permitted: [dnsName('example.com')] })).toBe('passed')
  })

  it('lets each CA narrow what the one above permits, never widen it', async () => {
    const [root, sub, leaf] = [party('root'), party('sub'), party('leaf')]
    const limit = (name: string) => {
      const nc = constraints([dnsName(name)], [])
      return { edits: { [nc.id]: nc } }
    }
    const run = async (above: string, below: string, name: string): Promise<string> => {
      const verdict = await judge({
        anchors: [await forgeCa(root, root, limit(above))],
        pool: [await forgeCa(root, sub, limit(below))],
        leaf: await forgeLeaf(sub, leaf, { names: [dnsName(name)] }),
      })
      return verdict.code
    }
    expect(await run('example.com', 'a.example.com', 'x.a.example.com')).toBe('passed')
    expect(await run('example.com', 'a.example.com', 'b.example.com')).toBe('name_not_permitted')
    expect(await run('a.example.com', 'example.com', 'b.example.com')).toBe('name_not_permitted')
  })

  it('does not judge self-issued CAs on the way, but a self-issued leaf', async () => {
    const root = party('root')
    const rolled = { ...party('x'), name: root.name }
    const nc = constraints([org('人社局')], [])
    const edits = { [nc.id]: nc }
    const anchors = [await forgeCa(root, root, { edits })]
    const pool = [await forgeCa(root, rolled)]
    const inside = await judge({ anchors, pool, leaf: await forgeLeaf(rolled, clerk) })
    expect(inside.code).toBe('passed')
    expect((await judge({ anchors, leaf: await forgeLeaf(root, rolled) })).code).toBe(
      'name_not_permitted',
    )
  })
})
