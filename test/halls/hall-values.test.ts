import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  foldNumber,
  isUnreadableName,
  parseHallDate,
  parseHallEnd,
  parseHallMonth,
  sameHolderId,
  sameName,
} from '../../src/halls/hall-values.ts'

describe('days', () => {
  it.each([
    '20160305',
    '2016-03-05',
    '2016-3-5',
    '2016/3/5',
    '2016.03.05',
    '2016年3月5日',
    '２０１６－０３－０５',
    '2016-03-05 10:20:30',
    '2016-03-05T10:20:30+08:00',
    '20160305102030',
  ])('%s is the fifth of March', (written) => {
    expect(parseHallDate(written)).toBe('2016-03-05')
  })
  it.each(['', '20160230', '2016-13-01', '201635', '5/3/2016', '2016年3月', 'NaN', '2016-02-30'])(
    '%s is no day',
    (written) => {
      expect(parseHallDate(written)).toBeUndefined()
    },
  )
  it('reads every calendar day back from every form', () => {
    const day = fc
      .date({
        min: new Date('1900-01-01T00:00:00Z'),
        max: new Date('2999-12-31T00:00:00Z'),
        noInvalidDate: true,
      })
      .map((instant) => instant.toISOString().slice(0, 10))
    fc.assert(
      fc.property(day, (text) => {
        const [year, month, date] = text.split('-').map(Number)
        const forms = [
          text.replaceAll('-', ''),
          text,
          `${String(year)}/${String(month)}/${String(date)}`,
          text.replaceAll('-', '.'),
          `${String(year)}年${String(month)}月${String(date)}日`,
        ]
        expect(forms.map(parseHallDate)).toEqual(forms.map(() => text))
      }),
    )
  })
  it('knows the ways to write "no end"', () => {
    for (const written of ['', '长期', '99991231', '9999-12-31'])
      expect(parseHallEnd(written)).toBeNull()
    expect(parseHallEnd('20280612')).toBe('2028-06-12')
    expect(parseHallEnd('soon')).toBeUndefined()
  })
  it('reads months', () => {
    for (const written of ['201810', '2018-10', '2018/10', '2018年10月'])
      expect(parseHallMonth(written)).toBe('2018-10')
    for (const written of ['201813', '201800', '20181', '2018'])
      expect(parseHallMonth(written)).toBeUndefined()
  })
})

describe('holders', () => {
  it('takes width, case, dots and spaces for the same writing', () => {
    expect(sameName('阿不都·热合曼', '阿不都•热合曼')).toBe(true)
    expect(sameName(' 张 三 ', '张三')).toBe(true)
    expect(sameName('青岛某某有限公司（测试1）', '青岛某某有限公司(测试1)')).toBe(true)
    expect(sameName('张三', '张叁')).toBe(false)
    expect(sameHolderId('37029919900101001x', '３７０２９９１９９００１０１００１Ｘ')).toBe(true)
  })
  it('knows the 15-digit number of the same person', () => {
    expect(sameHolderId('370299490729001', '370299194907290013')).toBe(true)
    expect(sameHolderId('370299490729002', '370299194907290013')).toBe(false)
  })
  it('tells a lossy name from another name', () => {
    expect(isUnreadableName('李?', '李䶮')).toBe(true)
    expect(isUnreadableName('李\uFFFD', '李䶮')).toBe(true)
    expect(isUnreadableName('王?', '李䶮')).toBe(false)
    expect(isUnreadableName('李四', '李䶮')).toBe(false)
    expect(isUnreadableName('李䶮', '李䶮')).toBe(false)
  })
  it('folds the brackets of numbers', () => {
    expect(foldNumber('鲁（２０１８）青岛市不动产权第００１号')).toBe(
      '鲁(2018)青岛市不动产权第001号',
    )
    expect(foldNumber('〔2018〕 1 ')).toBe('(2018) 1')
  })
})
