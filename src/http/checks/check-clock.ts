import { cityTimeOf } from '../../contract/clock.ts'
import { GatewayError } from '../../contract/error.ts'
import { type Exchange, found } from '../exchange.ts'
import type { PipelineDeps } from '../pipeline-deps.ts'
import { textsZh } from '../texts-zh.ts'

/** Says by how many seconds, and shows both clocks. @throws GatewayError clock_skew */
export const checkClock = ({ limits }: PipelineDeps, exchange: Exchange): void => {
  const { now } = exchange
  const { created, expires } = found(exchange.signature)
  const behindSeconds = Math.trunc(now.getTime() / 1000 - created)
  if (Math.abs(behindSeconds) > limits.skewSeconds)
    throw refusal(
      exchange,
      textsZh.clockSkew({
        seconds: Math.abs(behindSeconds),
        ahead: behindSeconds < 0,
        maxSeconds: limits.skewSeconds,
      }),
    )
  const expiredSeconds = expires === undefined ? 0 : Math.floor(now.getTime() / 1000) - expires
  if (expiredSeconds > 0) throw refusal(exchange, textsZh.signatureExpired(expiredSeconds))
}

const refusal = ({ now, signature }: Exchange, message: string): GatewayError => {
  const { created } = found(signature)
  const members = {
    requestTime: cityTimeOf(new Date(created * 1000)),
    gatewayTime: cityTimeOf(now),
    differenceSeconds: Math.trunc(created - now.getTime() / 1000),
  }
  return new GatewayError('clock_skew', message, { members })
}
