import { z } from 'zod'
import { mod3736Check } from '../../crypto/mod3736.ts'
import { loadBatch } from '../load-stock.ts'
import { checkCase, expectThat, materialOf, registerCase, type Walk, WalkError } from './walk.ts'

const material = 'QD-GA-006-M02'
const drivingLicenceRow = z.looseObject({
  licenceId: z.string(),
  typeCode: z.string(),
  number: z.string(),
  version: z.string(),
  holders: z.array(z.unknown()),
  issuer: z.object({ code: z.string(), name: z.string() }),
  surface: z.record(z.string(), z.unknown()),
})

/** A one-row batch, pushed and released while the visitor watches, is found by the next check. */
export const walkLivePush = async (walk: Walk): Promise<void> => {
  const { narrator } = walk
  narrator.chapter('现场入库:下一次查询就能查到', 'A licence pushed now is found by the next check')
  const { holder, row } = newDrivingLicence(walk)
  const caseId = await registerCase(walk, {
    caseNo: 'QD20181130-0030',
    itemCode: 'QD-GA-006',
    subject: holder,
    facts: { migrant: false },
  })
  const before = materialOf(await checkCase(walk, caseId), material)
  expectThat(before.state === 'not_found', 'no driving licence yet')
  await loadBatch(
    {
      pusher: walk.parties.pushDesk.as('police-traffic-steward-1'),
      releaser: walk.parties.releaseDesk.as('police-traffic-steward-2'),
    },
    { issuerCode: row.issuer.code, stock: [JSON.stringify(row)], papers: [] },
  )
  const after = materialOf(await checkCase(walk, caseId), material)
  expectThat(after.state === 'available', 'the new driving licence is found')
  narrator.rows([
    ['推送前', before.state, before.messageZh],
    ['放行后', after.state, after.messageZh],
  ])
  narrator.good('放行后一秒内即可用。', 'Usable right after its release.')
}

/** The sample subject’s driving licence, rewritten for somebody of the city who has none. */
const newDrivingLicence = ({ subjects }: Walk) => {
  const isDrivingLicence = ({ shortCode }: { readonly shortCode: string }) => shortCode === 'GA-JSZ'
  const sample = subjects.flatMap(({ papers }) => papers).find(isDrivingLicence)
  const holder = subjects.find(
    ({ idType, papers, behaviour }) =>
      idType === '111' && behaviour === 'ordinary' && !papers.some(isDrivingLicence),
  )
  if (sample === undefined || holder === undefined) throw new WalkError('the city has changed')
  const row = drivingLicenceRow.parse(sample.row)
  return {
    holder,
    row: {
      ...row,
      licenceId: identifierOf(row.typeCode, row.issuer.code, 'DEMO000001'),
      number: holder.id,
      version: '001',
      holders: [{ kind: 'person', idType: holder.idType, id: holder.id, name: holder.name }],
      surface: { ...row.surface, name: holder.name, licenceNumber: holder.id },
    },
  }
}

const identifierOf = (typeCode: string, issuerCode: string, serial: string): string =>
  `1.2.156.3005.2.${typeCode}.${issuerCode}.${serial}.001.${mod3736Check(`${typeCode}${issuerCode}${serial}001`)}`
