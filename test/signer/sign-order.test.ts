import { createPublicKey, randomBytes } from 'node:crypto'
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requestSignatures } from '../../src/client/request-signatures.ts'
import { signStandingOrder, type StandingOrderTerms } from '../../src/client/sign-standing-order.ts'
import { credentialHeader } from '../../src/crypto/issue-sd-jwt.ts'
import { leafHash, rootOf } from '../../src/crypto/merkle.ts'
import { verifySignature } from '../../src/crypto/verify-signature.ts'
import { makeCredential } from '../../src/licences/make-credential.ts'
import type { Credential } from '../../src/licences/credential.ts'
import { orderOf, type StoredOrder } from '../../src/stock/batch.ts'
import { SignerRefusedError } from '../../src/stock/signer-refused-error.ts'
import type { RowToSign, SigningOrder } from '../../src/stock/stock-deps.ts'
import { initSignerFolder } from '../../src/signer/signer-folder.ts'
import { type RunningSigner, startSigner } from '../../src/signer/start-signer.ts'
import { toPem } from '../../src/trust/pem.ts'
import { base, departments, type Leaf, signedRelease, testAuthority } from '../stock/stock-world.ts'

const now = new Date('2026-11-23T02:00:00Z')
const batchId = '0190b8f0-0000-7000-8000-000000000001'
const issuerCode = departments['social-security']

let dir: string
let own: Leaf
let steward: Leaf
let stranger: Leaf
let signer: RunningSigner
const outcomes: string[] = []

beforeAll(async () => {
  const authority = await testAuthority()
  own = await authority.issue('licenceSigning', `${base}/issuers/${issuerCode}`)
  steward = await authority.issue('client', 'urn:zhengqiao:client:steward-2')
  stranger = await authority.issue('client', 'urn:zhengqiao:client:stranger')
  dir = await mkdtemp(join(tmpdir(), 'signer-'))
  await initSignerFolder(dir, {
    keyPem: own.pem,
    chainPem: own.chain.map((der) => toPem('CERTIFICATE', der)).join(''),
    stewards: [{ name: 'steward-2', der: steward.chain[0] ?? new Uint8Array() }],
  })
  signer = await startSigner({
    dir,
    port: 0,
    now: () => now,
    onOutcome: (outcome) => outcomes.push(outcome),
  })
})
afterAll(async () => {
  await signer.close()
  await rm(dir, { recursive: true })
})

const aCredential = (place: number, issuer: string = issuerCode): Credential =>
  makeCredential(
    { base, digestName: 'sha-256', header: credentialHeader('ES256', own.chain) },
    {
      licenceId: `0190b8f0-0000-7000-8000-${String(place).padStart(12, '0')}`,
      typeCode: '11370299003700010A001',
      catalogueVersion: 1,
      version: '001',
      issuerCode: issuer,
      iat: 1_795_399_200,
      issuedAt: '2018-06-12',
      validFrom: '2018-06-12',
      validTo: null,
      trustLevel: 'A',
    },
    {
      identifier: 'identifier',
      number: String(place),
      holders: [{ kind: 'person', idType: '111', id: '1', name: '测试' }],
      surface: { name: '测试' },
    },
    randomBytes,
  ).credential

const rowsOf = (credentials: readonly Credential[]): readonly RowToSign[] =>
  credentials.map((credential, at) => ({ chunk: 1, line: at + 1, ...credential }))

const threeRows = () => rowsOf([aCredential(1), aCredential(2), aCredential(3)])

const bodyOf = (rows: readonly RowToSign[]) => ({
  root: Buffer.from(
    rootOf(rows.map(({ signingInput }) => leafHash(Buffer.from(signingInput)))),
  ).toString('base64url'),
  rows: rows.length,
})

const orderFor = async (rows: readonly RowToSign[], by = steward): Promise<StoredOrder> =>
  orderOf(await signedRelease(by, batchId, bodyOf(rows)))

async function* each(rows: readonly RowToSign[]): AsyncGenerator<RowToSign> {
  yield* rows
}

const sign = async (order: StoredOrder, rows: readonly RowToSign[]) => {
  const signatures: Uint8Array[] = []
  const answer = requestSignatures(signer.url, { order }, each(rows), new AbortController().signal)
  for await (const { signature } of answer) signatures.push(signature)
  return signatures
}

const listed = () => readFile(join(dir, 'signed.ndjson'), 'utf8').catch(() => '')

