import { mod3736Check } from '../crypto/mod3736.ts'

/** Parts of a licence identifier (GB/T 36904, ZZBS). */
export type LicenceIdentifier = {
  readonly typeCode: string
  readonly issuerCode: string
  readonly serial: string
  readonly version: string
}

const root = '1.2.156.3005.2'
const form =
  /^1\.2\.156\.3005\.2\.([0-9A-Z]{21})\.([0-9A-Z]{18})\.([0-9A-Z]{1,60})\.([0-9]{3})\.([0-9A-Z])$/

/** Reads an identifier; `checked` tells whether its check character is right. Undefined if it is none. */
export const parseLicenceIdentifier = (
  text: string,
): (LicenceIdentifier & { readonly checked: boolean }) | undefined => {
  const [, typeCode, issuerCode, serial, version, check] = form.exec(text) ?? []
  if (
    typeCode === undefined ||
    issuerCode === undefined ||
    serial === undefined ||
    version === undefined
  ) {
    return undefined
  }
  const parts = { typeCode, issuerCode, serial, version }
  return { ...parts, checked: checkCharacterOf(parts) === check }
}

/** The identifier with the root of the standard and the right check character. */
export const formatLicenceIdentifier = (parts: LicenceIdentifier): string =>
  `${seriesOf(parts)}.${parts.version}.${checkCharacterOf(parts)}`

/** The identifier without version and check character: what all versions of one licence share. */
export const seriesOf = ({ typeCode, issuerCode, serial }: LicenceIdentifier): string =>
  `${root}.${typeCode}.${issuerCode}.${serial}`

const checkCharacterOf = ({ typeCode, issuerCode, serial, version }: LicenceIdentifier): string =>
  mod3736Check(typeCode + issuerCode + serial + version)
