import { code, date, digits, end, text, type LicenceTables } from '../../src/halls/adapter.ts'

/** One mapping table per licence type: the department's name, our key, the form of the value. */
export const tables: ReadonlyMap<string, LicenceTables> = new Map([
  [
    '1137029900370023XH020',
    {
      head: [
        { wire: 'no', key: 'number', form: digits },
        { wire: 'version', key: 'version', form: digits },
        { wire: 'orgCode', key: 'issuerCode', form: digits },
        { wire: 'orgName', key: 'issuerName', form: text },
        { wire: 'issued', key: 'issuedAt', form: date('dashed') },
        { wire: 'until', key: 'validTo', form: end('dashed', '') },
        { wire: 'status', key: 'status', form: code({ valid: 'active', void: 'cancelled' }) },
      ],
      surface: [
        { wire: 'holder', key: 'name', form: text },
        { wire: 'holderId', key: 'citizenId', form: digits },
        { wire: 'spouse', key: 'spouseName', form: text, optional: true },
      ],
    },
  ],
])
