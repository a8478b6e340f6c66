import { z } from 'zod'
import { cityTimeOf } from '../contract/clock.ts'
import type { Json } from '../contract/endpoint.ts'
import type { RegisteredCertificate } from './client-store.ts'
import type { Client } from './client.ts'
import type { Grant } from './grant.ts'
import { roleList } from './onboarding-bodies.ts'
import type { Operator } from './operator.ts'
import type { Organisation } from './organisation.ts'

const time = z.string()
export const organisationData = z.object({
  organisationId: z.string(),
  nameZh: z.string(),
  uscc: z.string(),
  parentId: z.string().nullable(),
  roles: roleList,
  connected: z.boolean(),
})
export const certificateData = z.object({
  certificateId: z.string(),
  notBefore: time,
  notAfter: time,
  daysLeft: z.int(),
  /** Warned from 30, 7 and 1 days on. */
  warning: z.enum(['none', 'within_30_days', 'within_7_days', 'within_1_day', 'ended']),
  revokedAt: time.nullable(),
  revocationReason: z.string().nullable(),
})
export const clientData = z.object({
  clientId: z.string(),
  kind: z.enum(['system', 'person']),
  organisationId: z.string(),
  roles: roleList,
  operatorId: z.string().nullable(),
  suspended: z.boolean(),
  certificates: z.array(certificateData).optional(),
})
export const requestData = z.object({
  requestId: z.uuid(),
  clientId: z.string(),
  state: z.enum(['requested', 'issued']),
  certificateId: z.string().nullable(),
  /** PEM, the client's own first, without the anchor; when it was issued just now. */
  chain: z.string().nullable(),
  notAfter: time.nullable(),
})
export const revokedData = z.object({
  clientId: z.string(),
  revoked: z.array(z.string()),
  suspended: z.boolean(),
})
export const operatorData = z.object({
  operatorId: z.string(),
  organisationId: z.string(),
  clientId: z.string().nullable(),
  window: z.string().nullable(),
  suspended: z.boolean(),
})
export const grantData = z.object({
  grantId: z.uuid(),
  clientId: z.string(),
  typeCode: z.string(),
  itemCode: z.string(),
  itemVersion: z.int().nullable(),
  fields: z.array(z.string()),
  legalBasis: z.string(),
  status: z.enum(['proposed', 'active', 'revoked']),
  proposedBy: z.string(),
  approvedBy: z.string().nullable(),
  revokedBy: z.string().nullable(),
  createdAt: time,
  decidedAt: time.nullable(),
})
const nextCursor = z.string().optional()
export const organisationsData = z.object({
  organisations: z.array(organisationData),
  nextCursor,
})
export const clientsData = z.object({ clients: z.array(clientData), nextCursor })
export const operatorsData = z.object({ operators: z.array(operatorData), nextCursor })
export const grantsData = z.object({ grants: z.array(grantData), nextCursor })

export const showOrganisation = (organisation: Organisation): Json => ({
  ...organisation,
  parentId: organisation.parentId ?? null,
})

export const showClient = (client: Client): { readonly [member: string]: Json } => ({
  clientId: client.clientId,
  kind: client.kind,
  organisationId: client.organisationId,
  roles: client.roles,
  operatorId: client.operatorId ?? null,
  suspended: client.suspended,
})

export const showCertificate = (certificate: RegisteredCertificate, now: Date): Json => {
  const daysLeft = Math.floor((certificate.notAfter.getTime() - now.getTime()) / 86_400_000)
  return {
    certificateId: certificate.certificateId,
    notBefore: cityTimeOf(certificate.notBefore),
    notAfter: cityTimeOf(certificate.notAfter),
    daysLeft,
    warning: warningOf(daysLeft),
    revokedAt: certificate.revokedAt === undefined ? null : cityTimeOf(certificate.revokedAt),
    revocationReason: certificate.revocationReason ?? null,
  }
}

const warningOf = (daysLeft: number): string => {
  if (daysLeft < 0) return 'ended'
  if (daysLeft <= 1) return 'within_1_day'
  if (daysLeft <= 7) return 'within_7_days'
  return daysLeft <= 30 ? 'within_30_days' : 'none'
}

export const showOperator = (operator: Operator): Json => ({
  operatorId: operator.operatorId,
  organisationId: operator.organisationId,
  clientId: operator.clientId ?? null,
  window: operator.serviceWindow ?? null,
  suspended: operator.suspended,
})

export const showGrant = (grant: Grant): Json => ({
  grantId: grant.grantId,
  clientId: grant.clientId,
  typeCode: grant.typeCode,
  itemCode: grant.itemCode,
  itemVersion: grant.itemVersion ?? null,
  fields: grant.fields,
  legalBasis: grant.legalBasis,
  status: grant.status,
  proposedBy: grant.proposedBy,
  approvedBy: grant.approvedBy ?? null,
  revokedBy: grant.revokedBy ?? null,
  createdAt: cityTimeOf(grant.createdAt),
  decidedAt: grant.decidedAt === undefined ? null : cityTimeOf(grant.decidedAt),
})
