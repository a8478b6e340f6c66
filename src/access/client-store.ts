import { type Kysely, type Selectable, sql } from 'kysely'
import { type Role, roles } from '../contract/caller.ts'
import { asId, type CertificateId, type ClientId, type OrganisationId } from '../contract/ids.ts'
import type { Database } from '../store/schema.ts'
import { type ParsedClientCertificate, parseClientCertificate } from './client-certificate.ts'
import type { Client, KnownClient } from './client.ts'

export type AccessDb = Kysely<Database>

/** The client of a certificate, revoked and suspended ones included; undefined when not registered. */
export const findKnownClient = async (
  db: AccessDb,
  certificateId: CertificateId,
): Promise<KnownClient | undefined> => {
  const row = await db
    .selectFrom('client_certificate')
    .innerJoin('client', 'client.client_id', 'client_certificate.client_id')
    .selectAll('client')
    .select(['certificate_id', 'der', 'not_before', 'not_after', 'revoked_at'])
    .where('certificate_id', '=', certificateId)
    .executeTakeFirst()
  if (row === undefined) return undefined
  return {
    ...toClient(row),
    certificateId,
    certificateDer: row.der,
    spki: parseClientCertificate(row.der).spki,
    notBefore: row.not_before,
    notAfter: row.not_after,
    certificateRevoked: row.revoked_at !== null,
  }
}

export const findClient = async (db: AccessDb, clientId: ClientId): Promise<Client | undefined> => {
  const row = await db
    .selectFrom('client')
    .selectAll()
    .where('client_id', '=', clientId)
    .executeTakeFirst()
  return row === undefined ? undefined : toClient(row)
}

/** All clients of an organisation (of all, when undefined), by id. */
export const listClients = async (
  db: AccessDb,
  page: {
    readonly organisationId?: OrganisationId
    readonly after: string
    readonly limit: number
  },
): Promise<readonly Client[]> => {
  let query = db.selectFrom('client').selectAll().where('client_id', '>', page.after)
  if (page.organisationId !== undefined)
    query = query.where('organisation_id', '=', page.organisationId)
  const rows = await query.orderBy('client_id').limit(page.limit).execute()
  return rows.map(toClient)
}

/** Every client that is one person's, for the rule of separate duties; locks them. */
export const lockClientsOfOperator = async (
  tx: AccessDb,
  operatorId: string,
): Promise<readonly Client[]> => {
  const rows = await tx
    .selectFrom('client')
    .selectAll()
    .where('operator_id', '=', operatorId)
    .orderBy('client_id')
    .limit(100)
    .forUpdate()
    .execute()
  return rows.map(toClient)
}

/** Adds a client. @returns false when the id is taken. */
export const insertClient = async (
  tx: AccessDb,
  client: Omit<Client, 'suspended'>,
  createdAt: Date,
): Promise<boolean> => {
  const added = await tx
    .insertInto('client')
    .values({
      client_id: client.clientId,
      kind: client.kind,
      organisation_id: client.organisationId,
      roles: client.roles,
      operator_id: client.operatorId ?? null,
      created_at: createdAt,
    })
    .onConflict((conflict) => conflict.column('client_id').doNothing())
    .returning('client_id')
    .executeTakeFirst()
  return added !== undefined
}

/** Stops a client for good or lets it work again. @returns false when there is none of that id. */
export const setClientSuspended = async (
  tx: AccessDb,
  clientId: ClientId,
  suspendedAt: Date | null,
): Promise<boolean> => {
  const changed = await tx
    .updateTable('client')
    .set({ suspended_at: suspendedAt })
    .where('client_id', '=', clientId)
    .returning('client_id')
    .executeTakeFirst()
  return changed !== undefined
}

export type NewCertificate = ParsedClientCertificate & {
  readonly clientId: ClientId
  /** The certificate with whose key the client renewed itself; undefined when two people let it in. */
  readonly renewedWith?: CertificateId | undefined
}

/** Registers a certificate. @returns false when it is registered already. */
export const insertCertificate = async (
  tx: AccessDb,
  certificate: NewCertificate,
  createdAt: Date,
): Promise<boolean> => {
  const added = await tx
    .insertInto('client_certificate')
    .values({
      certificate_id: certificate.certificateId,
      client_id: certificate.clientId,
      der: certificate.der,
      not_before: certificate.notBefore,
      not_after: certificate.notAfter,
      renewed_with: certificate.renewedWith ?? null,
      created_at: createdAt,
    })
    .onConflict((conflict) => conflict.column('certificate_id').doNothing())
    .returning('certificate_id')
    .executeTakeFirst()
  return added !== undefined
}

export type RegisteredCertificate = {
  readonly certificateId: CertificateId
  readonly clientId: ClientId
  readonly notBefore: Date
  readonly notAfter: Date
  readonly revokedAt: Date | undefined
  readonly revocationReason: string | undefined
}

/** A client's certificates, the newest first. */
export const listCertificates = async (
  db: AccessDb,
  clientId: ClientId,
): Promise<readonly RegisteredCertificate[]> => {
  const rows = await db
    .selectFrom('client_certificate')
    .select(['certificate_id', 'client_id', 'not_before', 'not_after'])
    .select(['revoked_at', 'revocation_reason'])
    .where('client_id', '=', clientId)
    .orderBy('not_after', 'desc')
    .orderBy('certificate_id')
    .limit(200)
    .execute()
  return rows.map((row) => ({
    certificateId: asId(row.certificate_id),
    clientId: asId(row.client_id),
    notBefore: row.not_before,
    notAfter: row.not_after,
    revokedAt: row.revoked_at ?? undefined,
    revocationReason: row.revocation_reason ?? undefined,
  }))
}

/**
 * Revokes a client's certificates: all, or the named one with every one that was renewed by it, however
 * often: who stole a key may have renewed it. @returns the ids that were good until now.
 */
export const revokeCertificates = async (
  tx: AccessDb,
  which: { readonly clientId: ClientId; readonly certificateId?: CertificateId },
  revoked: { readonly at: Date; readonly reason: string },
): Promise<readonly CertificateId[]> => {
  let query = tx
    .updateTable('client_certificate')
    .set({ revoked_at: revoked.at, revocation_reason: revoked.reason })
    .where('client_id', '=', which.clientId)
    .where('revoked_at', 'is', null)
  if (which.certificateId !== undefined)
    query = query.where('certificate_id', 'in', renewalsOf(which.certificateId))
  const rows = await query.returning('certificate_id').execute()
  return rows.map((row) => asId(row.certificate_id))
}

/** The certificate and all that descend from it. */
const renewalsOf = (certificateId: CertificateId) => sql<string>`(
  with recursive renewal (id) as (
    select ${certificateId}::text
    union
    select c.certificate_id from client_certificate c join renewal on c.renewed_with = renewal.id
  )
  select id from renewal)`

const toClient = (row: Selectable<Database['client']>): Client => ({
  clientId: asId(row.client_id),
  kind: row.kind,
  organisationId: asId(row.organisation_id),
  roles: toRoles(row.roles),
  operatorId: row.operator_id === null ? undefined : asId(row.operator_id),
  suspended: row.suspended_at !== null,
})

/** A role that this version does not know grants nothing. */
export const toRoles = (texts: readonly string[]): readonly Role[] =>
  roles.filter((role) => texts.includes(role))
