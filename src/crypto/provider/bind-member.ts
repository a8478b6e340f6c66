import { unsupported } from './algorithm.ts'

/** A member as it can be handed on: WebCrypto's methods work on their own object only. */
export const bindMember = (owner: object, name: string | symbol): unknown => {
  const member: unknown = Reflect.get(owner, name)
  return typeof member === 'function'
    ? (...args: readonly unknown[]): unknown => Reflect.apply(member, owner, args)
    : member
}

/** @throws CryptoError algorithm_unsupported when there is no such method */
export const callMember = (owner: object, name: string, args: readonly unknown[]): unknown => {
  const member: unknown = Reflect.get(owner, name)
  if (typeof member !== 'function') throw unsupported(name)
  return Reflect.apply(member, owner, args)
}
