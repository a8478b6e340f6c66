import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { canonicalJson } from '../../src/crypto/canonical-json.ts'
import { digestText } from '../../src/crypto/digest.ts'
import type { JsonValue } from '../../src/crypto/json-value.ts'
import { loadCosigner } from '../../src/crypto/sign-note.ts'
import type { Report } from '../../src/verification/report.ts'
import { openVerificationTrust } from '../../src/verification/verification-trust.ts'
import { verifyArtefact } from '../../src/verification/verify-artefact.ts'
import {
  aNoteSigner,
  at,
  makeAnswer,
  makeCity,
  makeCredentialText,
  makeReceipt,
  reencoded,
} from './verification-world.ts'
import { generateKeyPairSync } from 'node:crypto'

const city = await makeCity()
const signer = await city.issue()
const log = aNoteSigner()
const folder = await city.trust([log])
const trust = openVerificationTrust(folder)
const sdJwt = await makeCredentialText(signer)
const answer = await makeAnswer([log], sdJwt)

const verify = (
  file: JsonValue | Buffer,
  changes: Partial<Parameters<typeof verifyArtefact>[1]> = {},
): Report =>
  verifyArtefact(Buffer.isBuffer(file) ? file : Buffer.from(JSON.stringify(file)), {
    trust,
    at,
    ...changes,
  })
const statusOf = (report: Report, code: string) =>
  report.checks.find((check) => check.code === code)?.status

it('passes an answer with its receipt and verifies the credential inside', () => {
  const report = verify(Buffer.from(answer.text))
  expect(report).toMatchObject({ verdict: 'TOTAL_PASSED', artefact: 'receipt' })
  expect(report.facts).toMatchObject({ log: 'gateway.example/node-1', index: 3, treeSize: 5 })
  expect(report.parts).toMatchObject([
    {
      pointer: '/materials/0/licence/sdJwt',
      report: { verdict: 'TOTAL_PASSED', facts: { keyCustody: 'gateway' } },
    },
  ])
  expect(report.parts?.[0]?.report.messageZh).toContain('签发密钥由网关代管')
  expect(report.messageZh).toContain('开发日志')
})

it.each([
  ['the receipt alone', { receipt: answer.receipt }],
  ['a bare receipt', answer.receipt],
  ['a receipt file with members in another order', { receipt: answer.receipt, data: answer.data }],
])('passes %s', (_, file) => {
  expect(verify(file).verdict).toBe('TOTAL_PASSED')
})

it('passes a filed refusal, whose digest covers the problem without the receipt', async () => {
  const problem = {
    type: `x/problems/case_required`,
    status: 412,
    code: 'case_required',
    title: '须先登记办件',
  }
  const receipt = await makeReceipt([log], { decision: 'denied' }, problem)
  expect(verify({ ...problem, receipt }).verdict).toBe('TOTAL_PASSED')
  expect(verify({ ...problem, status: 200, receipt }).verdict).toBe('TOTAL_FAILED')
})

it('verifies the receipt that an answer holds as its data', async () => {
  const inner = await makeReceipt([log])
  const outer = await makeReceipt([log], {}, { ...inner })
  expect(verify({ data: inner, receipt: outer })).toMatchObject({
    verdict: 'TOTAL_PASSED',
    parts: [{ pointer: '', report: { artefact: 'receipt', verdict: 'TOTAL_PASSED' } }],
  })
  const forged = { ...inner, no: answer.receipt.no }
  const receipt = await makeReceipt([log], {}, forged)
  expect(verify({ data: forged, receipt })).toMatchObject({
    verdict: 'TOTAL_FAILED',
    parts: [{ report: { verdict: 'TOTAL_FAILED' } }],
  })
})

it('fails when any bit of an answer with its receipt is flipped', () => {
  const bytes = Buffer.from(answer.text)
  const wrong: string[] = []
  for (let offset = 0; offset < bytes.length; offset += 5) {
    for (const bit of [0x01, 0x20, 0x80]) {
      const flipped = Buffer.from(bytes)
      flipped.writeUInt8(flipped.readUInt8(offset) ^ bit, offset)
      const { verdict } = verifyArtefact(flipped, { trust, at })
      if (verdict !== 'TOTAL_FAILED') wrong.push(`${String(offset)}/${String(bit)} ${verdict}`)
    }
  }
  expect(wrong).toEqual([])
})

