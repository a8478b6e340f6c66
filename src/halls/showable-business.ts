import type { HallBusiness } from './hall-contract.ts'

const queuesMax = 50
const nameLengthMax = 40

/** What a hall calls its queues is shown to many: cut to size, long numbers (a person's, it may be) out. */
export const showableBusiness = (business: HallBusiness): HallBusiness => ({
  ...business,
  queues: business.queues.slice(0, queuesMax).map(({ nameZh, length }) => ({
    nameZh: Array.from(nameZh.replace(/\p{C}/gu, '').replace(/[\dXx]{6,}/g, '…'))
      .slice(0, nameLengthMax)
      .join(''),
    length,
  })),
})