const expectRefusal = async (
  code: string,
  order: StoredOrder,
  rows: readonly RowToSign[],
): Promise<void> => {
  const before = await listed()
  const refusal = await sign(order, rows).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(SignerRefusedError)
  expect(refusal).toMatchObject({ code })
  expect(await listed()).toBe(before)
}

describe('a department’s signer', () => {
  it('signs what its steward ordered, after the order stands in its own list', async () => {
    const rows = threeRows()
    const signatures = await sign(await orderFor(rows), rows)
    const spki = createPublicKey(own.pem).export({ type: 'spki', format: 'der' })
    for (const [at, signature] of signatures.entries()) {
      const bytes = Buffer.from(rows[at]?.signingInput ?? '')
      expect(
        verifySignature({
          alg: 'ES256',
          spki,
          bytes,
          signature,
        }),
      ).toBe(true)
    }
    expect(signatures).toHaveLength(3)
    const lines = (await listed()).trimEnd().split('\n')
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ batchId, ...bodyOf(rows) })
  })

  it('signs the same order again without listing it twice', async () => {
    const rows = threeRows()
    const order = await orderFor(rows)
    await sign(order, rows)
    const before = await listed()
    expect(await sign(order, rows)).toHaveLength(3)
    expect(await listed()).toBe(before)
  })

  it('remembers the order after a restart, and a list that a crash cut off stays readable', async () => {
    const rows = threeRows()
    const order = await orderFor(rows)
    await sign(order, rows)
    const before = await listed()
    await appendFile(join(dir, 'signed.ndjson'), '{"at":"20')
    await signer.close()
    signer = await startSigner({ dir, port: 0, now: () => now })
    await sign(order, rows)
    expect(await listed()).toBe(`${before}{"at":"20\n`)
  })

  it('refuses an order of somebody who is not its steward', async () => {
    const rows = threeRows()
    await expectRefusal('steward_unknown', await orderFor(rows, stranger), rows)
  })

  it('refuses an order whose signature, body, base or certificate was changed in one bit', async () => {
    const rows = threeRows()
    const order = await orderFor(rows)
    const flip = (base64url: string) => {
      const bytes = Buffer.from(base64url, 'base64url')
      bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1)
      return bytes.toString('base64url')
    }
    const wrong = { ...order, signature: flip(order.signature) }
    await expectRefusal('order_signature', wrong, rows)
    await expectRefusal('order_digest', { ...order, body: flip(order.body) }, rows)
    await expectRefusal('steward_unknown', { ...order, certificate: flip(order.certificate) }, rows)
    const base = order.signatureBase.replace('"@method": POST', '"@method": PUT')
    await expectRefusal('order_signature', { ...order, signatureBase: base }, rows)
  })

  it('refuses an order for anything but the release of a batch', async () => {
    const rows = threeRows()
    const signed = await signedRelease(steward, `${batchId}/release?x=`, bodyOf(rows))
    await expectRefusal('order_not_a_release', orderOf(signed), rows)
  })

  it('refuses an order that is a week old', async () => {
    const rows = threeRows()
    const old = await signedRelease(
      steward,
      batchId,
      bodyOf(rows),
      new Date('2026-11-15T02:00:00Z'),
    )
    await expectRefusal('order_too_old', orderOf(old), rows)
  })

  it('refuses rows other than those whose root was ordered', async () => {
    const rows = threeRows()
    const order = await orderFor(rows)
    await expectRefusal('rows_mismatch', order, rows.slice(1))
    const others = threeRows().map((row) => ({ ...row, line: row.line + 3 }))
    await expectRefusal('rows_mismatch', order, [...rows, ...others])
    await expectRefusal('root_mismatch', order, threeRows())
    await expectRefusal('row_order', order, [...rows].reverse())
  })

  it('refuses another department, another header and disclosures that do not fit', async () => {
    const other = rowsOf([aCredential(1, departments.police)])
    await expectRefusal('row_issuer', await orderFor(other), other)
    const [row] = rowsOf([aCredential(1)])
    if (row === undefined) throw new Error('no row')
    const reheaded = [
      { ...row, signingInput: `eyJhbGciOiJub25lIn0.${row.signingInput.split('.')[1] ?? ''}` },
    ]
    await expectRefusal('row_header', await orderFor(reheaded), reheaded)
    const fewer = [{ ...row, disclosures: row.disclosures.slice(1) }]
    await expectRefusal('row_disclosures', await orderFor(fewer), fewer)
    const payload = JSON.parse(
      Buffer.from(row.signingInput.split('.')[1] ?? '', 'base64url').toString(),
    ) as object
    const extended = Buffer.from(JSON.stringify({ ...payload, admin: true })).toString('base64url')
    const more = [{ ...row, signingInput: `${row.signingInput.split('.')[0] ?? ''}.${extended}` }]
    await expectRefusal('row_malformed', await orderFor(more), more)
  })

  it('refuses what is no order at all, and every other address', async () => {
    const send = (path: string, body: string) =>
      new Promise<{ status: number; body: string }>((resolve, reject) => {
        const sent = request(`${signer.url}${path}`, { method: 'POST' }, (response) => {
          text(response).then(
            (answer) => {
              resolve({ status: response.statusCode ?? 0, body: answer })
            },
            (error: unknown) => {
              reject(error instanceof Error ? error : new Error('no body'))
            },
          )
        })
        sent.on('error', reject)
        sent.end(body)
      })
    for (const body of ['', 'x', '{}', '{"order":{}}', '{"order":{},"order":{}}\n']) {
      expect(await send('/sign', body)).toMatchObject({ status: 422 })
    }
    expect(await send('/keys', '')).toMatchObject({ status: 404 })
  })

  it('leaves no rows behind in its spool', async () => {
    expect(await readdir(join(dir, 'spool'))).toEqual([])
  })
})

