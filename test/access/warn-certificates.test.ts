import { expect, it } from 'vitest'
import { warnCertificates } from '../../src/access/warn-certificates.ts'
import type { Deed } from '../../src/contract/endpoint.ts'
import { testStore } from '../support/database.ts'

const store = await testStore()
const at = new Date('2026-06-01T00:00:00Z')
const inDays = (days: number): Date => new Date(at.getTime() + days * 86_400_000)

const addCertificate = async (id: string, days: number, revokedAt: Date | null = null) => {
  await store.pool.query(
    `insert into client_certificate
       (certificate_id, client_id, der, not_before, not_after, revoked_at, created_at)
     values ($1, 'clerk', '', $2, $3, $4, $2)`,
    [id, inDays(-300), inDays(days), revokedAt],
  )
}

it('warns of a certificate once at 30, 7 and 1 days, and of none that is revoked or has ended', async () => {
  await store.pool
    .query(`insert into organisation (organisation_id, name_zh, uscc, roles, created_at)
    values ('hall', '大厅', '113702990037000297', '{C}', now())`)
  await store.pool.query(`insert into client (client_id, kind, organisation_id, roles, created_at)
    values ('clerk', 'system', 'hall', '{C}', now())`)
  await addCertificate('ends', 30)
  await addCertificate('far', 300)
  await addCertificate('revoked', 5, at)
  await addCertificate('ended', -1)
  const deeds: Deed[] = []
  const warnOn = (day: number) =>
    warnCertificates({
      store,
      clock: { now: () => inDays(day), cityDate: () => '2026-06-01' },
      fileEvent: async (_tx, deed) => {
        deeds.push(deed)
      },
    })
  for (const day of [0, 1, 23, 23.5, 29, 29.5, 30]) await warnOn(day)
  expect(deeds.map(({ detail }) => detail)).toEqual(
    [30, 7, 1].map((withinDays) => ({ certificateId: 'ends', clientId: 'clerk', withinDays })),
  )
  const both = await Promise.all([warnOn(299.5), warnOn(299.5)])
  expect(both.sort()).toEqual([0, 3])
})
