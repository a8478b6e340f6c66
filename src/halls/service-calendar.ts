import { z } from 'zod'
import type { CityDate } from '../contract/clock.ts'

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/)
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/)

/**
 * When a hall works. Opening hours say when its people do; only batch windows and maintenance stop its
 * system from answering.
 */
export const serviceCalendarSchema = z.strictObject({
  opens: timeOfDay.default('09:00'),
  closes: timeOfDay.default('17:00'),
  /** "5+1": the hall also works on Saturdays. */
  saturdays: z.boolean().default(false),
  sundays: z.boolean().default(false),
  holidays: z.array(day).default([]),
  /** Saturdays and Sundays worked in exchange for a holiday. */
  makeupWorkdays: z.array(day).default([]),
  /** Daily hours, Beijing time, in which the department's own batch runs. */
  batchWindows: z.array(z.strictObject({ from: timeOfDay, to: timeOfDay })).default([]),
  /** Announced ahead; instants in RFC 3339. */
  maintenance: z
    .array(
      z.strictObject({
        from: z.iso.datetime({ offset: true }),
        to: z.iso.datetime({ offset: true }),
        reasonZh: z.string().min(1).max(100),
      }),
    )
    .default([]),
})
export type ServiceCalendar = z.output<typeof serviceCalendarSchema>

export type Outage = {
  readonly kind: 'batch' | 'maintenance'
  readonly until: Date
  readonly reasonZh: string
}
export type ServiceDay = {
  readonly openNow: boolean
  readonly opensToday: boolean
  /** Set while the system cannot answer. */
  readonly outage: Outage | undefined
  /** Maintenance still to come. */
  readonly announced: readonly {
    readonly from: Date
    readonly to: Date
    readonly reasonZh: string
  }[]
}

/** @param cityDate decides weekday and holiday; the time of day is that of `now` in Beijing. */
export const serviceDayOf = (
  calendar: ServiceCalendar,
  now: Date,
  cityDate: CityDate,
): ServiceDay => {
  const time = timeOf(now)
  const opensToday = isWorkday(calendar, cityDate)
  return {
    openNow: opensToday && time >= calendar.opens && time < calendar.closes,
    opensToday,
    outage: maintenanceNow(calendar, now) ?? batchNow(calendar, now, time),
    announced: calendar.maintenance
      .map(({ from, to, reasonZh }) => ({ from: new Date(from), to: new Date(to), reasonZh }))
      .filter(({ from }) => from > now),
  }
}

const beijingMs = 8 * 3_600_000
const timeOf = (now: Date): string =>
  new Date(now.getTime() + beijingMs).toISOString().slice(11, 16)

const isWorkday = (calendar: ServiceCalendar, cityDate: CityDate): boolean => {
  if (calendar.makeupWorkdays.includes(cityDate)) return true
  if (calendar.holidays.includes(cityDate)) return false
  const weekday = new Date(`${cityDate}T00:00:00Z`).getUTCDay()
  if (weekday === 6) return calendar.saturdays
  return weekday === 0 ? calendar.sundays : true
}

const maintenanceNow = ({ maintenance }: ServiceCalendar, now: Date): Outage | undefined => {
  const running = maintenance.find(({ from, to }) => new Date(from) <= now && now < new Date(to))
  return running && { kind: 'maintenance', until: new Date(running.to), reasonZh: running.reasonZh }
}

const batchNow = (
  { batchWindows }: ServiceCalendar,
  now: Date,
  time: string,
): Outage | undefined => {
  const running = batchWindows.find(({ from, to }) =>
    from <= to ? time >= from && time < to : time >= from || time < to,
  )
  if (running === undefined) return undefined
  return { kind: 'batch', until: nextTime(now, running.to), reasonZh: '每日批处理' }
}

/** The next instant at which Beijing's clocks show this time. */
const nextTime = (now: Date, time: string): Date => {
  const today = new Date(now.getTime() + beijingMs).toISOString().slice(0, 10)
  const candidate = new Date(`${today}T${time}:00+08:00`)
  return candidate > now ? candidate : new Date(candidate.getTime() + 86_400_000)
}
