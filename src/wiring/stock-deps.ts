import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { findOrganisationByUscc, listUsccsOf } from '../access/organisation-store.ts'
import type { CertificateId } from '../contract/ids.ts'
import type { Algorithms } from '../crypto/algorithms.ts'
import { loadOwnSigner } from '../crypto/load-own-signer.ts'
import type { Signer } from '../crypto/signer.ts'
import { fileOwnDeed } from '../ledger/file-own-deed.ts'
import { createJobs } from '../stock/jobs.ts'
import type { StockDeps } from '../stock/stock-deps.ts'
import { requestSignatures } from '../client/request-signatures.ts'
import { peopleOfMode } from './environment-of-mode.ts'
import { certificateIdOf } from '../crypto/certificate-id.ts'
import type { House } from './house.ts'
import { signingChainJudge } from './judge-signing-chain.ts'

/** The stock room with the keys that are in the gateway's custody. */
export const stockDeps = async (house: House): Promise<StockDeps> => {
  const { store, keys, clock, gateway, folder, logger, gm } = house
  const custody = await loadCustody(house.algorithms, folder.custody)
  return {
    store,
    keys,
    clock,
    randomBytes,
    base: gateway.publicUrl,
    findDepartment: async (uscc) => findOrganisationByUscc(store.db, uscc),
    issuersOf: (organisationId) => listUsccsOf(store.db, organisationId),
    judgeSigningChain: signingChainJudge(house),
    isStewardGood: (certificateId) => isStewardGood(house, certificateId),
    people: peopleOfMode(gateway.mode),
    jobs: createJobs({
      onError: (name, error) => {
        logger.error(
          { job: name, fault: error instanceof Error ? error.name : 'unknown' },
          'job failed',
        )
      },
    }),
    fileEvent: (tx, deed) =>
      fileOwnDeed({ ledger: house.ledger, db: store.db, clock, random: randomBytes }, tx, deed),
    custodySigner: (certificateId) => custody.get(certificateId),
    requestSignatures,
    signatures: gm.signatures,
    digestName: house.algorithms.digestName,
  }
}

const isStewardGood = async (
  { directory }: Pick<House, 'directory'>,
  certificateId: CertificateId,
): Promise<boolean> => {
  const client = await directory.clientOf(certificateId)
  if (client === undefined || client.certificateRevoked || client.suspended) return false
  if (client.operatorId === undefined || !client.roles.includes('S')) return false
  const operator = await directory.operator(client.operatorId)
  return operator?.suspended === false
}

/** The keys of departments that run no signer, by certificate id. */
const loadCustody = async (
  algorithms: Algorithms,
  dir: string,
): Promise<ReadonlyMap<string, Signer>> => {
  const folders = await readdir(dir).catch(() => [])
  const signers = await Promise.all(
    folders.map((name) =>
      loadOwnSigner(algorithms, join(dir, name, 'key.pem'), join(dir, name, 'chain.pem')),
    ),
  )
  return new Map(
    signers.flatMap((signer) =>
      signer.chain.slice(0, 1).map((leaf) => [certificateIdOf(leaf), signer] as const),
    ),
  )
}
