import type { Facts, ServiceItem } from '../catalogue/service-item.ts'
import { GatewayError } from '../contract/error.ts'

/** @throws GatewayError validation_failed naming each fact that the item does not declare, or not with that value. */
export const requireKnownFacts = (item: ServiceItem, facts: Facts): void => {
  const errors = Object.entries(facts).flatMap(([fact, value]) =>
    Object.hasOwn(item.facts, fact) && item.facts[fact]?.includes(value) === true
      ? []
      : [
          {
            pointer: `/facts/${fact.replaceAll('~', '~0').replaceAll('/', '~1')}`,
            code: 'fact_unknown',
            detail: '事项没有这项办件情形,或没有这个取值',
          },
        ],
  )
  if (errors.length > 0) throw new GatewayError('validation_failed', undefined, { errors })
}
