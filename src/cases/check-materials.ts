import type { ServiceItem } from '../catalogue/service-item.ts'
import type { CaseId } from '../contract/ids.ts'
import type { Caller } from '../contract/caller.ts'
import type { Answer } from '../contract/endpoint.ts'
import { cityTimeOf } from '../contract/clock.ts'
import { type RandomBytes, newUuidV7 } from '../contract/uuid.ts'
import { type AskHallsDeps, askHalls } from './ask-halls.ts'
import {
  type AssessDeps,
  type AssessedMaterial,
  assessMaterials,
  type MaterialMatch,
  type Wanted,
} from './assess-materials.ts'
import type { CaseFile } from './case-file.ts'
import { describeMaterial } from './describe-material.ts'
import type { FetchedMaterial } from './fetch-store.ts'
import { type FindCase, getUsableCase } from './get-usable-case.ts'
import type { Judgement } from './judge-material.ts'
import { lookAgain } from './look-again.ts'
import { isFinal } from './material-state.ts'

export type CheckMaterialsDeps = AssessDeps &
  AskHallsDeps & {
    readonly findCase: FindCase
    readonly getItem: (code: string, version: number) => Promise<ServiceItem>
    readonly randomBytes: RandomBytes
    readonly listFetched: (caseId: CaseId) => Promise<readonly FetchedMaterial[]>
  }

/** What the city already holds for a case: existence only, never content (api.md, checks). */
export const checkMaterials = async (
  deps: CheckMaterialsDeps,
  caller: Caller,
  input: {
    readonly caseId: string
    readonly materials?: readonly string[]
    readonly matches?: readonly MaterialMatch[]
    readonly requestId?: string
  },
): Promise<Answer> => {
  const file = await getUsableCase(deps, caller, input.caseId)
  const item = await deps.getItem(file.itemCode, file.itemVersion)
  const at = deps.clock.now()
  const wanted = wantedOf(input)
  const inStock = await assessMaterials(deps, { file, item }, wanted)
  const answered = await askHalls(
    deps,
    {
      ...{ file, item, caller, requestId: input.requestId ?? '' },
      waitMs: checkWaitMs,
      wantsContent: false,
    },
    inStock,
  )
  const assessed = await lookAgain(deps, caller, { file, item, wanted, at, inStock }, answered)
  const before = item.chain ? await deps.listFetched(file.caseId) : []
  const known = assessed.map((entry) => reuse(entry, before))
  const materials = known.map(checkedMaterial)
  const checkId = newUuidV7(deps.clock.now().getTime(), deps.randomBytes)
  return {
    status: 200,
    data: {
      checkId,
      complete: materials.every(({ state }) => isFinal(state) || state === 'ambiguous'),
      materials,
    },
    deed: {
      ...deedOfCase(file, item),
      action: 'case.check',
      decision: 'allowed',
      detail: { checkId, materials: known.map(evidenceOf) },
    },
  }
}

/** A clerk looks at the answer of a check: halls have two seconds. */
const checkWaitMs = 2_000

const wantedOf = ({
  materials,
  matches,
}: {
  readonly materials?: readonly string[]
  readonly matches?: readonly MaterialMatch[]
}): Wanted => ({
  ...(materials === undefined ? {} : { codes: materials }),
  ...(matches === undefined ? {} : { matches }),
})

/** The members of the evidence that every act under a case has. */
export const deedOfCase = (file: CaseFile, item: ServiceItem) => ({
  caseId: file.caseId,
  assurance: file.assurance,
  itemCode: item.code,
  itemVersion: item.version,
  legalBasis: item.legalBasis,
  subjectIndex: file.subjectIndex,
})

type Reusable = AssessedMaterial & { readonly reusableFrom: string | null }

/** What the evidence says of one material: its state, and a hall's part in it. */
export const evidenceOf = ({ material, judgement }: AssessedMaterial) => {
  const { state, hall } = judgement
  if (hall === undefined) return { code: material.code, state }
  const { hallId, cause, differs, confirmedAt, copy } = hall
  return {
    code: material.code,
    state,
    hall: hallId,
    ...(cause === undefined ? {} : { cause }),
    ...(differs === undefined ? {} : { differs: { ...differs, about: [...differs.about] } }),
    ...(confirmedAt === undefined ? {} : { confirmedAt: cityTimeOf(confirmedAt) }),
    ...(copy === undefined ? {} : { rule: copy.rule }),
  }
}

/** What a line of an answer says about the hall behind it. */
export const hallLine = ({ hall }: Judgement) =>
  hall === undefined
    ? {}
    : {
        hall: hall.hallId,
        ...(hall.since === undefined ? {} : { since: cityTimeOf(hall.since) }),
        ...(hall.retryAt === undefined ? {} : { retryAt: cityTimeOf(hall.retryAt) }),
        ...hall.copy,
      }

/** In a chain, what one department fetched and is still valid serves the others, too. */
const reuse = (entry: AssessedMaterial, before: readonly FetchedMaterial[]): Reusable => {
  const { state, licences, hall } = entry.judgement
  const known = [
    ...licences.map(({ licenceId }) => String(licenceId)),
    ...(hall?.candidates ?? []).map(({ candidateId }) => candidateId),
  ]
  const earlier = before.find(
    ({ code, licenceId }) => code === entry.material.code && known.includes(licenceId),
  )
  const isReusable = state === 'available' || state === 'ambiguous'
  if (earlier === undefined || !isReusable) return { ...entry, reusableFrom: null }
  const judgement = { state: 'reused', reason: 'fetched_before', licences } as const
  return { ...entry, judgement, reusableFrom: earlier.fetchId }
}

const checkedMaterial = ({ material, judgement, reusableFrom }: Reusable) => {
  const [licence] = judgement.licences
  const [candidate] = judgement.hall?.candidates ?? []
  const exists = judgement.state === 'available' ? (licence ?? candidate) : undefined
  return {
    code: material.code,
    nameZh: material.nameZh,
    required: material.required,
    state: judgement.state,
    reason: judgement.reason,
    ...describeMaterial(material, judgement),
    sourceHall: sourceOf(material.source),
    validTo: exists?.validTo ?? null,
    trustLevel: exists === licence ? (licence?.trustLevel ?? null) : null,
    reusableFrom,
    forDepartments: material.forDepartments,
    ...hallLine(judgement),
  }
}

const sourceOf = (source: string | null): string | null =>
  source?.startsWith('gov:') === true ? source.slice('gov:'.length) : null
