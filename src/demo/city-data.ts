import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'

const stockRow = z.looseObject({
  typeCode: z.string(),
  issuer: z.object({ code: z.string(), name: z.string() }),
})

const subject = z.looseObject({
  idType: z.string(),
  id: z.string(),
  name: z.string(),
  /** `magic` where the subject answers as `expectState` says, for the type `expectFor`. */
  group: z.string(),
  behaviour: z.string().optional(),
  expectState: z.string().optional(),
  expectFor: z.string().optional(),
  /** What of a paper's sealed document is to be false; sealed documents are not served yet. */
  tamper: z.string().optional(),
  /** How halls behave for this subject. */
  hallActs: z.array(z.looseObject({ hall: z.string() })).optional(),
  storyZh: z.string().optional(),
  item: z.string().optional(),
  facts: z.record(z.string(), z.union([z.string(), z.boolean()])).optional(),
  relatedSubjects: z
    .array(
      z.looseObject({ role: z.string(), idType: z.string(), id: z.string(), name: z.string() }),
    )
    .optional(),
  papers: z.array(z.looseObject({ shortCode: z.string(), at: z.string(), row: stockRow })),
})

export type DemoSubject = z.output<typeof subject>

/** The rows of one issuer as they are pushed, one JSON text a line. */
export type IssuerStock = {
  readonly issuerCode: string
  readonly issuerName: string
  readonly stock: string[]
  readonly papers: string[]
}

export const readSubjects = async (cityDir: string): Promise<readonly DemoSubject[]> => {
  const text = await readFile(join(cityDir, 'subjects.json'), 'utf8')
  return z.object({ subjects: z.array(subject) }).parse(JSON.parse(text)).subjects
}

/** The police push identity cards; everything else that a hall keeps is asked of it when it is needed. */
const isPushed = ({ at, shortCode }: DemoSubject['papers'][number]): boolean =>
  at === 'stock' || shortCode === 'GA-SFZ'

/** The clean stock and the subjects' papers that stand in stock, by issuing department. */
export const splitStock = async (
  cityDir: string,
  subjects: readonly DemoSubject[],
): Promise<readonly IssuerStock[]> => {
  const issuers = new Map<string, IssuerStock>()
  const of = ({ issuer }: z.output<typeof stockRow>): IssuerStock => {
    const known = issuers.get(issuer.code)
    if (known !== undefined) return known
    const fresh = { issuerCode: issuer.code, issuerName: issuer.name, stock: [], papers: [] }
    issuers.set(issuer.code, fresh)
    return fresh
  }
  const file = createReadStream(join(cityDir, 'stock-clean-2k.ndjson'))
  for await (const line of createInterface({ input: file })) {
    of(stockRow.parse(JSON.parse(line))).stock.push(line)
  }
  for (const { row } of subjects.flatMap(({ papers }) => papers.filter(isPushed))) {
    of(row).papers.push(JSON.stringify(row))
  }
  return [...issuers.values()]
}
