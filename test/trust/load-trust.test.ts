import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addTrust } from '../../src/trust/add-trust.ts'
import { checkTrust } from '../../src/trust/check-trust.ts'
import { describeTrust } from '../../src/trust/describe-trust.ts'
import { emptyTrustFolder, loadTrust, mergeTrust } from '../../src/trust/load-trust.ts'
import { makeCrl } from '../../src/trust/make-crl.ts'
import { oid } from '../../src/trust/oid.ts'
import { toPem } from '../../src/trust/pem.ts'
import { createSignatureVerifier } from '../../src/trust/verify-signed.ts'
import { bare, date, forgeCa, forgeLeaf, judge, now, party } from './forge.ts'

const verifier = createSignatureVerifier()
const [root, sub, leaf] = [party('root'), party('sub'), party('leaf')]
const rootDer = await forgeCa(root, root)
const subDer = await forgeCa(root, sub)
const leafDer = await forgeLeaf(sub, leaf)
const times = { thisUpdate: date('2026-05-25T00:00:00Z'), nextUpdate: date('2026-06-25T00:00:00Z') }
const crl = await makeCrl({ issuer: root, number: 1, revoked: [], ...times })
const pem = (der: Uint8Array): string => toPem('CERTIFICATE', der)

const folderWith = async (
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'trust-'))
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  return folder
}

describe('a trust folder', () => {
  it('sorts by content, PEM or DER, whatever the names', async () => {
    const folder = await folderWith({
      'a.txt': pem(rootDer),
      'b.bin': subDer,
      'c.crl': crl,
      'd.crl.pem': toPem('X509 CRL', crl),
      'log.vkey': '\n gateway+12345678+abc \n',
      'notes.md': 'nothing',
      'broken.pem': pem(rootDer.subarray(0, 50)),
    })
    await mkdir(join(folder, 'inner'))
    const trust = await loadTrust(folder)
    expect(trust.anchors.map((der) => Buffer.from(der))).toEqual([Buffer.from(rootDer)])
    expect(trust.pool.map((der) => Buffer.from(der))).toEqual([Buffer.from(subDer)])
    expect(trust.crls).toHaveLength(2)
    expect(trust.noteKeys).toEqual(['gateway+12345678+abc'])
  })

  it('trusts nobody when it is empty', async () => {
    expect(await loadTrust(await folderWith({}))).toEqual(emptyTrustFolder)
    expect((await judge({ leaf: leafDer, pool: [subDer, rootDer] })).code).toBe('no_path')
  })

  it('takes a certificate that only names itself as issuer for no anchor', async () => {
    const impostor = { ...root, key: party('x').key }
    const self = await forgeCa(impostor, root)
    expect((await loadTrust(await folderWith({ 'x.pem': pem(self) }))).anchors).toEqual([])
  })

  it('limits an anchor to its purposes, and refuses a limit that it cannot read', async () => {
    const folder = await folderWith({ 'sub.pem': pem(subDer) })
    const purposes = ['client'] as const
    await addTrust({
      folder,
      fileName: 'r.pem',
      bytes: Buffer.from(pem(rootDer)),
      purposes,
      verifier,
    })
    const trust = await loadTrust(folder)
    const judgeFor = (purpose: string) =>
      judge({ leaf: leafDer, ...trust, policy: { ...bare, purposes: [purpose] } })
    expect((await judgeFor(oid.clientAuth)).verdict).toBe('passed')
    const other = await judgeFor(oid.licenceSigning)
    expect(other.findings.map(({ code }) => code)).toContain('anchor_purpose')
    await writeFile(join(folder, 'anchors.json'), '{"x":{}}')
    await expect(loadTrust(folder)).rejects.toThrow()
  })

  it('merges folders: an anchor that one of them does not limit is not limited', async () => {
    const limited = { ...emptyTrustFolder, anchors: [rootDer] }
    const folder = await folderWith({})
    const added = { folder, fileName: 'r.der', bytes: rootDer, verifier }
    await addTrust({ ...added, purposes: ['seal'] })
    const own = await loadTrust(folder)
    expect(Object.values(mergeTrust([own]).anchorPurposes ?? {})).toEqual([[oid.sealing]])
    expect(mergeTrust([own, limited]).anchorPurposes).toEqual({})
  })

  it('adds what a file holds once, and nothing from a file that holds nothing', async () => {
    const folder = join(await folderWith({}), 'new')
    const bytes = Buffer.from(pem(rootDer) + pem(subDer) + toPem('X509 CRL', crl))
    for (let times = 0; times < 2; times++) {
      const added = await addTrust({ folder, fileName: 'all.pem', bytes, purposes: [], verifier })
      expect(added.map(({ kind }) => kind)).toEqual(['anchor', 'certificate', 'crl'])
    }
    expect(await readdir(folder)).toHaveLength(3)
    expect(describeTrust(await loadTrust(folder)).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['CN=root', 'CN=sub']),
    )
    const nothing = { folder, fileName: 'x', bytes: Buffer.from('x'), purposes: [], verifier }
    expect(await addTrust(nothing)).toEqual([])
  })

  it('says what would not be believed today', async () => {
    const folder = { ...emptyTrustFolder, anchors: [rootDer], pool: [subDer], crls: [crl] }
    expect(checkTrust(folder, now, verifier)).toEqual([])
    const later = checkTrust(folder, date('2026-07-01T00:00:00Z'), verifier)
    expect(later.map(({ name }) => name)).toEqual(['CN=sub'])
    const over = checkTrust(folder, date('2041-01-01T00:00:00Z'), verifier)
    expect(over.map(({ name }) => name)).toEqual(['CN=root', 'CN=sub'])
  })
})
