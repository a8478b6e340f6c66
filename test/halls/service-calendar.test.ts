import { describe, expect, it } from 'vitest'
import { serviceCalendarSchema, serviceDayOf } from '../../src/halls/service-calendar.ts'

const calendar = serviceCalendarSchema.parse({
  saturdays: true,
  holidays: ['2018-10-01'],
  makeupWorkdays: ['2018-09-30'],
  batchWindows: [{ from: '20:00', to: '23:00' }],
  maintenance: [
    { from: '2018-12-01T22:00:00+08:00', to: '2018-12-02T04:00:00+08:00', reasonZh: '系统升级' },
  ],
})
const at = (day: string, time: string) =>
  serviceDayOf(calendar, new Date(`${day}T${time}:00+08:00`), day)

describe('service calendar', () => {
  it('works five days and a Saturday, not Sundays, holidays only when made up', () => {
    expect(at('2018-11-30', '09:00').openNow).toBe(true)
    expect(at('2018-11-30', '17:00').openNow).toBe(false)
    expect(at('2018-12-01', '10:00').openNow).toBe(true)
    expect(at('2018-12-02', '10:00').openNow).toBe(false)
    expect(at('2018-10-01', '10:00').openNow).toBe(false)
    expect(at('2018-09-30', '10:00').openNow).toBe(true)
  })
  it('names the end of the evening batch', () => {
    expect(at('2018-11-30', '19:59').outage).toBeUndefined()
    expect(at('2018-11-30', '20:00').outage).toEqual({
      kind: 'batch',
      until: new Date('2018-11-30T23:00:00+08:00'),
      reasonZh: '每日批处理',
    })
    expect(at('2018-11-30', '23:00').outage).toBeUndefined()
  })
  it('knows a window over midnight', () => {
    const night = serviceCalendarSchema.parse({ batchWindows: [{ from: '23:30', to: '00:30' }] })
    const now = new Date('2018-11-30T23:45:00+08:00')
    expect(serviceDayOf(night, now, '2018-11-30').outage?.until).toEqual(
      new Date('2018-12-01T00:30:00+08:00'),
    )
  })
  it('announces maintenance ahead and observes it', () => {
    expect(at('2018-11-30', '10:00').announced).toHaveLength(1)
    const during = at('2018-12-02', '01:00')
    expect(during.outage).toMatchObject({ kind: 'maintenance', reasonZh: '系统升级' })
    expect(during.announced).toEqual([])
  })
  it('judges the weekday by the city’s day and the hour by the real clock', () => {
    const now = new Date('2026-11-22T10:00:00+08:00')
    expect(serviceDayOf(calendar, now, '2018-11-30').openNow).toBe(true)
  })
})
