import { expect, it } from 'vitest'
import type { Report } from '../../src/verification/report.ts'
import { openVerificationTrust } from '../../src/verification/verification-trust.ts'
import { verifyArtefact } from '../../src/verification/verify-artefact.ts'
import { at, base, makeCity, makeCredentialText, uscc } from './verification-world.ts'

const city = await makeCity()
const signer = await city.issue()
const folder = await city.trust()
const trust = openVerificationTrust(folder)
const credential = await makeCredentialText(signer)

const verify = (
  text: string,
  changes: Partial<Parameters<typeof verifyArtefact>[1]> = {},
): Report => verifyArtefact(Buffer.from(text), { trust, at, ...changes })
const statusOf = (report: Report, code: string) =>
  report.checks.find((check) => check.code === code)?.status

it('passes a credential and says that its use is not shown', () => {
  const report = verify(credential)
  expect(report).toMatchObject({ verdict: 'TOTAL_PASSED', artefact: 'credential' })
  expect(report.subIndication).toBeUndefined()
  expect(report.messageZh).toContain('未载明由谁、因何事使用')
  expect(report.facts).toMatchObject({
    disclosed: ['number', 'sex'],
    keyCustody: 'unknown',
    claims: { number: '370299190001010015', sex: '男' },
  })
  expect(report.facts['claims']).not.toHaveProperty('holders')
  expect(statusOf(report, 'licence_status')).toBe('skipped')
})

it.each([
  ['a newline at the end', `${credential}\n`],
  ['no disclosure', `${credential.split('~')[0] ?? ''}~`],
  ['no tilde at all', credential.split('~')[0] ?? ''],
  ['fewer disclosures', `${credential.split('~').slice(0, 2).join('~')}~`],
])('passes a credential with %s', (_, text) => {
  expect(verify(text).verdict).toBe('TOTAL_PASSED')
})

it('fails when any bit of any character is flipped', () => {
  const bytes = Buffer.from(credential)
  const wrong: string[] = []
  for (let offset = 0; offset < bytes.length; offset += offset < 200 ? 1 : 7) {
    for (const bit of [0x01, 0x02, 0x20, 0x40, 0x80]) {
      const flipped = Buffer.from(bytes)
      flipped.writeUInt8(flipped.readUInt8(offset) ^ bit, offset)
      const { verdict } = verifyArtefact(flipped, { trust, at })
      if (verdict !== 'TOTAL_FAILED') wrong.push(`${String(offset)}/${String(bit)} ${verdict}`)
    }
  }
  expect(wrong).toEqual([])
})

const parts = credential.split('~')
const [jwt = '', number = '', sex = ''] = parts
it.each([
  ['a disclosure repeated', `${jwt}~${number}~${number}~`],
  ['a disclosure of another credential', `${jwt}~WyJhIiwiYiIsImMiXQ~`],
  ['a disclosure without its tilde', `${jwt}~${number}~${sex}`],
  ['a key binding that nobody asked for', `${jwt}~${number}~${jwt}`],
  ['the signature cut off', `${jwt.split('.').slice(0, 2).join('.')}.~${number}~`],
])('fails a credential with %s', (_, text) => {
  expect(verify(text).verdict).toBe('TOTAL_FAILED')
})

it('fails a credential that another department’s certificate signed', async () => {
  const other = await city.issue({ uri: `${base}/issuers/11370299003700010A` })
  const report = verify(await makeCredentialText(other))
  expect(report).toMatchObject({
    verdict: 'TOTAL_FAILED',
    subIndication: 'SIG_CONSTRAINTS_FAILURE',
  })
  expect(statusOf(report, 'issuer_binding')).toBe('failed')
})

it.each(['client', 'ledgerAttestation'] as const)(
  'fails a credential that a certificate for %s signed',
  async (profile) => {
    const other = await city.issue({ profile })
    expect(verify(await makeCredentialText(other)).verdict).toBe('TOTAL_FAILED')
  },
)

it('fails a credential whose certificate was revoked', async () => {
  const revoked = openVerificationTrust(await city.trust([], signer))
  const report = verify(credential, { trust: revoked })
  expect(report).toMatchObject({ verdict: 'TOTAL_FAILED', subIndication: 'REVOKED' })
})

it.each([
  ['nobody is trusted', { ...folder, anchors: [] }, 'NO_CERTIFICATE_CHAIN_FOUND'],
  ['revocation data is missing', { ...folder, crls: [] }, 'TRY_LATER'],
])('is undecided when %s', (_, without, subIndication) => {
  const report = verify(credential, { trust: openVerificationTrust(without) })
  expect(report).toMatchObject({ verdict: 'INDETERMINATE', subIndication })
})

it('is undecided when the revocation data is stale, and fails when the certificate is over', () => {
  expect(verify(credential, { at: new Date('2026-08-01T00:00:00Z') }).verdict).toBe('INDETERMINATE')
  expect(verify(credential, { at: new Date('2032-01-01T00:00:00Z') }).verdict).toBe('TOTAL_FAILED')
})

it('never believes an anchor that the credential itself brings', async () => {
  const stranger = await makeCity()
  const theirs = await stranger.issue()
  const chain = [...theirs.chain, stranger.root.certificate]
  const report = verify(await makeCredentialText({ ...theirs, chain }))
  expect(report.verdict).not.toBe('TOTAL_PASSED')
})

it('warns of a licence that has ended, and stays with the credential’s own verdict', async () => {
  const report = verify(await makeCredentialText(signer, { validTo: '2026-05-31' }))
  expect(report.verdict).toBe('TOTAL_PASSED')
  expect(statusOf(report, 'licence_validity')).toBe('warning')
  expect(report.messageZh).toContain('证照不在其有效期内')
})

it('fails a credential from the future', async () => {
  const report = verify(await makeCredentialText(signer, { iat: at.getTime() / 1000 + 3600 }))
  expect(report).toMatchObject({ verdict: 'TOTAL_FAILED', subIndication: 'NOT_YET_VALID' })
})

it.each([
  ['issued before its certificate', { iat: 1_500_000_000 }],
  ['of another type than it says', { typeCode: 'X' }],
  ['whose type is named elsewhere', { vct: 'https://other.example/vct/113702990037000297016/1' }],
  ['with a GB identifier as licence id', { licenceId: '1.2.156.3005.2.X' }],
  ['without trust level', { trustLevel: null }],
])('is undecided about a credential %s', async (_, changes) => {
  const report = verify(await makeCredentialText(signer, changes))
  expect(report).toMatchObject({
    verdict: 'INDETERMINATE',
    subIndication: 'SIG_CONSTRAINTS_FAILURE',
  })
})

it('is undecided about an algorithm that it cannot check, and does not call it wrong', async () => {
  const text = await makeCredentialText({ ...signer, alg: 'SM2-SM3' })
  expect(verify(text)).toMatchObject({
    verdict: 'INDETERMINATE',
    subIndication: 'CRYPTO_CONSTRAINTS_FAILURE',
  })
})

it('lets a policy turn a check into a warning', async () => {
  const text = await makeCredentialText(signer, { iat: 1_500_000_000 })
  const policy = { levels: { issue_within_certificate: 'WARN' }, witness: 'whenKnown' } as const
  const report = verify(text, { policy })
  expect(report.verdict).toBe('TOTAL_PASSED')
  expect(statusOf(report, 'issue_within_certificate')).toBe('warning')
})

it('names the department in the facts', () => {
  expect(verify(credential).facts['signer']).toMatchObject({
    subject: 'O=青岛市公安局',
    uris: [`${base}/issuers/${uscc}`],
  })
})
