import { afterAll, expect, it } from 'vitest'
import { openTemplate } from '../../../adapters/template/adapter.ts'
import { startTemplateSimulator } from '../../../adapters/template/simulator.ts'
import type { Simulator } from '../../../src/halls/adapter.ts'
import { formatPackReport, runContractPack } from '../../../src/halls/contract-pack.ts'
import type { PackSubject } from '../../../src/halls/pack-subject.ts'
import { contextWith, people, setupFor, tell } from '../harness.ts'

const hallId = 'civil-affairs'
const typeCode = '1137029900370023XH020'
const secrets = { API_KEY: 'key-of-the-template-test' }
const paper = (holder: { idType: string; id: string; name: string }) => ({
  licenceId: '',
  typeCode,
  number: 'J370299-2018-000001',
  version: '001',
  holders: [holder],
  issuer: { code: '1137029900370023XH', name: '青岛市民政局' },
  issuedAt: '2018-06-12',
  validFrom: '2018-06-12',
  validTo: null,
  status: 'active',
  areaCode: '370202',
  surface: { name: holder.name, citizenId: holder.id },
})

const started: Simulator[] = []
afterAll(() => Promise.all(started.map((simulator) => simulator.close())))

it('passes the contract pack as it is', async () => {
  const simulator = await startTemplateSimulator({
    hallId,
    subjects: [],
    rows: [paper(people.allPresent), paper({ ...people.misnamed, name: '测试本名' })],
    apiKey: secrets.API_KEY,
  })
  started.push(simulator)
  const settings = { baseUrl: simulator.url, apiKey: { name: 'API_KEY' } }
  const subject: PackSubject = {
    name: 'template',
    open: () => openTemplate(setupFor(hallId, settings, secrets)),
    openWith: (other) => openTemplate(setupFor(hallId, other, secrets)),
    tell: (act, body) => tell(simulator.controlUrl, act, body),
    calls: async () => simulator.calls(),
    present: { typeCode, holder: people.allPresent },
    absent: { typeCode, holder: people.nothing },
    misnamed: { typeCode, holder: people.misnamed },
    context: contextWith,
    secrets: Object.values(secrets),
    fatal: [
      'failure_inside',
      'truncated',
      'encoding',
      'oversize',
      'reset',
      'other_holder',
      'bad_date',
    ],
    bearable: ['duplicates', 'wide', 'date_forms'],
  }
  const report = await runContractPack(subject, {
    elapsedMs: () => performance.now(),
    activeResources: () => process.getActiveResourcesInfo(),
  })
  expect(formatPackReport(report).join('\n')).not.toContain('FAIL')
}, 60_000)
