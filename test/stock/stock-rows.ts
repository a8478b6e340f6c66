import { formatLicenceIdentifier } from '../../src/licences/licence-identifier.ts'
import { residentIdCheck } from '../../src/licences/resident-id.ts'

export const issuer = '11370299003700010A'
const typeCode = '11370299003700010A001'

/** A person of the area that is never issued; `place` makes the number. */
export const aPerson = (place: number) => {
  const first17 = `37029919800101${String(place).padStart(3, '0')}`
  return {
    kind: 'person',
    idType: '111',
    id: first17 + residentIdCheck(first17),
    name: `测试${'甲乙丙丁戊己庚辛'.charAt(place % 8)}`,
  }
}

/** A social security card of person `place`, right in every respect unless changed. */
export const aRow = (place: number, changes: Record<string, unknown> = {}) => {
  const version = typeof changes['version'] === 'string' ? changes['version'] : '001'
  const serial = `T${String(place).padStart(8, '0')}`
  const holder = aPerson(place)
  return {
    licenceId: formatLicenceIdentifier({ typeCode, issuerCode: issuer, serial, version }),
    typeCode,
    number: serial,
    version,
    holders: [holder] as unknown,
    issuer: { code: issuer, name: '测试局' } as unknown,
    issuedAt: '2018-01-02',
    validFrom: '2018-01-02',
    validTo: '2028-01-02' as unknown,
    status: 'active',
    trustLevel: 'A',
    areaCode: '370203',
    surface: {
      name: holder.name,
      citizenId: holder.id,
      cardNumber: serial,
      sex: '男',
      issueDate: '2018-01-02',
      bankName: '青岛测试栈桥银行',
      cardStatus: '正常',
    } as Record<string, unknown>,
    ...changes,
  }
}

export const aLine = (place: number, changes: Record<string, unknown> = {}): string =>
  JSON.stringify(aRow(place, changes))
