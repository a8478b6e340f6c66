import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { formatVerifierKey } from '../../src/crypto/note-key.ts'
import { openPlainGmCrypto } from '../../src/crypto/provider/gm-crypto.ts'
import { sm2NoteSigner } from '../../src/crypto/sm2/sm2-signer.ts'
import { parseTlogProof } from '../../src/crypto/tlog-proof.ts'
import type { Receipt } from '../../src/ledger/filing.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { emptyTrustFolder } from '../../src/trust/load-trust.ts'
import { createSignatureVerifier } from '../../src/trust/verify-signed.ts'
import { openVerificationTrust } from '../../src/verification/verification-trust.ts'
import { verifyArtefact } from '../../src/verification/verify-artefact.ts'
import { testStore } from '../support/database.ts'
import { aFiling, aNoteSigner, gateway, ledgerWorld } from './ledger-world.ts'

const gm = openPlainGmCrypto()
const sm2 = sm2NoteSigner(gm.sm2, gm.sm2.generateKey(), gateway)
const ed25519 = aNoteSigner()
const world = ledgerWorld()

const judge = (receipt: Receipt, keys: readonly (typeof sm2)[]) => {
  const noteKeys = keys.map(({ key }) => formatVerifierKey(key))
  const trust = openVerificationTrust(
    { ...emptyTrustFolder, noteKeys },
    {
      certificateVerifier: createSignatureVerifier(gm.verifiers.verifyDer),
      signatures: gm.signatures,
    },
  )
  const at = new Date('2026-06-01T00:00:00Z')
  return verifyArtefact(Buffer.from(JSON.stringify({ receipt })), { trust, at })
}

it('keeps a log hashed with SM3 and signed with SM2 alone, whose receipts verify', async () => {
  const store = await testStore()
  const deps = {
    ...world.deps(store),
    noteSigners: [sm2],
    signatures: gm.signatures,
    digestName: 'sm3',
  } as const
  const ledger = await openLedger(deps)
  expect(ledger.origin()).toBe(`${gateway}/node-1+sm3`)
  const filed = await Promise.all(Array.from({ length: 40 }, () => ledger.file(aFiling())))
  for (const receipt of filed) {
    expect(judge(receipt, [sm2])).toMatchObject({ verdict: 'TOTAL_PASSED' })
    expect(await ledger.receipt(receipt.no)).toEqual(receipt)
  }
  const [first] = filed
  if (first === undefined) throw new Error('nothing was filed')
  const salt = randomBytes(32).toString('base64url')
  expect(judge({ ...first, salt }, [sm2])).toMatchObject({ verdict: 'TOTAL_FAILED' })
  const plain = { ...first, proof: first.proof.replace('+sm3', '') }
  expect(judge(plain, [sm2])).toMatchObject({ verdict: 'TOTAL_FAILED' })
  const note = ledger.checkpoint()
  await ledger.close()
  const again = await openLedger(deps)
  expect(again.checkpoint()).toBe(note)
  await again.close()
})

it('adds an SM2 line that old verifiers pass over and new ones check', async () => {
  const store = await testStore()
  const both = { noteSigners: [ed25519, sm2], signatures: gm.signatures }
  const ledger = await openLedger({ ...world.deps(store), ...both })
  const receipt = await ledger.file(aFiling())
  await ledger.close()
  const { checkpoint } = parseTlogProof(receipt.proof)
  expect(checkpoint.match(/^— gateway\.example /gm)).toHaveLength(2)
  for (const keys of [[ed25519], [sm2], [ed25519, sm2]])
    expect(judge(receipt, keys)).toMatchObject({ verdict: 'TOTAL_PASSED' })

  const lines = checkpoint.trimEnd().split('\n')
  const last = lines.at(-1) ?? ''
  const damaged = last.replace(/.{8}$/, (end) => (end.startsWith('A') ? 'BBBBBBB=' : 'AAAAAAA='))
  const forged = { ...receipt, proof: receipt.proof.replace(last, damaged) }
  expect(judge(forged, [ed25519])).toMatchObject({ verdict: 'TOTAL_PASSED' })
  expect(judge(forged, [ed25519, sm2])).toMatchObject({ verdict: 'TOTAL_FAILED' })
})
