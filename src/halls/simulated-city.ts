import { foldAnyHolderId, sameHolderId } from './hall-values.ts'

/** One paper of the synthetic city, in the form of a stock row. */
export type SimulatedPaper = {
  readonly licenceId: string
  readonly typeCode: string
  readonly number: string
  readonly version: string
  readonly holders: readonly {
    readonly idType: string
    readonly id: string
    readonly name: string
  }[]
  readonly issuer: { readonly code: string; readonly name: string }
  readonly issuedAt: string
  readonly validFrom: string
  readonly validTo: string | null
  readonly status: string
  readonly areaCode: string
  readonly surface: Readonly<Record<string, string | number>>
}

/** How a hall treats one subject whatever its own mood (`hallActs` of the magic subjects). */
export type SubjectAct = {
  readonly hall: string
  readonly act: 'hang' | 'refuse' | 'delay' | 'lossy_name'
  readonly status?: number
  readonly ms?: number
}

export type SimulatedSubject = {
  readonly id: string
  readonly sealed?: boolean
  readonly hallActs?: readonly SubjectAct[]
  readonly papers: readonly { readonly at: string; readonly row: SimulatedPaper }[]
}

/** What one simulated hall holds and how it treats whom. */
export type SimulatedCity = {
  readonly papersOf: (holderId: string, typeCode: string) => readonly SimulatedPaper[]
  readonly actOn: (holderId: string) => SubjectAct | undefined
  readonly isSealed: (holderId: string) => boolean
}

/** @param rows further papers, e.g. one hall's part of the generated stock. */
export const loadSimulatedCity = (
  hallId: string,
  subjects: readonly SimulatedSubject[],
  rows: readonly SimulatedPaper[] = [],
): SimulatedCity => {
  const held = [
    ...subjects.flatMap(({ papers }) => papers.filter(({ at }) => at === hallId)).map((p) => p.row),
    ...rows,
  ]
  const byHolder = new Map<string, SimulatedPaper[]>()
  for (const paper of held)
    for (const { id } of paper.holders) {
      const key = `${paper.typeCode} ${foldAnyHolderId(id)}`
      byHolder.set(key, [...(byHolder.get(key) ?? []), paper])
    }
  const byId = new Map(subjects.map((subject) => [foldAnyHolderId(subject.id), subject]))
  return {
    papersOf: (holderId, typeCode) =>
      byHolder.get(`${typeCode} ${foldAnyHolderId(holderId)}`) ?? [],
    actOn: (holderId) =>
      byId.get(foldAnyHolderId(holderId))?.hallActs?.find(({ hall }) => hall === hallId),
    isSealed: (holderId) => byId.get(foldAnyHolderId(holderId))?.sealed === true,
  }
}

/** What a simulated system makes of a question before it looks into the papers. */
export type SourceVerdict =
  | { readonly verdict: 'sealed' | 'absent' | 'name_differs' }
  | { readonly verdict: 'held'; readonly papers: readonly SimulatedPaper[] }

/** The comparison that a department makes at the source: its own register's name decides. */
export const askSource = (
  city: SimulatedCity,
  holder: { readonly id: string; readonly name: string },
  typeCode: string,
  isSameName: (registered: string, asked: string) => boolean,
): SourceVerdict => {
  if (city.isSealed(holder.id)) return { verdict: 'sealed' }
  const papers = city.papersOf(holder.id, typeCode)
  if (papers.length === 0) return { verdict: 'absent' }
  const own = papers.filter(({ holders }) =>
    holders.some(({ id, name }) => sameHolderId(id, holder.id) && isSameName(name, holder.name)),
  )
  return own.length === 0 ? { verdict: 'name_differs' } : { verdict: 'held', papers: own }
}
