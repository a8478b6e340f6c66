import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { isJsonArray, isJsonObject, type JsonValue } from '../../crypto/json-value.ts'
import { parseJson } from '../../crypto/parse-json.ts'

const example = z.strictObject({
  operationId: z.string(),
  request: z.strictObject({
    method: z.string(),
    path: z.string(),
    headers: z.record(z.string(), z.string()),
    /** The text that was signed. */
    signatureBase: z.string(),
    body: z.string().nullable(),
  }),
  answer: z.strictObject({ status: z.int(), contentType: z.string(), body: z.string() }),
})

/** One exchange that really took place, as it was sent. */
export type Example = z.output<typeof example>

/** Recorded exchanges with the synthetic city, and the note key with which their receipts verify. */
export const examplesFile = z.strictObject({ noteKey: z.string(), examples: z.array(example) })

/** The recorded exchanges; none when the file is not there. */
export const readExamples = async (path: string): Promise<readonly Example[]> => {
  try {
    return examplesFile.parse(JSON.parse(await readFile(path, 'utf8'))).examples
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

const shownCharsMax = 160
const shownItemsMax = 3

/** A body for reading: indented, long values and lists cut, which is said where it happens. */
export const readableBody = (body: string, contentType: string): string =>
  /[/+]json$/.test(contentType)
    ? JSON.stringify(cut(parseJson(body)), null, 2)
    : body.length > 1200
      ? `${body.slice(0, 1200)}\n…(共 ${String(body.length)} 字符)`
      : body

const cut = (value: JsonValue): JsonValue => {
  if (typeof value === 'string')
    return value.length > shownCharsMax
      ? `${value.slice(0, shownCharsMax)}…(共 ${String(value.length)} 字符)`
      : value
  if (isJsonArray(value))
    return value.length > shownItemsMax
      ? [...value.slice(0, shownItemsMax).map(cut), `…(共 ${String(value.length)} 项)`]
      : value.map(cut)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, cut(each)]))
}
