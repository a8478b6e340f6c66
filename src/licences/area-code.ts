/** Retired division codes still in stock: 四方区, 即墨市, 胶南市 and the districts they became. */
const successors: ReadonlyMap<string, string> = new Map([
  ['370205', '370203'],
  ['370282', '370215'],
  ['370284', '370211'],
])

/** The division code (GB/T 2260) that is in force for a place. */
export const currentAreaCode = (code: string): string => successors.get(code) ?? code

export const isAreaCode = (code: string): boolean => /^[1-9][0-9]{5}$/.test(code)
