import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openSocialSecurity } from '../../../adapters/social-security/adapter.ts'
import { startSocialSecuritySimulator } from '../../../adapters/social-security/simulator.ts'
import type { HallAdapter } from '../../../src/halls/adapter.ts'
import { clock, context, people, query, random, setupFor, subjects, tell } from '../harness.ts'

const hallId = 'social-security'
const card = '11370299003700010A001'
const appKey = 'app-key-of-the-test-only'
const secrets = { SOCIAL_SECURITY_APP_KEY: appKey }

type Simulator = Awaited<ReturnType<typeof startSocialSecuritySimulator>>
let simulator: Simulator
let adapter: HallAdapter

beforeAll(async () => {
  simulator = await startSocialSecuritySimulator({ hallId, subjects, clock, random, appKey })
  adapter = await openSocialSecurity(
    setupFor(
      hallId,
      { ...simulator.settings, appKey: { name: 'SOCIAL_SECURITY_APP_KEY' } },
      secrets,
    ),
  )
})
afterEach(() => tell(simulator.controlUrl, 'up'))
afterAll(async () => {
  await adapter.close()
  await simulator.close()
})

const garbled = async (form: string, typeCode = card): Promise<unknown> => {
  await tell(simulator.controlUrl, 'garble', { form })
  return adapter.find(query(typeCode), context(form === 'drip' ? 600 : 4_000))
}

describe('what the hall holds', () => {
  it('finds every paper of every subject with the content that was issued', async () => {
    const papers = subjects.flatMap(({ papers: held, sealed }) =>
      held.filter(({ at }) => at === hallId && !sealed).map((paper) => paper.row),
    )
    expect(papers.length).toBeGreaterThan(40)
    for (const paper of papers) {
      const [holder] = paper.holders
      if (holder === undefined) throw new Error('no holder')
      const outcome = await adapter.find(query(paper.typeCode, holder), context())
      if (outcome.state !== 'found') throw new Error(JSON.stringify(outcome))
      const [candidate] = outcome.candidates
      expect(candidate?.licence).toMatchObject({
        identifier: paper.licenceId,
        number: paper.number,
        version: paper.version,
        holders: paper.holders.map(({ idType, id, name }) => ({ idType, id, name })),
        issuer: paper.issuer,
        issuedAt: paper.issuedAt,
        validFrom: paper.validFrom,
        validTo: paper.validTo,
        status: paper.status,
        areaCode: paper.areaCode,
        fields: paper.surface,
      })
    }
  })
  it('fetches by the reference that it found', async () => {
    const outcome = await adapter.fetch('T99000004 001', query(card), context())
    expect(outcome).toMatchObject({ state: 'licence', licence: { number: 'T99000004' } })
    expect(await adapter.fetch('T1 001', query(card), context())).toEqual({
      state: 'none',
      because: 'absent',
    })
  })
  it('reads JSON inside a string', async () => {
    expect(await garbled('double')).toMatchObject({ state: 'found' })
  })
  it('discloses nothing when the name differs at the source', async () => {
    const outcome = await adapter.find(query(card, people.misnamed), context())
    expect(outcome).toEqual({ state: 'none', because: 'name_differs' })
  })
  it('says none for a person without papers, rejected for a sealed record', async () => {
    expect(await adapter.find(query(card, people.nothing), context())).toEqual({
      state: 'none',
      because: 'absent',
    })
    expect(await adapter.find(query(card, people.sealed), context())).toEqual({
      state: 'failed',
      kind: 'rejected',
      cause: 'code_3002',
      reason: 'sealed',
    })
  })
})

