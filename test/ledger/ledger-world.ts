import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { asId, type CertificateId, type ClientId, type OperatorId } from '../../src/contract/ids.ts'
import type { ErrorCode } from '../../src/contract/error.ts'
import type { Deed } from '../../src/contract/endpoint.ts'
import { decodeBase64Url } from '../../src/crypto/base64url.ts'
import { parseCheckpoint } from '../../src/crypto/checkpoint.ts'
import { leafHash } from '../../src/crypto/merkle.ts'
import { openNote } from '../../src/crypto/open-note.ts'
import { loadNoteSigner, type NoteSigner } from '../../src/crypto/sign-note.ts'
import { parseTlogProof } from '../../src/crypto/tlog-proof.ts'
import { verifyInclusion } from '../../src/crypto/verify-merkle.ts'
import { makeEvent } from '../../src/ledger/event.ts'
import type { Filing, Receipt } from '../../src/ledger/filing.ts'
import { openLedger, type LedgerDeps } from '../../src/ledger/open-ledger.ts'
import { entryOf } from '../../src/ledger/prepare-filing.ts'
import { newReceiptNo } from '../../src/ledger/receipt-no.ts'
import { testDataKeys } from '../support/data-keys.ts'

export const gateway = 'gateway.example'
export const now = new Date('2018-11-30T01:02:03.456Z')

export const aNoteSigner = (name = gateway): NoteSigner => {
  const { privateKey } = generateKeyPairSync('ed25519')
  return loadNoteSigner(name, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
}

/** Data keys, a note key and a clock that does not move, for all ledgers of one test file. */
export const ledgerWorld = () => {
  const keys = testDataKeys()
  const signer = aNoteSigner()
  const faults: unknown[] = []
  const deps = (store: LedgerDeps['store']): LedgerDeps => ({
    store,
    keys,
    noteSigners: [signer],
    gateway,
    clock: { now: () => now },
    random: randomBytes,
    onFault: (error) => faults.push(error),
  })
  return {
    keys,
    signer,
    faults,
    deps,
    open: (store: LedgerDeps['store']) => openLedger(deps(store)),
  }
}

export type FilingChanges = Partial<Filing> & {
  readonly deed?: Partial<Deed>
  readonly clientId?: string
  readonly operatorId?: string
  readonly at?: Date
  readonly code?: ErrorCode
}

/** One check by a clerk, unless changed; every call has its own number and nonce. */
export const aFiling = (changes: FilingChanges = {}): Filing => {
  const { deed, clientId = 'clerk-city', operatorId, at = now, code, ...rest } = changes
  const no = rest.no ?? newReceiptNo(randomBytes)
  const exchange = {
    no,
    now: at,
    cityDate: '2018-11-30',
    deed: { action: 'case.check', decision: 'allowed' as const, ...deed },
    caller: {
      clientId: asId<ClientId>(clientId),
      certificateId: asId<CertificateId>('certificate'),
      operatorId: operatorId === undefined ? undefined : asId<OperatorId>(operatorId),
      operatorAsserted: true,
    },
    status: 200,
    responseDigest: 'sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
    ...(code === undefined ? {} : { code }),
  }
  return {
    ...makeEvent(exchange),
    no,
    nonce: aNonce(clientId),
    request: { signatureBase: '"@method": POST', signature: randomBytes(64), body: randomBytes(9) },
    ...rest,
  }
}

export const aNonce = (clientId = 'clerk-city') => ({
  clientId,
  nonce: randomBytes(16).toString('base64url'),
  keptUntil: new Date(now.getTime() + 240_000),
})

/** Checks a receipt with nothing but the log's public key; answers where the event stands. */
export const proved = (receipt: Receipt, signer: NoteSigner) => {
  const proof = parseTlogProof(receipt.proof)
  const { text, verified } = openNote(proof.checkpoint, [signer.key])
  const { origin, size, root } = parseCheckpoint(text)
  const opened = { event: decodeBase64Url(receipt.event), salt: decodeBase64Url(receipt.salt) }
  const leaf = leafHash(entryOf(opened))
  const isIncluded = verifyInclusion({ index: proof.index, size, leaf, path: proof.path, root })
  if (!isIncluded || verified.length === 0) throw new Error('the receipt does not verify')
  return { origin, index: proof.index, size }
}
