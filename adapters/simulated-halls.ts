import type { Clock } from '../src/contract/clock.ts'
import type { RandomBytes } from '../src/contract/uuid.ts'
import type {
  JsonObject,
  SimulatedPaper,
  SimulatedSubject,
  Simulator,
} from '../src/halls/adapter.ts'
import { startHousingFundSimulator } from './housing-fund/simulator.ts'
import { startLandSimulator } from './land/simulator.ts'
import { startPoliceSimulator } from './police/simulator.ts'
import { startSocialSecuritySimulator } from './social-security/simulator.ts'

export const simulatedHallIds = [
  'social-security',
  'police-exit-entry',
  'police-vehicle',
  'land',
  'housing-fund',
] as const
export type SimulatedHallId = (typeof simulatedHallIds)[number]

export type SimulatedHallOptions = {
  readonly subjects: readonly SimulatedSubject[]
  readonly rows?: readonly SimulatedPaper[]
  readonly clock: Clock
  readonly random: RandomBytes
  /** What the gateway must know to be let in: app key, password or secret key; land makes its own. */
  readonly secret: string
  /** Police only: identity numbers of clerks by operator id. */
  readonly clerks?: Readonly<Record<string, string>>
  /** Land only: an empty database of a real server, opened as a role that may create roles. */
  readonly ownerUrl?: string
  readonly port?: number
  readonly controlPort?: number
}

export type SimulatedHall = {
  readonly simulator: Simulator
  /** A hall's configuration row that leads to this simulator. */
  readonly row: JsonObject
  /** Values of the secrets that the row names. */
  readonly secrets: Readonly<Record<string, string>>
}

type Start = (options: SimulatedHallOptions) => Promise<SimulatedHall>

/** Starts one of the demo city's five halls on loopback. */
export const startSimulatedHall = (
  hallId: SimulatedHallId,
  options: SimulatedHallOptions,
): Promise<SimulatedHall> => halls[hallId](options)

const startSocialSecurity: Start = async (options) => {
  const hallId = 'social-security'
  const name = 'SOCIAL_SECURITY_APP_KEY'
  const simulator = await startSocialSecuritySimulator({
    ...options,
    hallId,
    appKey: options.secret,
  })
  const row = {
    hallId,
    nameZh: '人社专业大厅',
    department: 'social-security',
    organisationId: 'social-security',
    settings: { ...simulator.settings, appKey: { name } },
  }
  return { simulator, row, secrets: { [name]: options.secret } }
}

type PoliceHall = {
  readonly hallId: SimulatedHallId
  readonly nameZh: string
  readonly version: '1.0' | '2.0'
  readonly typeCodes: readonly string[]
}

const startPolice =
  ({ hallId, nameZh, version, typeCodes }: PoliceHall): Start =>
  async (options) => {
    const name = `${hallId.toUpperCase().replaceAll('-', '_')}_PASSWORD`
    const clerksName = name.replace(/PASSWORD$/, 'CLERKS')
    const password = options.secret
    const simulator = await startPoliceSimulator({
      ...options,
      hallId,
      version,
      typeCodes,
      password,
    })
    const row = {
      hallId,
      nameZh,
      department: 'police',
      organisationId: 'police',
      settings: {
        ...simulator.settings,
        password: { name },
        ...(options.clerks === undefined ? {} : { clerks: { name: clerksName } }),
      },
    }
    const clerks =
      options.clerks === undefined ? {} : { [clerksName]: JSON.stringify(options.clerks) }
    return { simulator, row, secrets: { [name]: password, ...clerks } }
  }

const startLand: Start = async ({ ownerUrl, ...options }) => {
  if (ownerUrl === undefined) throw new TypeError('the land hall needs a database')
  const hallId = 'land'
  const name = 'LAND_DATABASE_URL'
  const simulator = await startLandSimulator({ ...options, hallId, ownerUrl })
  const row = {
    hallId,
    nameZh: '国土(不动产登记)专业大厅',
    department: 'land',
    organisationId: 'land',
    settings: { ...simulator.settings, databaseUrl: { name } },
    calendar: { saturdays: true },
  }
  return { simulator, row, secrets: { [name]: simulator.databaseUrl } }
}

const startHousingFund: Start = async (options) => {
  const hallId = 'housing-fund'
  const name = 'HOUSING_FUND_KEY'
  const secretKey = options.secret
  const simulator = await startHousingFundSimulator({ ...options, hallId, secretKey })
  const row = {
    hallId,
    nameZh: '公积金专业大厅',
    department: 'housing-fund',
    organisationId: 'housing-fund',
    settings: { ...simulator.settings, secretKey: { name } },
  }
  return { simulator, row, secrets: { [name]: secretKey } }
}

const halls: Readonly<Record<SimulatedHallId, Start>> = {
  'social-security': startSocialSecurity,
  'police-exit-entry': startPolice({
    hallId: 'police-exit-entry',
    nameZh: '公安出入境专业大厅',
    version: '2.0',
    typeCodes: [
      '113702990037000297016',
      '113702990037000297004',
      '113702990037000297017',
      '11370299003700045W007',
    ],
  }),
  'police-vehicle': startPolice({
    hallId: 'police-vehicle',
    nameZh: '公安车管专业大厅',
    version: '1.0',
    typeCodes: ['113702990037000372005', '113702990037000372006'],
  }),
  land: startLand,
  'housing-fund': startHousingFund,
}
