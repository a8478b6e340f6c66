import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type {
  AdapterSetup,
  HallContext,
  HallQuery,
  SimulatedPaper,
  SimulatedSubject,
} from '../../src/halls/adapter.ts'
import { openExchange } from '../../src/halls/exchange.ts'
import { makeSecret } from '../../src/halls/secret.ts'

const holder = z.object({ idType: z.string(), id: z.string(), name: z.string() })
const row = z.object({
  licenceId: z.string(),
  typeCode: z.string(),
  number: z.string(),
  version: z.string(),
  holders: z.array(holder),
  issuer: z.object({ code: z.string(), name: z.string() }),
  issuedAt: z.string(),
  validFrom: z.string(),
  validTo: z.string().nullable(),
  status: z.string(),
  areaCode: z.string(),
  surface: z.record(z.string(), z.union([z.string(), z.number()])),
})
const subject = z.object({
  idType: z.string(),
  id: z.string(),
  name: z.string(),
  sealed: z.boolean().default(false),
  hallActs: z
    .array(
      z.object({
        hall: z.string(),
        act: z.enum(['hang', 'refuse', 'delay', 'lossy_name']),
        status: z.number().default(503),
        ms: z.number().default(0),
      }),
    )
    .default([]),
  papers: z.array(z.object({ at: z.string(), row })),
})

export const subjects: readonly (SimulatedSubject & z.output<typeof subject>)[] = z
  .object({ subjects: z.array(subject) })
  .parse(JSON.parse(readFileSync('src/demo/city/subjects.json', 'utf8'))).subjects

export const people = {
  allPresent: { idType: '111', id: '370299190001010013', name: '测试齐全' },
  nothing: { idType: '111', id: '370299190001010021', name: '测试皆无' },
  hanging: { idType: '111', id: '37029919000101003X', name: '测试超时' },
  refused: { idType: '111', id: '370299190001010048', name: '测试拒绝' },
  misnamed: { idType: '111', id: '370299190001010080', name: '测试异名' },
  twoPapers: { idType: '111', id: '370299190001010099', name: '测试两证' },
  late: { idType: '111', id: '370299190001010136', name: '测试迟答' },
  sealed: { idType: '111', id: '370299190001010144', name: '测试封存' },
  rareName: { idType: '111', id: '370299198805300012', name: '李䶮' },
} as const

export const clock = { now: () => new Date(), cityDate: () => '2018-11-30' }

export const random = (length: number): Uint8Array => randomBytes(length)

export const operator = {
  id: 'clerk-city-001',
  name: '孙晓琳',
  organisationCode: '11370299003700248H',
  window: 'A01',
  idNumber: '370299199001010012',
}

export const contextWith = (signal: AbortSignal): HallContext => ({
  signal,
  requestId: 'req-1',
  callerId: 'clerk-city',
  caseId: '01933b2e-7d20-7000-8000-000000000001',
  caseNo: 'QD-2018-0001',
  itemCode: 'QD-YL-001',
  operator,
})

/** A context whose deadline fires after so long. */
export const context = (ms = 5_000): HallContext => contextWith(AbortSignal.timeout(ms))

export const query = (
  typeCode: string,
  asked: HallQuery['holder'] = people.allPresent,
): HallQuery => ({ typeCode, holder: asked })

export const setupFor = (
  hallId: string,
  settings: unknown,
  secrets: Readonly<Record<string, string>>,
): AdapterSetup => ({
  hallId,
  settings,
  readSecret: async (source) => {
    const value = 'name' in source ? secrets[source.name] : undefined
    if (value === undefined) throw new Error('no such secret')
    return makeSecret(value)
  },
  openExchange,
  digestName: 'sha-256',
  clock,
  random,
})

export const tell = async (
  controlUrl: string,
  act: string,
  body: Readonly<Record<string, unknown>> = {},
): Promise<void> => {
  const response = await fetch(`${controlUrl}/${act}`, {
    method: 'POST',
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`control refused: ${String(response.status)}`)
}

/** Every paper that the synthetic city keeps at a hall, of subjects whom the hall treats well. */
export const papersAt = (hallId: string) =>
  subjects
    .filter(({ sealed, hallActs }) => !sealed && !hallActs.some(({ hall }) => hall === hallId))
    .flatMap(({ papers }) => papers.filter(({ at }) => at === hallId).map((paper) => paper.row))

/** A paper as the adapter must give it back, whatever the protocol did to it on the way. */
export const asLicence = (paper: SimulatedPaper) => ({
  typeCode: paper.typeCode,
  identifier: paper.licenceId,
  number: paper.number,
  version: paper.version,
  holders: paper.holders,
  issuer: paper.issuer,
  issuedAt: paper.issuedAt,
  validFrom: paper.validFrom,
  validTo: paper.validTo,
  status: paper.status,
  areaCode: paper.areaCode,
  fields: paper.surface,
})