describe('habits', () => {
  it('fetches the secret again when it was rotated in between, without a failure', async () => {
    await adapter.find(query(card), context())
    const before = simulator.calls()['refresh'] ?? 0
    await tell(simulator.controlUrl, 'rotate')
    const outcomes = await Promise.all(
      [0, 1, 2, 3, 4].map(() => adapter.find(query(card), context())),
    )
    expect(outcomes.map(({ state }) => state)).toEqual([
      'found',
      'found',
      'found',
      'found',
      'found',
    ])
    expect(simulator.calls()['refresh']).toBe(before + 1)
  })
  it.each([
    ['failure_inside', 'unreachable', 'code_5000'],
    ['html', 'malformed', 'json_malformed'],
    ['truncated', 'malformed', 'json_malformed'],
    ['encoding', 'malformed', 'encoding_not_utf8'],
    ['oversize', 'malformed', 'body_too_large'],
    ['compressed', 'malformed', 'content_encoding'],
    ['reset', 'unreachable', 'connection_lost_mid_body'],
    ['endless', 'malformed', 'body_too_large'],
    ['drip', 'timeout', 'no_answer'],
    ['other_request', 'malformed', 'answer_for_another_request'],
    ['other_holder', 'malformed', 'answer_for_another_holder'],
    ['no_data', 'malformed', 'data_missing'],
    ['missing_field', 'malformed', 'field_missing:number'],
    ['bad_date', 'malformed', 'field_form:issuedat'],
    ['duplicates_differ', 'malformed', 'duplicate_answers_differ'],
  ])('%s is %s with the cause %s', async (form, kind, cause) => {
    expect(await garbled(form)).toEqual({ state: 'failed', kind, cause })
  })
  it('counts a paper once that was sent twice, and reads full-width numbers', async () => {
    const twice = await garbled('duplicates')
    expect(twice).toMatchObject({ state: 'found', candidates: [{ number: 'T99000004' }] })
    const wide = await garbled('wide')
    expect(wide).toMatchObject({ state: 'found', candidates: [{ number: 'T99000004' }] })
  })
  it('reads a day in six forms', async () => {
    const outcome = await garbled('date_forms')
    expect(outcome).toMatchObject({
      candidates: Array.from({ length: 6 }, () => ({ issuedAt: '2018-06-12' })),
    })
  })
  it('keeps nothing of a record whose name is another than the one asked for', async () => {
    expect(await garbled('other_name')).toEqual({ state: 'none', because: 'name_differs' })
  })
  it('ends a stalled call at the deadline', async () => {
    await tell(simulator.controlUrl, 'hang')
    const outcome = await adapter.find(query(card), context(300))
    expect(outcome).toEqual({ state: 'failed', kind: 'timeout', cause: 'no_answer' })
  })
  it.each([
    [503, 'busy', 'http_503'],
    [401, 'unauthorised', 'http_401'],
    [500, 'unreachable', 'http_500'],
    [404, 'rejected', 'http_404'],
  ])('names a refusal with %s', async (status, kind, cause) => {
    await tell(simulator.controlUrl, 'refuse', { status })
    expect(await adapter.find(query(card), context())).toMatchObject({ kind, cause })
  })
  it('is unreachable while the hall is down, maintenance while it says so, and recovers', async () => {
    await tell(simulator.controlUrl, 'down')
    const outcome = await adapter.find(query(card), context())
    expect(outcome).toMatchObject({ kind: 'unreachable' })
    await tell(simulator.controlUrl, 'maintenance')
    expect(await adapter.probe(AbortSignal.timeout(2_000))).toMatchObject({ kind: 'maintenance' })
    await tell(simulator.controlUrl, 'up')
    expect(await adapter.find(query(card), context())).toMatchObject({ state: 'found' })
  })
})

describe('settings', () => {
  it('names every problem at once and repeats no value', async () => {
    const settings = { baseUrl: 'ftp://x', rid: '', appKey: 'written-here', services: {} }
    const opening = openSocialSecurity(setupFor(hallId, settings, secrets))
    await expect(opening).rejects.toMatchObject({ hallId, name: 'SettingsError' })
    await expect(opening).rejects.toThrow(/baseUrl.*rid.*appKey.*heartbeatSid/s)
    await expect(opening).rejects.not.toThrow(/written-here/)
  })
  it('is refused with the wrong key, and says so without the key', async () => {
    const settings = { ...simulator.settings, appKey: { name: 'SOCIAL_SECURITY_APP_KEY' } }
    const stranger = await openSocialSecurity(
      setupFor(hallId, settings, { SOCIAL_SECURITY_APP_KEY: 'another' }),
    )
    expect(await stranger.probe(AbortSignal.timeout(2_000))).toEqual({
      state: 'failed',
      kind: 'unauthorised',
      cause: 'refresh:refused',
    })
    await stranger.close()
  })
  it('answers the supervision service', async () => {
    const outcome = await adapter.feed(new Date(0), AbortSignal.timeout(2_000))
    expect(outcome).toMatchObject({ state: 'business', business: { accepted: 126, overdue: 2 } })
  })
})
