import type { Exchange } from './exchange.ts'

const warnWithinDays = 30

/** Tells a client with every answer how many days its certificate has left, from 30 days on. */
export const certificateWarning = ({
  client,
  caller,
  now,
}: Exchange): Readonly<Record<string, string>> => {
  if (client === undefined || caller === undefined) return {}
  const daysLeft = Math.floor((client.notAfter.getTime() - now.getTime()) / 86_400_000)
  return daysLeft > warnWithinDays ? {} : { 'zhengqiao-certificate-days-left': String(daysLeft) }
}
