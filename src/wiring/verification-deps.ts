import { randomBytes } from 'node:crypto'
import { cityTimeOf } from '../contract/clock.ts'
import { asId, type LicenceId } from '../contract/ids.ts'
import { findReleasedLicences } from '../licences/licence-store.ts'
import { type PresentDeps, presentLicence } from '../licences/present-licence.ts'
import { findSigningCertificate } from '../licences/signing-certificate-store.ts'
import { findStockStatus } from '../licences/stock-status-store.ts'
import { loadTrust } from '../trust/load-trust.ts'
import { createSignatureVerifier } from '../trust/verify-signed.ts'
import type { Credential, VerificationDeps } from '../verification/routes.ts'
import { openVerificationTrust } from '../verification/verification-trust.ts'
import { verifyArtefact } from '../verification/verify-artefact.ts'
import type { House } from './house.ts'

/** Verification by the trust of the data folder, read anew each time: CRLs are replaced while we run. */
export const verificationDeps = (house: House): VerificationDeps => {
  const { algorithms, store, keys, clock, folder, gm } = house
  const certificateVerifier = createSignatureVerifier(gm.verifiers.verifyDer)
  return {
    db: store.db,
    keys,
    clock,
    randomBytes,
    digestName: algorithms.digestName,
    judge: async (bytes) => {
      const trust = await loadTrust(folder.trust, certificateVerifier)
      const options = { certificateVerifier, signatures: gm.signatures }
      return verifyArtefact(bytes, {
        trust: openVerificationTrust(trust, options),
        at: clock.now(),
      })
    },
    findCredential: (licenceId, number) => findCredential(house, asId(licenceId), number),
  }
}

const findCredential = async (
  { store: { db }, keys, gateway }: House,
  licenceId: LicenceId,
  number: string,
): Promise<Credential | undefined> => {
  const [stored] = await findReleasedLicences(db, [licenceId])
  if (stored === undefined) return undefined
  const present: PresentDeps = {
    base: gateway.publicUrl,
    keys,
    findReleased: () => Promise.resolve(stored),
    findCertificate: (certificateId) => findSigningCertificate(db, certificateId),
  }
  const { sdJwt, fields } = await presentLicence(present, licenceId, ['number'])
  if (fields['number'] !== number) return undefined
  const found = await findStockStatus(db, licenceId)
  if (found === undefined) return undefined
  return {
    sdJwt,
    disclosed: {
      ...found,
      licenceId,
      fields: ['number'],
      statusAsOf: cityTimeOf(found.statusAsOf),
    },
  }
}
