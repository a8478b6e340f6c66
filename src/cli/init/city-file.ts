import { z } from 'zod'
import { accessCitySchema } from '../../access/city.ts'

/** What `zhengqiao init --city FILE` reads: who takes part, and which departments sign for themselves. */
export const cityFileSchema = accessCitySchema.extend({
  /** Departments that run their own signer, and where; all others are in the gateway's custody. */
  signers: z.array(z.object({ organisation: z.string(), url: z.url() })).default([]),
  /** Organisations whose people, systems and licence keys sign with SM2; under `--profile gm` all do. */
  sm2: z.array(z.string()).default([]),
})
export type CityFile = z.output<typeof cityFileSchema>