it('fails when any bit of a receipt alone is flipped', () => {
  const bytes = Buffer.from(JSON.stringify(answer.receipt))
  const wrong: string[] = []
  for (let offset = 0; offset < bytes.length; offset++) {
    for (const bit of [0x01, 0x04, 0x40]) {
      const flipped = Buffer.from(bytes)
      flipped.writeUInt8(flipped.readUInt8(offset) ^ bit, offset)
      const { verdict } = verifyArtefact(flipped, { trust, at })
      if (verdict !== 'TOTAL_FAILED') wrong.push(`${String(offset)}/${String(bit)} ${verdict}`)
    }
  }
  expect(wrong).toEqual([])
})

const { receipt } = answer
it.each([
  ['another number', { ...receipt, no: 'ABCDEFGHJKMN0' }, 'receipt_number'],
  ['a lower-case number', { ...receipt, no: receipt.no.toLowerCase() }, 'receipt_number'],
  ['another salt', { ...receipt, salt: randomBytes(32).toString('base64url') }, 'inclusion'],
  ['a short salt', { ...receipt, salt: randomBytes(31).toString('base64url') }, 'receipt_format'],
  [
    'a changed event',
    { ...receipt, event: reencoded(receipt.event, (text) => text.replace('allowed', 'denied')) },
    'inclusion',
  ],
  [
    'an event with a space',
    { ...receipt, event: reencoded(receipt.event, (text) => text.replace(',', ', ')) },
    'event_canonical',
  ],
  [
    'an event that is a list',
    { ...receipt, event: reencoded(receipt.event, () => '[]') },
    'event_canonical',
  ],
  [
    'another place',
    { ...receipt, proof: receipt.proof.replace('index 3', 'index 2') },
    'inclusion',
  ],
  [
    'a larger tree',
    { ...receipt, proof: receipt.proof.replace('\n5\n', '\n6\n') },
    'checkpoint_signature',
  ],
  [
    'another log',
    { ...receipt, proof: receipt.proof.replace('node-1', 'node-2') },
    'checkpoint_signature',
  ],
  [
    'a further hash',
    { ...receipt, proof: receipt.proof.replace('index 3\n', `index 3\n${'A'.repeat(43)}=\n`) },
    'inclusion',
  ],
  [
    'no signature',
    { ...receipt, proof: receipt.proof.slice(0, receipt.proof.indexOf('— ')) },
    'checkpoint_signature',
  ],
  ['a number as proof', { ...receipt, proof: 1 }, 'receipt_format'],
  ['a further member', { ...receipt, more: 1 }, 'receipt_format'],
])('fails a receipt with %s', (_, changed, code) => {
  const report = verify({ receipt: changed })
  expect(report.verdict).toBe('TOTAL_FAILED')
  expect(statusOf(report, code)).toBe('failed')
})

it('fails a number that the event does not carry', async () => {
  const other = await makeReceipt([log])
  const report = verify({ receipt: { ...receipt, no: other.no } })
  expect(statusOf(report, 'event_number')).toBe('failed')
})

it.each([
  ['data that was not answered', { data: { a: 1 } }],
  ['an unknown member', { data: answer.data, more: 1 }],
])('fails a receipt with %s', (_, rest) => {
  expect(verify({ receipt, ...rest }).verdict).toBe('TOTAL_FAILED')
})

it('fails data for which the event holds no digest', async () => {
  expect(verify({ receipt: await makeReceipt([log]), data: {} }).verdict).toBe('TOTAL_FAILED')
})

it('refuses JSON with a repeated member', () => {
  const text = answer.text.replace('{"data":', '{"data":{},"data":')
  expect(verify(Buffer.from(text)).verdict).toBe('TOTAL_FAILED')
})

it('fails an answer whose event leaves out a field that was disclosed', async () => {
  const { data, receipt: silent } = await makeAnswer([log], sdJwt, { listed: ['sex'] })
  const report = verify({ data, receipt: silent })
  expect(report).toMatchObject({
    verdict: 'TOTAL_FAILED',
    subIndication: 'SIG_CONSTRAINTS_FAILURE',
  })
  expect(statusOf(report, 'licences_listed')).toBe('failed')
})

