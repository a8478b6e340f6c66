import {
  type Material,
  type ServiceItem,
  serviceItemSchema,
} from '../../src/catalogue/service-item.ts'

const material = {
  code: 'M1',
  nameZh: '居民身份证',
  source: 'gov:police',
  shortCode: 'GA-SFZ',
  typeCode: '113702990037000297016',
  required: true,
  condition: null,
  role: 'applicant',
  fields: ['name', 'citizenId'],
  why: null,
  forDepartments: ['公安'],
}

/** A material for tests: an identity card that the police issue, unless changed. */
export const aMaterial = (changes: Partial<Material> = {}): Material => ({
  ...material,
  commitment: false,
  ...changes,
})

/** A service item for tests. */
export const anItem = (changes: Partial<ServiceItem> = {}): ServiceItem => ({
  ...serviceItemSchema.parse({
    code: 'QD-TEST-001',
    nameZh: '测试事项',
    chain: false,
    subjectKind: 'person',
    lead: null,
    links: [],
    departments: ['公安'],
    facts: {},
    legalBasis: '测试依据',
    promisedDays: 1,
    version: 1,
    materials: [material],
  }),
  ...changes,
})
