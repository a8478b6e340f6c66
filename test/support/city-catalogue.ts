import { readFileSync } from 'node:fs'

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../src/demo/city/${name}.json`, import.meta.url), 'utf8'))

/** The synthetic city's catalogue, unparsed. */
export const cityCatalogue = () => ({
  licenceTypes: read('licence-types'),
  serviceItems: read('service-items'),
})
