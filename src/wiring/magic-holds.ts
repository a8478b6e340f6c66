import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { FindHold } from '../cases/assess-materials.ts'
import type { LicenceType } from '../catalogue/licence-type.ts'

const file = z.object({
  subjects: z.array(
    z.object({
      idType: z.string(),
      id: z.string(),
      /** Records under seal. */
      sealed: z.boolean().optional(),
      /** Short code of the type to which somebody objects. */
      openObjection: z.string().optional(),
    }),
  ),
})

/** In a sandbox: whose records are sealed, and against which there is an objection, by its subjects' file. */
export const readMagicHolds = async (
  path: string,
  getType: (typeCode: string) => Promise<LicenceType>,
): Promise<FindHold> => {
  const { subjects } = file.parse(JSON.parse(await readFile(path, 'utf8')))
  const byHolder = new Map(subjects.map((subject) => [`${subject.idType}:${subject.id}`, subject]))
  return async ({ idType, id }, typeCode) => {
    const subject = byHolder.get(`${idType}:${id}`)
    if (subject?.sealed === true) return 'sealed'
    if (subject?.openObjection === undefined) return undefined
    return subject.openObjection === (await getType(typeCode)).shortCode ? 'disputed' : undefined
  }
}
