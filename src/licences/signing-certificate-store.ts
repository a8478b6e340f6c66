import type { Kysely, Selectable } from 'kysely'
import { asId, type CertificateId } from '../contract/ids.ts'
import { certificateIdOf } from '../crypto/certificate-id.ts'
import type { Database } from '../store/schema.ts'
import type { SigningCertificate } from './signing-certificate.ts'

/** A connection or an open transaction. */
export type LicenceDb = Kysely<Database>

/** Registers a department's signing certificate; the newest that is not retired signs. */
export const registerSigningCertificate = async (
  db: LicenceDb,
  certificate: Omit<SigningCertificate, 'certificateId'>,
  now: Date,
): Promise<CertificateId> => {
  const [leaf] = certificate.chain
  if (leaf === undefined) throw new RangeError('a chain begins with the certificate itself')
  const certificateId = certificateIdOf(leaf)
  await db
    .insertInto('signing_certificate')
    .values({
      certificate_id: certificateId,
      issuer_code: certificate.issuerCode,
      alg: certificate.alg,
      chain: certificate.chain.map((der) => Buffer.from(der)),
      key_custody: certificate.keyCustody,
      signer_url: certificate.signerUrl,
      not_after: certificate.notAfter,
      created_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return certificateId
}

/** Takes a department's other certificates out of use; what they signed stands. */
export const retireSigningCertificates = async (
  tx: LicenceDb,
  { issuerCode, except }: { readonly issuerCode: string; readonly except: CertificateId },
  now: Date,
): Promise<void> => {
  await tx
    .updateTable('signing_certificate')
    .set({ retired_at: now })
    .where('issuer_code', '=', issuerCode)
    .where('certificate_id', '<>', except)
    .where('retired_at', 'is', null)
    .execute()
}

/** A certificate by its id, retired ones included: old credentials still carry them. */
export const findSigningCertificate = async (
  db: LicenceDb,
  certificateId: string,
): Promise<SigningCertificate | undefined> => {
  const row = await db
    .selectFrom('signing_certificate')
    .selectAll()
    .where('certificate_id', '=', certificateId)
    .executeTakeFirst()
  return row === undefined ? undefined : toSigningCertificate(row)
}

/** The certificate under which a department signs now, whatever is left of its validity. */
export const findCurrentSigningCertificate = async (
  db: LicenceDb,
  issuerCode: string,
): Promise<SigningCertificate | undefined> => {
  const row = await db
    .selectFrom('signing_certificate')
    .selectAll()
    .where('issuer_code', '=', issuerCode)
    .where('retired_at', 'is', null)
    .orderBy('created_at', 'desc')
    .orderBy('certificate_id')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? undefined : toSigningCertificate(row)
}

const toSigningCertificate = (
  row: Selectable<Database['signing_certificate']>,
): SigningCertificate => ({
  certificateId: asId(row.certificate_id),
  issuerCode: asId(row.issuer_code),
  alg: row.alg === 'SM2-SM3' ? 'SM2-SM3' : 'ES256',
  chain: row.chain,
  keyCustody: row.key_custody,
  signerUrl: row.signer_url,
  notAfter: row.not_after,
})
