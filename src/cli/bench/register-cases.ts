import { z } from 'zod'
import { type BenchCity, benchItem, type BenchOperator } from './bench-city.ts'
import { sendAll } from './load/send.ts'
import type { Part } from './part.ts'
import type { BenchHolder } from './real-licences.ts'

export type BenchCase = BenchOperator & { readonly caseId: string; readonly holder: BenchHolder }

const registered = z.object({ data: z.object({ caseId: z.string() }) })

/** Registers one case for each holder over HTTP, each for another operator. */
export const registerCases = async (
  load: Part,
  city: BenchCity,
  { holders, nowMs }: { readonly holders: readonly BenchHolder[]; readonly nowMs: number },
): Promise<readonly BenchCase[]> => {
  const { operators, registrars } = city
  const operatorOf = (at: number): BenchOperator => {
    const operator = operators[at % operators.length]
    if (operator === undefined) throw new RangeError('no operators')
    return operator
  }
  const requests = holders.map((subject, at) => ({
    method: 'POST' as const,
    path: '/v1/cases',
    clientId: registrars[at % registrars.length] ?? '',
    idempotent: true,
    body: JSON.stringify({
      caseNo: `B${String(nowMs)}-${String(at)}`,
      itemCode: benchItem.itemCode,
      channel: 'hall',
      subject,
      operator: { id: operatorOf(at).operatorId, name: '压测经办人' },
    }),
  }))
  const { bodies } = await sendAll(load, city, { requests, connections: 8, keepBodies: true })
  return bodies.map((body, at) => {
    const { caseId } = registered.parse(JSON.parse(body)).data
    const holder = holders[at]
    if (holder === undefined) throw new RangeError('more answers than requests')
    return { ...operatorOf(at), caseId, holder }
  })
}
