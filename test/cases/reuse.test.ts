import { describe, expect, it } from 'vitest'
import { checkMaterials } from '../../src/cases/check-materials.ts'
import { fetchedMaterialRows } from '../../src/cases/fetch-store.ts'
import { fetchMaterials } from '../../src/cases/fetch-materials.ts'
import { registerCase } from '../../src/cases/register-case.ts'
import { asId } from '../../src/contract/ids.ts'
import { inTransaction } from '../../src/store/in-transaction.ts'
import { anItem } from '../support/catalogue.ts'
import { testStore } from '../support/database.ts'
import { aLicence } from '../support/licence.ts'
import { aRegistration, caseIdIn, clerk, now, openCaseRoom, registrar } from './case-room.ts'

const store = await testStore()
const room = await openCaseRoom(store)
room.stock.push(aLicence())

const inItem = (chain: boolean) => {
  const item = anItem({ chain })
  return { ...room, findItem: async () => item, getItem: async () => item }
}

const fetchOnce = async (deps: typeof room, caseNo: string): Promise<string> => {
  const caseId = caseIdIn(
    await inTransaction(store, (tx) =>
      registerCase(deps, tx, registrar, aRegistration({ caseNo })),
    ),
  )
  const answer = await fetchMaterials(deps, clerk, { caseId, materials: [{ code: 'M1' }] })
  const record = { fetchId: answer.fetchId, caseId: answer.file.caseId, now }
  for (const { row } of fetchedMaterialRows(record, answer.fetched)) {
    await store.db
      .insertInto('case_material')
      .values({
        case_id: String(row['case_id']),
        material_code: String(row['material_code']),
        licence_id: String(row['licence_id']),
        fetch_id: String(row['fetch_id']),
        created_at: now,
      })
      .execute()
  }
  return caseId
}

describe('a check after a fetch', () => {
  it('shows a chain’s other departments what they can reuse', async () => {
    const chain = inItem(true)
    const caseId = await fetchOnce(chain, 'chain-1')
    const [fetched] = await chain.listFetched(asId(caseId))
    const { data } = await checkMaterials(chain, clerk, { caseId })
    expect(data).toMatchObject({
      complete: true,
      materials: [{ state: 'reused', reason: 'fetched_before', reusableFrom: fetched?.fetchId }],
    })
  })

  it('does not reuse outside of a chain, nor a licence that has ended since', async () => {
    const single = await fetchOnce(inItem(false), 'single-1')
    expect((await checkMaterials(inItem(false), clerk, { caseId: single })).data).toMatchObject({
      materials: [{ state: 'available', reusableFrom: null }],
    })
    const chain = await fetchOnce(inItem(true), 'chain-2')
    room.stock.splice(0, Infinity, aLicence({ status: 'revoked' }))
    expect((await checkMaterials(inItem(true), clerk, { caseId: chain })).data).toMatchObject({
      materials: [{ state: 'revoked', reusableFrom: null }],
    })
  })
})
