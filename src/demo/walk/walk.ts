import { z } from 'zod'
import type { ActorReply } from '../actor-protocol.ts'
import type { DemoSubject } from '../city-data.ts'
import type { Narrator } from '../narrate.ts'
import type { Party } from '../party.ts'

/** What every part of the walk has at hand. */
export type Walk = {
  readonly narrator: Narrator
  readonly parties: {
    /** The departments' first stewards, who push. */
    readonly pushDesk: Party
    /** The second stewards, who release. */
    readonly releaseDesk: Party
    readonly approvalPlatform: Party
    readonly clerkSystem: Party
    readonly auditor: Party
  }
  readonly subjects: readonly DemoSubject[]
  /** Where the files for offline verification go. */
  readonly outDir: string
  /** Under which the fetched credentials are signed, all of them and no others. */
  readonly credentialAlgs: readonly string[]
  /** Runs `zhengqiao verify` as a process. */
  readonly verify: (
    args: readonly string[],
  ) => Promise<{ readonly exitCode: number; readonly output: string }>
  /** Tells a simulated hall what kind of day it has. */
  readonly tellHall: (hallId: string, act: 'down' | 'up') => Promise<void>
}

export const clerkOperator = 'clerk-city-001'

/** The walk expected something else: the demo ends with a failure that says where. */
export class WalkError extends Error {
  override readonly name = 'WalkError'
}

/** @throws WalkError with what was expected and what came. */
export const expectStatus = (reply: ActorReply, status: number, what: string): ActorReply => {
  if (reply.status !== status) {
    throw new WalkError(
      `${what}: expected ${String(status)}, got ${String(reply.status)} ${reply.text.slice(0, 600)}`,
    )
  }
  return reply
}

/** @throws WalkError unless the condition holds. */
export const expectThat = (condition: boolean, what: string): void => {
  if (!condition) throw new WalkError(what)
}

/** The person (111) or firm (001) of one behaviour. @throws WalkError */
export const subjectWho = (
  { subjects }: Walk,
  behaviour: string,
  idType: '111' | '001' = '111',
): DemoSubject => {
  const found = subjects.find(
    (subject) => subject.behaviour === behaviour && subject.idType === idType,
  )
  if (found === undefined) throw new WalkError(`the city has no subject for ${behaviour}`)
  return found
}

export const materialsReply = z.object({
  materials: z.array(
    z.object({
      code: z.string(),
      nameZh: z.string().optional(),
      state: z.string(),
      reason: z.string(),
      messageZh: z.string(),
      next: z.string(),
      hall: z.string().optional(),
      licence: z
        .object({
          licenceId: z.string(),
          sdJwt: z.string(),
          fields: z.record(z.string(), z.json()),
          keyCustody: z.string(),
          attestedBy: z.string(),
        })
        .optional(),
      candidates: z
        .array(z.object({ licenceId: z.string(), numberTail: z.string(), issuedAt: z.string() }))
        .optional(),
    }),
  ),
  complete: z.boolean(),
  fetchId: z.string().optional(),
})
export type MaterialsReply = z.output<typeof materialsReply>

export type CaseWish = {
  readonly caseNo: string
  readonly itemCode: string
  readonly subject: DemoSubject
  readonly facts?: Readonly<Record<string, string | boolean>>
}

/** The approval platform registers a case for a clerk of the city hall. Answers its id. */
export const registerCase = async (walk: Walk, wish: CaseWish): Promise<string> => {
  const { subject } = wish
  const reply = await walk.parties.approvalPlatform.as('registrar-city').post('/v1/cases', {
    caseNo: wish.caseNo,
    itemCode: wish.itemCode,
    channel: 'hall',
    subject: { idType: subject.idType, id: subject.id, name: subject.name },
    relatedSubjects: (subject.relatedSubjects ?? []).map(({ role, idType, id, name }) => ({
      role,
      idType,
      id,
      name,
    })),
    facts: wish.facts ?? {},
    operator: { id: clerkOperator, name: '孙晓琳', window: 'A01' },
  })
  expectStatus(reply, 201, `register ${wish.caseNo}`)
  return z.object({ caseId: z.string() }).parse(reply.data).caseId
}

/** The clerk system checks a case (existence only). */
export const checkCase = async (walk: Walk, caseId: string): Promise<MaterialsReply> => {
  const clerk = walk.parties.clerkSystem.as('clerk-city', clerkOperator)
  const reply = await clerk.post(`/v1/cases/${caseId}/checks`, {})
  return materialsReply.parse(expectStatus(reply, 200, 'check').data)
}

/** The clerk system fetches materials of a case. */
export const fetchCase = async (
  walk: Walk,
  caseId: string,
  materials: readonly { readonly code: string; readonly licenceId?: string }[],
): Promise<{ readonly answer: MaterialsReply; readonly reply: ActorReply }> => {
  const clerk = walk.parties.clerkSystem.as('clerk-city', clerkOperator)
  const reply = await clerk.post(`/v1/cases/${caseId}/fetches`, {
    materials: materials.map(({ code, licenceId }) => ({
      code,
      ...(licenceId === undefined ? {} : { licenceId }),
    })),
  })
  if (reply.status !== 202) expectStatus(reply, 200, 'fetch')
  return { answer: materialsReply.parse(reply.data), reply }
}

/** The material of a code. @throws WalkError */
export const materialOf = (
  { materials }: MaterialsReply,
  code: string,
): MaterialsReply['materials'][number] => {
  const found = materials.find((material) => material.code === code)
  if (found === undefined) throw new WalkError(`no material ${code} in the answer`)
  return found
}
