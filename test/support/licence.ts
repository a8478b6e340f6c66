import { asId } from '../../src/contract/ids.ts'
import type { Licence } from '../../src/licences/licence.ts'

/** A released licence for tests: valid without end, unless changed. */
export const aLicence = (changes: Partial<Licence> = {}): Licence => ({
  licenceId: asId('0190b8f0-0000-7000-8000-000000000001'),
  typeCode: asId('113702990037000297016'),
  version: '001',
  issuerCode: asId('113702990037000297'),
  issuedAt: '2018-06-12',
  validFrom: '2018-06-12',
  validTo: null,
  trustLevel: 'A',
  status: 'active',
  sourceStatus: null,
  statusAsOf: new Date('2018-11-30T01:00:00Z'),
  statusSource: 'stock',
  successorId: null,
  ...changes,
})
