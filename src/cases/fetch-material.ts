import type { LicenceType } from '../catalogue/licence-type.ts'
import { type Clock, cityTimeOf } from '../contract/clock.ts'
import type { DisclosedLicence, Json } from '../contract/endpoint.ts'
import type { LicenceId } from '../contract/ids.ts'
import type { FoundLicence, StoredLicence } from '../licences/licence-store.ts'
import type { AssessedMaterial } from './assess-materials.ts'
import { evidenceOf, hallLine } from './check-materials.ts'
import { describeMaterial } from './describe-material.ts'
import type { HallDesk } from './hall-desk.ts'
import type { HallNote, Judgement } from './judge-material.ts'
import { isFinal, type MaterialState } from './material-state.ts'

/** A licence with the disclosures that the case may see. */
export type PresentedLicence = {
  readonly sdJwt: string
  readonly fields: { readonly [key: string]: Json }
  readonly keyCustody: 'department' | 'gateway'
}

export type FetchMaterialDeps = {
  readonly halls?: HallDesk
  readonly clock: Clock
  readonly getType: (typeCode: string) => Promise<LicenceType>
  readonly presentLicence: (
    licenceId: LicenceId,
    fields: readonly string[],
    /** What it is made of, where that has just been read. */
    stored?: StoredLicence,
  ) => Promise<PresentedLicence>
  /** The last four characters of the licence number, to tell two licences apart. */
  readonly numberTailOf: (licenceId: LicenceId) => Promise<string>
}

type Shown = { readonly code: string; readonly [member: string]: Json }

/** One material of a fetch. */
export type Fetched = {
  readonly shown: Shown
  /** The same without what can be put together again from the stock, with what completes it later. */
  readonly kept: Shown
  readonly disclosed: DisclosedLicence | undefined
  readonly evidence: Json
  readonly state: MaterialState
  readonly final: boolean
}

/** What a fetch answers for one judged material: content where it may be opened, else why there is none. */
export const fetchMaterial = async (
  deps: FetchMaterialDeps,
  entry: AssessedMaterial,
  licenceId: string | undefined,
): Promise<Fetched> => {
  const judgement = choose(entry.judgement, licenceId)
  const { state, hall } = judgement
  const [licence] = judgement.licences
  const isOpen = state === 'available' || state === 'stale'
  if (isOpen && licence !== undefined) return present(deps, entry, judgement, licence)
  if (state === 'available' && hall?.collected !== undefined) {
    return presentFromHall(deps, entry, judgement, hall)
  }
  const candidates =
    state === 'ambiguous' ? { candidates: await candidatesOf(deps, judgement) } : {}
  return unopened(entry, judgement, candidates)
}

const unopened = (
  entry: AssessedMaterial,
  judgement: Judgement,
  more: { readonly [member: string]: Json } = {},
): Fetched => {
  const shown = { ...line(entry, judgement), ...more }
  const tickets = judgement.hall?.tickets ?? []
  return {
    shown,
    kept: tickets.length === 0 ? shown : { ...shown, tickets },
    disclosed: undefined,
    evidence: evidenceOf({ ...entry, judgement }),
    state: judgement.state,
    final: isFinal(judgement.state),
  }
}

/** A chosen licence must be one of the candidates; any other id is simply not found. */
const choose = (judgement: Judgement, licenceId: string | undefined): Judgement => {
  if (licenceId === undefined || judgement.licences.length === 0) return judgement
  const licences = judgement.licences.filter((licence) => licence.licenceId === licenceId)
  if (licences.length === 0) return { state: 'not_found', reason: 'no_record', licences }
  return judgement.state === 'ambiguous'
    ? { ...judgement, state: 'available', reason: 'in_stock', licences }
    : judgement
}

/** Stock's own credential; its status is of now where the hall has just confirmed it. */
const present = async (
  deps: FetchMaterialDeps,
  entry: AssessedMaterial,
  judgement: Judgement,
  licence: FoundLicence,
): Promise<Fetched> => {
  const { licenceId, version, stored } = licence
  const { sdJwt, fields, keyCustody } = await deps.presentLicence(
    licenceId,
    entry.disclosable,
    stored,
  )
  const status = statusOf(licence, judgement.hall)
  const about = judgement.state === 'stale' ? judgement : fetchedFrom(judgement, 'in_stock')
  const shown = line(entry, about)
  const names = Object.keys(fields)
  const reference = { licenceId, version, ...status, attestedBy: 'department', keyCustody }
  return {
    shown: { ...shown, licence: { ...reference, sdJwt, fields } },
    kept: { ...shown, licence: { ...reference, fields: names } },
    disclosed: { licenceId, version, fields: names, ...status },
    evidence: evidenceOf({ ...entry, judgement: about }),
    state: about.state,
    final: true,
  }
}

const fetchedFrom = (judgement: Judgement, reason: 'in_stock' | 'at_hall'): Judgement => ({
  ...judgement,
  state: 'fetched',
  reason,
})

const statusOf = (
  { status, statusAsOf, statusSource }: FoundLicence,
  hall: HallNote | undefined,
) =>
  hall?.confirmedAt === undefined
    ? { status, statusAsOf: cityTimeOf(statusAsOf), statusSource }
    : { status, statusAsOf: cityTimeOf(hall.confirmedAt), statusSource: `hall:${hall.hallId}` }

const presentFromHall = async (
  deps: FetchMaterialDeps,
  entry: AssessedMaterial,
  judgement: Judgement,
  { hallId, nameZh, collected, candidates = [] }: HallNote,
): Promise<Fetched> => {
  const [candidate] = candidates
  const content =
    collected === undefined || candidate === undefined
      ? undefined
      : await deps.halls?.attest(
          {
            hallId,
            licence: collected,
            licenceId: candidate.candidateId,
            fields: entry.disclosable,
          },
          await deps.getType(collected.typeCode),
        )
  if (collected === undefined || candidate === undefined || content === undefined) {
    const hall = { hallId, nameZh, cause: 'malformed:licence' }
    return unopened(entry, { state: 'source_down', reason: 'hall_malformed', licences: [], hall })
  }
  const { sdJwt, fields, version } = content
  const about = fetchedFrom(judgement, 'at_hall')
  const status = {
    status: collected.status,
    statusAsOf: collected.asOf,
    statusSource: `hall:${hallId}`,
  }
  const reference = { licenceId: candidate.candidateId, version, ...status }
  const shown = {
    ...line(entry, about),
    licence: { ...reference, attestedBy: 'gateway', keyCustody: 'gateway', sdJwt, fields },
  }
  return {
    shown,
    kept: shown,
    disclosed: { ...reference, fields: Object.keys(fields) },
    evidence: evidenceOf({ ...entry, judgement: about }),
    state: about.state,
    final: true,
  }
}

const line = ({ material }: AssessedMaterial, judgement: Judgement) => ({
  code: material.code,
  state: judgement.state,
  reason: judgement.reason,
  ...describeMaterial(material, judgement),
  ...hallLine(judgement),
})

const candidatesOf = async (
  { numberTailOf }: FetchMaterialDeps,
  { licences, hall }: Judgement,
): Promise<readonly Json[]> =>
  licences.length === 0
    ? (hall?.candidates ?? []).map(({ candidateId, numberTail, issuedAt }) => ({
        licenceId: candidateId,
        numberTail,
        issuedAt,
      }))
    : Promise.all(
        licences.map(async ({ licenceId, issuedAt }) => ({
          licenceId,
          numberTail: await numberTailOf(licenceId),
          issuedAt,
        })),
      )
