import { createReadStream } from 'node:fs'
import type { LicenceType } from '../../catalogue/licence-type.ts'
import { cutBlocks, defaultBlockLimits, linesOf } from '../../stock/cut-blocks.ts'
import { examineLine } from '../../stock/rules/examine-line.ts'
import type { Finding, FindingClass } from '../../stock/rules/finding.ts'
import { createGbkTest } from '../../stock/rules/gbk-characters.ts'

export type LintedLine = { readonly line: number; readonly findings: readonly Finding[] }

export type LintedStock = {
  readonly rows: number
  readonly loadable: number
  readonly counts: Readonly<Record<FindingClass, number>>
  /** The first lines with findings, as many as were wanted. */
  readonly lines: readonly LintedLine[]
}

/**
 * Judges every line by itself with the gateway's own rules, before anything is sent. What needs other
 * rows, the issuer's department or the stock already there shows at validation only.
 */
export const lintStock = async (
  path: string,
  context: {
    readonly types: readonly LicenceType[]
    readonly issuerCode: string
    readonly cityDate: string
    readonly linesMax: number
  },
): Promise<LintedStock> => {
  const rowContext = {
    issuerCode: context.issuerCode,
    types: new Map(context.types.map((type) => [type.typeCode, type])),
    typeCodes: undefined,
    cityDate: context.cityDate,
    isInGbk: createGbkTest(),
  }
  const counts = { normalise: 0, warn: 0, quarantine: 0, duplicate: 0 }
  const lines: LintedLine[] = []
  let rows = 0
  let loadable = 0
  for await (const { line, bytes } of fileLines(path)) {
    const { findings, row } = examineLine(bytes, rowContext)
    rows += 1
    if (row !== undefined) loadable += 1
    for (const finding of findings) counts[finding.class] += 1
    if (findings.length > 0 && lines.length < context.linesMax) lines.push({ line, findings })
  }
  return { rows, loadable, counts, lines }
}

/** A file may be larger than a chunk: a push cuts it. */
const fileLimits = { ...defaultBlockLimits, chunkBytesMax: Number.MAX_SAFE_INTEGER }

async function* fileLines(path: string) {
  for await (const block of cutBlocks(createReadStream(path), fileLimits)) yield* linesOf(block)
}
