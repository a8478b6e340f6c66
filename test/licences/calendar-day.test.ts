import { describe, expect, it } from 'vitest'
import { isCalendarDay, readCalendarDay, readLastDay } from '../../src/licences/calendar-day.ts'

describe('days as departments write them', () => {
  it.each([
    '20160305',
    '2016-03-05',
    '2016-3-5',
    '2016年3月5日',
    '2016/3/5',
    '2016.03.05',
    '２０１６年３月５日',
  ])('reads %s', (text) => {
    expect(readCalendarDay(text)).toBe('2016-03-05')
  })

  it.each([
    '',
    '2016',
    '2016-13-01',
    '2015-02-29',
    '1900-02-29',
    '2016-3',
    '5/3/2016',
    '2016-03-05T10:00',
  ])('does not guess at %j', (text) => {
    expect(readCalendarDay(text)).toBeUndefined()
  })

  it('knows leap years', () => {
    expect(isCalendarDay('2016-02-29')).toBe(true)
    expect(isCalendarDay('2000-02-29')).toBe(true)
    expect(isCalendarDay('1900-02-29')).toBe(false)
  })

  it('tells no end from no date', () => {
    expect(readLastDay('长期')).toBeNull()
    expect(readLastDay('9999年12月31日')).toBeNull()
    expect(readLastDay('20281231')).toBe('2028-12-31')
    expect(readLastDay('later')).toBeUndefined()
  })
})
