import { describe, expect, it } from 'vitest'
import { agreesWithPaper } from '../../src/licences/agrees-with-paper.ts'

const fields = {
  number: '鲁(2016)青岛市不动产权第0000034号',
  location: '山东省青岛市市北区台东街道延安三路314号3单元202户',
  usage: '住宅',
}
const paper = { number: fields.number, address: fields.location }

describe('agreesWithPaper', () => {
  it('takes full-width brackets and spaces for the same', () => {
    const asTyped = {
      number: ' 鲁（2016）青岛市不动产权第0000034号',
      address: '山东省青岛市 市北区台东街道延安三路３１４号3单元202户',
    }
    expect(agreesWithPaper(fields, ['location'], asTyped)).toBe(true)
  })

  it('needs both number and address to be right', () => {
    expect(agreesWithPaper(fields, ['location'], { ...paper, number: '别的' })).toBe(false)
    expect(agreesWithPaper(fields, ['location'], { ...paper, address: '住宅' })).toBe(false)
    expect(agreesWithPaper(fields, [], paper)).toBe(false)
    expect(agreesWithPaper({}, ['location'], { number: '', address: '' })).toBe(false)
  })
})
