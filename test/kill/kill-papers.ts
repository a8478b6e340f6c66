import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { cityDir } from '../../src/cli/package-root.ts'
import { formatLicenceIdentifier } from '../../src/licences/licence-identifier.ts'

export const policeCode = '113702990037000297'

const paper = z.looseObject({
  licenceId: z.string(),
  typeCode: z.string(),
  version: z.string(),
  status: z.string(),
  issuer: z.looseObject({ code: z.string() }),
})

/** The police's papers without end: when all have been taken, their next versions. */
export const policePapers = async (): Promise<Iterator<object>> => {
  const text = await readFile(join(cityDir, 'stock-clean-2k.ndjson'), 'utf8')
  const rows = text
    .trimEnd()
    .split('\n')
    .map((line) => paper.parse(JSON.parse(line)))
    .filter(({ issuer, status, version }) => {
      return issuer.code === policeCode && status === 'active' && version === '001'
    })
  return versionsOf(rows)
}

function* versionsOf(rows: readonly z.output<typeof paper>[]): Generator<object> {
  for (let count = 1; count < 1000; count += 1) {
    const version = String(count).padStart(3, '0')
    for (const row of rows) {
      const serial = row.licenceId.split('.').at(-3) ?? ''
      const { typeCode } = row
      const parts = { typeCode, issuerCode: policeCode, serial, version }
      yield { ...row, version, licenceId: formatLicenceIdentifier(parts) }
    }
  }
}
