import {
  checkCase,
  expectThat,
  fetchCase,
  materialOf,
  registerCase,
  subjectWho,
  type Walk,
} from './walk.ts'

/** Stories 12, 14 and the two sentences of 13: what a clerk hears when it is not simply "available". */
export const walkSpecialStates = async (walk: Walk): Promise<void> => {
  await walkAmbiguous(walk)
  await walkEnded(walk)
  await walkTwoSentences(walk)
}

const walkAmbiguous = async (walk: Walk): Promise<void> => {
  const { narrator } = walk
  narrator.chapter('两本证:由窗口选择', 'Two valid certificates: the window chooses')
  const caseId = await registerCase(walk, {
    caseNo: 'QD20181130-0002',
    itemCode: 'QD-GJJ-003',
    subject: subjectWho(walk, 'ambiguous'),
    facts: { married: false, propertyStage: 'registered' },
  })
  const first = await fetchCase(walk, caseId, [{ code: 'QD-GJJ-003-M03' }])
  const candidates = materialOf(first.answer, 'QD-GJJ-003-M03').candidates ?? []
  expectThat(candidates.length === 2 && !first.answer.complete, 'two candidates, not complete')
  narrator.rows(candidates.map(({ numberTail, issuedAt }) => [`尾号 ${numberTail}`, issuedAt]))
  const [chosen] = candidates
  const second = await fetchCase(walk, caseId, [
    { code: 'QD-GJJ-003-M03', ...(chosen === undefined ? {} : { licenceId: chosen.licenceId }) },
  ])
  expectThat(
    materialOf(second.answer, 'QD-GJJ-003-M03').state === 'fetched',
    'the choice is fetched',
  )
  narrator.good('选定后取得所选的一本。', 'With the choice made, that one is fetched.')
}

const walkEnded = async (walk: Walk): Promise<void> => {
  const { narrator } = walk
  narrator.chapter(
    '到期、吊销、暂扣:各有各的说法',
    'Expired, revoked, suspended: each its own words',
  )
  for (const [place, state] of (['expired', 'revoked', 'suspended'] as const).entries()) {
    const caseId = await registerCase(walk, {
      caseNo: `QD20181130-001${String(place)}`,
      itemCode: 'QD-GA-006',
      subject: subjectWho(walk, state),
      facts: { migrant: false },
    })
    const { answer, reply } = await fetchCase(walk, caseId, [{ code: 'QD-GA-006-M02' }])
    const material = materialOf(answer, 'QD-GA-006-M02')
    expectThat(material.state === state, `the driving licence is ${state}`)
    expectThat(!reply.text.includes('sdJwt'), `no content of a licence that is ${state}`)
    narrator.rows([[state, material.messageZh]])
  }
  narrator.good('失效证照的内容一律不返回。', 'The content of an ended licence is never returned.')
}

const walkTwoSentences = async (walk: Walk): Promise<void> => {
  const { narrator } = walk
  narrator.chapter('“未接入”不等于“没有”', '“Not connected” is not “not found”')
  const caseId = await registerCase(walk, {
    caseNo: 'QD20181130-0020',
    itemCode: 'QD-GJJ-003',
    subject: subjectWho(walk, 'not_found'),
    facts: { married: true, propertyStage: 'registered' },
  })
  const check = await checkCase(walk, caseId)
  const absent = materialOf(check, 'QD-GJJ-003-M03')
  const notConnected = materialOf(check, 'QD-GJJ-003-M06')
  expectThat(absent.state === 'not_found', 'nothing is found for her')
  expectThat(notConnected.state === 'not_connected', 'civil affairs are not connected')
  narrator.rows([
    [absent.state, absent.messageZh],
    [notConnected.state, notConnected.messageZh],
  ])
}
