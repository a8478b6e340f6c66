import { z } from 'zod'
import { verifyConsistency, verifyInclusion } from '../../crypto/verify-merkle.ts'
import type { ReadSuite } from './suite.ts'

/** Go writes an absent byte slice as null. */
const bytes = z
  .string()
  .nullable()
  .transform((text) => Buffer.from(text ?? '', 'base64'))
const path = z
  .array(bytes)
  .nullable()
  .transform((list) => list ?? [])

/** What every case must have; the rest is read case by case, so that an odd one is only its own loss. */
const suiteFile = z.object({
  cases: z.array(z.looseObject({ id: z.string(), wantErr: z.boolean() })),
})

const caseInputs = z.discriminatedUnion('kind', [
  z.object({
    ...{ kind: z.literal('inclusion'), proof: path, root: bytes, leafHash: bytes },
    ...{ leafIdx: z.number(), treeSize: z.number() },
  }),
  z.object({
    ...{ kind: z.literal('consistency'), proof: path, root1: bytes, root2: bytes },
    ...{ size1: z.number(), size2: z.number() },
  }),
])

type Case = z.infer<typeof caseInputs>

/** Suite `merkle` (format merkle-cases-1): inclusion and consistency proofs of transparency-dev. */
export const readMerkleSuite: ReadSuite = async function* ({ json }) {
  for (const item of suiteFile.parse(json).cases) {
    const expected = item.wantErr ? 'reject' : 'accept'
    yield { id: item.id, expected, accepts: () => isProved(caseInputs.parse(item)) }
  }
}

const isProved = (item: Case): boolean =>
  item.kind === 'inclusion'
    ? verifyInclusion({
        ...{ index: item.leafIdx, size: item.treeSize },
        ...{ leaf: item.leafHash, path: item.proof, root: item.root },
      })
    : verifyConsistency({
        ...{ oldSize: item.size1, newSize: item.size2, path: item.proof },
        ...{ oldRoot: item.root1, newRoot: item.root2 },
      })
