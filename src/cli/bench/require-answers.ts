import { z } from 'zod'
import { benchItem } from './bench-city.ts'

const receipt = z.object({ no: z.string(), event: z.string(), salt: z.string(), proof: z.string() })

const checked = z.object({
  data: z.object({
    complete: z.literal(true),
    materials: z.tuple([
      z.object({ code: z.literal(benchItem.materialCode), state: z.literal('available') }),
    ]),
  }),
  receipt,
})

const fetched = z.object({
  data: z.object({
    complete: z.literal(true),
    materials: z.tuple([
      z.object({
        state: z.literal('fetched'),
        licence: z.object({
          sdJwt: z.string().regex(/^[\w-]+\.[\w-]+\.[\w-]+(~[\w-]+){3}~$/),
          status: z.literal('active'),
        }),
      }),
    ]),
  }),
  receipt,
})

/** A check that found the licence, with a receipt; nothing else counts as an operation. */
export const requireExistence = (body: string): void => {
  checked.parse(JSON.parse(body))
}

/** A fetch that brought the credential with the three permitted disclosures, with a receipt. */
export const requireContent = (body: string): void => {
  fetched.parse(JSON.parse(body))
}
