import type { HolderKind } from './licence.ts'

/** Holder code types (持证主体代码类型) and whose they are; 999 and 099 are the catch-alls. */
const kinds: ReadonlyMap<string, HolderKind> = new Map([
  ['001', 'organisation'],
  ['099', 'organisation'],
  ['111', 'person'],
  ['114', 'person'],
  ['115', 'person'],
  ['118', 'person'],
  ['119', 'person'],
  ['120', 'person'],
  ['122', 'person'],
  ['411', 'person'],
  ['412', 'person'],
  ['413', 'person'],
  ['414', 'person'],
  ['511', 'person'],
  ['516', 'person'],
  ['551', 'person'],
  ['552', 'person'],
  ['999', 'person'],
])

/** Whether a holder code type is a person's or an organisation's; undefined for an unknown one. */
export const holderKindOf = (idType: string): HolderKind | undefined => kinds.get(idType)

/** 公民身份号码 and 统一社会信用代码: the two with check characters. */
export const residentIdType = '111'
export const usccType = '001'