it('fails a replay, too, whose event does not list what it discloses', async () => {
  const silent = await makeReceipt([log], { action: 'replay' }, answer.data)
  const report = verify({ data: answer.data, receipt: silent })
  expect(statusOf(report, 'licences_listed')).toBe('failed')
  expect(report.verdict).toBe('TOTAL_FAILED')
})

it.each([
  ['differs', { number: '370299190001010023', sex: '男' }],
  ['was not disclosed', { number: '370299190001010015', holders: [] }],
])('fails an answer in which a plain field %s from the credential', async (_, fields) => {
  const { data, receipt: other } = await makeAnswer([log], sdJwt, { fields })
  const report = verify({ data, receipt: other })
  expect(statusOf(report, 'fields_match')).toBe('failed')
  expect(report.verdict).toBe('TOTAL_FAILED')
})

it('fails an answer whose credential is false although the receipt is right', async () => {
  const stranger = await city.issue({ uri: 'https://gateway.example/issuers/11370299003700010A' })
  const { data, receipt: own } = await makeAnswer([log], await makeCredentialText(stranger))
  const report = verify({ data, receipt: own })
  expect(report).toMatchObject({
    verdict: 'TOTAL_FAILED',
    parts: [{ report: { verdict: 'TOTAL_FAILED' } }],
  })
  expect(statusOf(report, 'checkpoint_signature')).toBe('passed')
})

it('is undecided about a log whose key nobody has named', () => {
  const unknown = openVerificationTrust({ ...folder, noteKeys: [] })
  const report = verify({ receipt }, { trust: unknown })
  expect(report).toMatchObject({
    verdict: 'INDETERMINATE',
    subIndication: 'NO_SIGNING_CERTIFICATE_FOUND',
  })
})

it('fails a checkpoint that a stranger signed in the log’s name', async () => {
  const forged = await makeReceipt([aNoteSigner()])
  expect(verify({ receipt: forged })).toMatchObject({
    verdict: 'TOTAL_FAILED',
    subIndication: 'SIG_CRYPTO_FAILURE',
  })
})

it('does not let one trusted log sign for another', async () => {
  const other = aNoteSigner('gateway.exam')
  const both = openVerificationTrust(await city.trust([log, other]))
  const forged = await makeReceipt([other])
  expect(verify({ receipt: forged }, { trust: both }).verdict).toBe('TOTAL_FAILED')
})

const aWitness = () => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return loadCosigner('witness.example', pem, () => 1_780_000_000)
}

it('shows when a witness has seen the checkpoint, and asks for it once one is known', async () => {
  const witness = aWitness()
  const known = openVerificationTrust(await city.trust([log, witness]))
  const seen = await makeReceipt([log, witness])
  const report = verify({ receipt: seen }, { trust: known })
  expect(report.verdict).toBe('TOTAL_PASSED')
  expect(report.facts['cosigned']).toEqual([
    { witness: 'witness.example', at: new Date(1_780_000_000_000).toISOString() },
  ])
  expect(verify({ receipt }, { trust: known })).toMatchObject({
    verdict: 'INDETERMINATE',
    subIndication: 'NO_POE',
  })
})

it('is undecided without a cosignature when the policy requires one', () => {
  const policy = { levels: {}, witness: 'required' } as const
  expect(verify({ receipt }, { policy }).verdict).toBe('INDETERMINATE')
})

it('fails a checkpoint with a wrong cosignature of a known witness', async () => {
  const witness = aWitness()
  const impostor = { ...aWitness(), key: witness.key }
  const known = openVerificationTrust(await city.trust([log, witness]))
  const seen = await makeReceipt([log, impostor])
  expect(verify({ receipt: seen }, { trust: known }).verdict).toBe('TOTAL_FAILED')
})

it('does not count a witness as the log itself', async () => {
  const witness = aWitness()
  const known = openVerificationTrust(await city.trust([log, witness]))
  const unsigned = await makeReceipt([witness])
  expect(verify({ receipt: unsigned }, { trust: known }).verdict).toBe('TOTAL_FAILED')
})

it('checks an SM3 digest of the answer as well', async () => {
  const data = { a: 1 }
  const responseDigest = digestText('sm3', canonicalJson(data))
  const other = await makeReceipt([log], { responseDigest })
  expect(verify({ data, receipt: other }).verdict).toBe('TOTAL_PASSED')
  expect(verify({ data: { a: 2 }, receipt: other }).verdict).toBe('TOTAL_FAILED')
})
