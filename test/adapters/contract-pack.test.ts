import { afterAll, describe, expect, it } from 'vitest'
import { departments } from '../../adapters/departments.ts'
import {
  simulatedHallIds,
  startSimulatedHall,
  type SimulatedHall,
  type SimulatedHallId,
} from '../../adapters/simulated-halls.ts'
import { formatPackReport, runContractPack } from '../../src/halls/contract-pack.ts'
import { hallSpecSchema } from '../../src/halls/hall-spec.ts'
import type { PackSubject } from '../../src/halls/pack-subject.ts'
import { emptyDatabaseUrl } from '../support/database.ts'
import { clock, contextWith, people, random, setupFor, subjects, tell } from './harness.ts'

const types: Readonly<Record<SimulatedHallId, string>> = {
  'social-security': '11370299003700010A001',
  'police-exit-entry': '113702990037000297016',
  'police-vehicle': '113702990037000372005',
  land: '11370299003700053P009',
  'housing-fund': '11370299003700061J011',
}
const bearable = ['duplicates', 'wide']
const common = ['other_holder', 'missing_field', 'bad_date', 'duplicates_differ', 'failure_inside']
const overHttp = ['truncated', 'encoding', 'oversize', 'reset', 'endless', 'drip', 'compressed']
const fatal: Readonly<Record<SimulatedHallId, readonly string[]>> = {
  'social-security': [...common, ...overHttp, 'html', 'other_request', 'no_data'],
  'police-exit-entry': [...common, ...overHttp, 'other_request', 'bomb', 'external_entity', 'deep'],
  'police-vehicle': [...common, 'truncated', 'encoding', 'bomb', 'other_request'],
  land: [...common, 'truncated', 'oversize', 'nothing', 'wrong_count'],
  'housing-fund': [...common, ...overHttp, 'other_request', 'bomb', 'utf8', 'wrong_count'],
}

const started: SimulatedHall[] = []
afterAll(async () => {
  await Promise.all(started.map(({ simulator }) => simulator.close()))
})

const subjectOf = async (hallId: SimulatedHallId): Promise<PackSubject> => {
  const secret = `secret-of-${hallId}-0123456789`
  const hall = await startSimulatedHall(hallId, {
    subjects,
    clock,
    random,
    secret,
    ...(hallId === 'land' ? { ownerUrl: await emptyDatabaseUrl() } : {}),
  })
  started.push(hall)
  const spec = hallSpecSchema.parse(hall.row)
  const open = departments.get(spec.department)
  if (open === undefined) throw new Error('no adapter')
  const settings = { ...spec.settings, ...(hallId === 'land' ? { pollMs: 50 } : {}) }
  const typeCode = types[hallId]
  return {
    name: hallId,
    open: () => open(setupFor(hallId, settings, hall.secrets)),
    openWith: (other) => open(setupFor(hallId, other, hall.secrets)),
    tell: (act, body) => tell(hall.simulator.controlUrl, act, body),
    calls: async () => hall.simulator.calls(),
    present: { typeCode, holder: people.allPresent },
    absent: { typeCode, holder: people.nothing },
    misnamed: { typeCode, holder: people.misnamed },
    context: contextWith,
    secrets: Object.values(hall.secrets),
    fatal: fatal[hallId],
    bearable,
  }
}

describe('contract pack', () => {
  it.each(simulatedHallIds)(
    'passes for %s',
    async (hallId) => {
      const report = await runContractPack(await subjectOf(hallId), {
        elapsedMs: () => performance.now(),
        activeResources: () => process.getActiveResourcesInfo(),
      })
      const lines = formatPackReport(report).join('\n')
      process.stdout.write(`${lines}\n`)
      expect(lines).not.toContain('FAIL')
      expect(report.passed).toBeGreaterThanOrEqual(14)
    },
    60_000,
  )
  it('finds an adapter that breaks the contract', async () => {
    const subject = await subjectOf('housing-fund')
    const broken: PackSubject = {
      ...subject,
      open: async () => ({
        ...(await subject.open()),
        find: async () => ({
          state: 'failed',
          kind: 'malformed',
          cause: `no ${people.allPresent.name}`,
        }),
      }),
    }
    const report = await runContractPack(broken, {
      elapsedMs: () => performance.now(),
      activeResources: () => process.getActiveResourcesInfo(),
    })
    expect(report.failed).toBeGreaterThan(5)
  }, 60_000)
})