describe('single issues under a standing order', () => {
  const until = '2026-12-31'
  const typeCode = '11370299003700010A001'
  const standing = async (
    changes: Partial<StandingOrderTerms> = {},
    by = steward,
  ): Promise<SigningOrder> => {
    const terms = { issuer: issuerCode, types: [typeCode], maxPerDay: 3, until, ...changes }
    return {
      standingOrder: {
        jws: await signStandingOrder(by.signer, terms),
        certificate: Buffer.from(by.chain[0] ?? []).toString('base64url'),
      },
    }
  }
  const signUnder = async (order: SigningOrder, rows: readonly RowToSign[]) => {
    const signatures: Uint8Array[] = []
    const answer = requestSignatures(signer.url, order, each(rows), new AbortController().signal)
    for await (const { signature } of answer) signatures.push(signature)
    return signatures
  }
  const expectCode = async (code: string, order: SigningOrder, rows = rowsOf([aCredential(1)])) => {
    const before = await listed()
    await expect(signUnder(order, rows)).rejects.toMatchObject({ code })
    expect(await listed()).toBe(before)
  }

  it('are signed after each stands in the list, and no more a day than it says', async () => {
    const order = await standing()
    expect(await signUnder(order, threeRows().slice(0, 2))).toHaveLength(2)
    const last = (await listed()).trimEnd().split('\n').slice(-2)
    expect(last.map((line): unknown => JSON.parse(line))).toMatchObject([
      { day: '2026-11-23', licenceId: '0190b8f0-0000-7000-8000-000000000001' },
      { day: '2026-11-23', licenceId: '0190b8f0-0000-7000-8000-000000000002' },
    ])
    await expectCode('order_used_up', order, threeRows().slice(0, 2))
    await signer.close()
    signer = await startSigner({ dir, port: 0, now: () => now })
    await expectCode('order_used_up', order, threeRows().slice(0, 2))
    expect(await signUnder(order, rowsOf([aCredential(3)]))).toHaveLength(1)
  })

  it('are refused for other types, departments, stewards, and after its end', async () => {
    await expectCode('row_type', await standing({ types: ['11370299003700010A002'] }))
    await expectCode('row_issuer', await standing({ issuer: departments.police }))
    await expectCode('steward_unknown', await standing({}, stranger))
    await expectCode('order_too_old', await standing({ until: '2026-11-22' }))
    await expectCode('rows_mismatch', await standing(), [])
    const changed = await standing()
    if (!('standingOrder' in changed)) throw new Error('no standing order')
    const [head = '', , tail = ''] = changed.standingOrder.jws.split('.')
    const more = Buffer.from(
      JSON.stringify({ issuer: issuerCode, types: [typeCode], maxPerDay: 9999, until }),
    ).toString('base64url')
    await expectCode('order_signature', {
      standingOrder: { ...changed.standingOrder, jws: [head, more, tail].join('.') },
    })
  })
})
