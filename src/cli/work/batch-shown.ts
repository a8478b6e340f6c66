import type { Batch } from '../../client/operations.ts'
import type { Shown } from '../registry/verb.ts'

/** What a second person has to look at, and the words with which to release it. */
export const batchShown = (batch: Batch): Shown => {
  const { batchId, state, counts, failure } = batch
  const figures = Object.entries(counts ?? {}).map(([name, count]) => `${name} ${String(count)}`)
  const head = [batchId, state, ...figures, ...(failure === null ? [] : [failure])].join('  ')
  return { data: batch, lines: [head, ...nextSteps(batch)], exitCode: state === 'failed' ? 1 : 0 }
}

const nextSteps = ({ batchId, state, counts, root }: Batch): readonly string[] => {
  const { valid = 0, quarantined = 0 } = counts ?? {}
  const mend = `zhengqiao stock errors ${batchId} --class quarantine`
  const release = `zhengqiao stock release ${batchId} --root ${root ?? ''} --rows ${String(valid)}`
  return [
    ...(state === 'failed' || quarantined > 0 ? [mend] : []),
    ...(state === 'validated' ? [release] : []),
  ]
}
