import { z } from 'zod'
import { verifyConsistency, verifyInclusion } from '../../crypto/verify-merkle.ts'
import { judgeCase } from './judge-case.ts'
import type { RunSuite } from './suite.ts'

/** Go writes an absent byte slice as null. */
const bytes = z
  .string()
  .nullable()
  .transform((text) => Buffer.from(text ?? '', 'base64'))
const path = z
  .array(bytes)
  .nullable()
  .transform((list) => list ?? [])
const head = { id: z.string(), wantErr: z.boolean(), proof: path }

const suiteFile = z.object({
  cases: z.array(
    z.discriminatedUnion('kind', [
      z.object({
        ...{ ...head, kind: z.literal('inclusion'), root: bytes, leafHash: bytes },
        ...{ leafIdx: z.number(), treeSize: z.number() },
      }),
      z.object({
        ...{ ...head, kind: z.literal('consistency'), root1: bytes, root2: bytes },
        ...{ size1: z.number(), size2: z.number() },
      }),
    ]),
  ),
})

type Case = z.infer<typeof suiteFile>['cases'][number]

/** Suite `merkle` (format merkle-cases-1): inclusion and consistency proofs of transparency-dev. */
export const runMerkleSuite: RunSuite = async function* ({ json, cpuMs }) {
  for (const item of suiteFile.parse(json).cases) {
    const expected = item.wantErr ? 'reject' : 'accept'
    yield await judgeCase({ id: item.id, expected, accepts: () => isProved(item) }, cpuMs)
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
