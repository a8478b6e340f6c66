import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeGbk, encodeGbk } from '../../adapters/housing-fund/gbk.ts'
import * as fund from '../../adapters/housing-fund/messages.ts'
import { transactions } from '../../adapters/housing-fund/tables.ts'
import * as land from '../../adapters/land/messages.ts'
import * as police from '../../adapters/police/messages.ts'
import { businesses } from '../../adapters/police/tables.ts'
import * as social from '../../adapters/social-security/messages.ts'
import { tables } from '../../adapters/social-security/tables.ts'
import { childOf, encodePaper, parseXml, textOf, xmlElement } from '../../src/halls/adapter.ts'
import { subjects } from './harness.ts'

const papers = subjects.flatMap(({ papers: held }) => held.map(({ row }) => row))
const paperOf = (typeCodes: Iterable<string>) => {
  const known = new Set(typeCodes)
  return fc.constantFrom(...papers.filter(({ typeCode }) => known.has(typeCode)))
}
const chinese = fc.string({
  unit: fc.constantFrom(...Array.from('测试齐全䶮·<&>"\'（）ａ王')),
  maxLength: 12,
})
const digitText = fc.string({
  unit: fc.constantFrom(...Array.from('0123456789X')),
  minLength: 1,
  maxLength: 18,
})
const causeForm = /^[a-z0-9_:]{1,60}$/
const asOf = '2018-11-30T10:00:00.000+08:00'
const digestName = 'sha-256'

/** Whatever is done to an answer, decoding gives a value whose cause is a code. */
const survives = (
  answer: fc.Arbitrary<Uint8Array>,
  decode: (bytes: Uint8Array) => { readonly state: string },
): void => {
  const damaged = fc
    .tuple(answer, fc.nat(), fc.nat(255), fc.nat(), fc.boolean())
    .map(([bytes, at, value, cut, isCut]) => {
      const changed = Buffer.from(bytes)
      if (changed.length > 0) changed.writeUInt8(value, at % changed.length)
      return isCut ? changed.subarray(0, cut % (changed.length + 1)) : changed
    })
  const anything = fc.uint8Array({ maxLength: 300 })
  fc.assert(
    fc.property(fc.oneof(damaged, anything), (bytes) => {
      const outcome = decode(bytes)
      if (outcome.state === 'failed' && 'cause' in outcome) expect(outcome.cause).toMatch(causeForm)
    }),
    { numRuns: 1_500 },
  )
}

describe('social security', () => {
  const answerOf = (data: unknown) =>
    Buffer.from(JSON.stringify({ head: { code: '0000', seq: 's1' }, data }))
  const dataOf = (paper: (typeof papers)[number]) => {
    const table = tables.get(paper.typeCode)
    if (table === undefined) throw new Error('no table')
    const CZR = paper.holders.map(({ idType, id, name }) => ({
      XM: name,
      ZJLX: social.documentKindOf(idType),
      ZJHM: id,
    }))
    return { rows: [{ ...encodePaper(paper, table), CZR }] }
  }
  it('carries every paper there and back, plain and as JSON in a string', () => {
    fc.assert(
      fc.property(paperOf(tables.keys()), fc.boolean(), (paper, isDouble) => {
        const data = dataOf(paper)
        const bytes = answerOf(isDouble ? JSON.stringify(data) : data)
        const answer = social.decodeAnswer(bytes, 's1')
        if (answer.state !== 'data') throw new Error(answer.state)
        const decoded = social.decodeLicences(answer.data, {
          typeCode: paper.typeCode,
          bytes,
          asOf,
          digestName,
        })
        expect(decoded).toMatchObject({
          licences: [{ number: paper.number, fields: paper.surface, holders: paper.holders }],
        })
      }),
    )
  })
  it('asks with whatever name there is', () => {
    fc.assert(
      fc.property(chinese, digitText, (name, id) => {
        const question = social.encodeQuestion({
          sequence: 's1',
          query: { typeCode: 'T', holder: { idType: '111', id, name } },
          operatorId: 'o',
          caseNo: 'c',
        })
        expect(JSON.parse(question.toString())).toMatchObject({
          param: { AAC003: name, AAC147: id, AAC058: '01' },
        })
      }),
    )
  })
  it('survives every damage', () => {
    survives(
      paperOf(tables.keys()).map((paper) => answerOf(dataOf(paper))),
      (bytes) => {
        const answer = social.decodeAnswer(bytes, 's1')
        return answer.state === 'data'
          ? social.decodeLicences(answer.data, {
              typeCode: '11370299003700010A001',
              bytes,
              asOf,
              digestName,
            })
          : answer
      },
    )
  })
})

describe('police', () => {
  const answerOf = (version: police.ServiceVersion, paper: (typeof papers)[number]) => {
    const business = businesses.get(paper.typeCode)
    if (business === undefined) throw new Error('no business')
    const record = police.encodeRecord(version, encodePaper(paper, business))
    return police.envelope(version, [
      xmlElement('soap:Body', [
        xmlElement('QueryResponse', [
          xmlElement('MessageSequence', 's1'),
          xmlElement('Code', '0000'),
          xmlElement('Result', [xmlElement('CheckCode', '0'), xmlElement('Records', [record])]),
        ]),
      ]),
    ])
  }
  const version = fc.constantFrom(...police.serviceVersions)
  const decode = (typeCode: string) => (bytes: Uint8Array) => {
    const answer = police.decodeAnswer(bytes, 's1')
    return answer.state === 'result'
      ? police.decodeLicences(answer.result, { typeCode, bytes, asOf, digestName })
      : answer
  }
  it('carries every paper there and back in both versions', () => {
    fc.assert(
      fc.property(paperOf(businesses.keys()), version, (paper, live) => {
        expect(decode(paper.typeCode)(answerOf(live, paper))).toMatchObject({
          licences: [{ number: paper.number, fields: paper.surface }],
        })
      }),
    )
  })
  it('asks with whatever name there is, naming the clerk', () => {
    fc.assert(
      fc.property(chinese, digitText, version, (name, id, live) => {
        const bytes = police.encodeRequest({
          version: live,
          appName: 'A',
          token: 't',
          messageSequence: 's1',
          business: 'X-CHECK',
          clerk: { idNumber: id, name, departmentCode: 'D', address: name },
          condition: { XM: name, GMSFHM: id },
        })
        const parsed = parseXml(bytes.toString())
        if (!parsed.ok) throw new Error(parsed.cause)
        const query = childOf(childOf(parsed.root, 'Body'), 'QueryRequest')
        expect(textOf(childOf(query, 'Condition'), 'XM')).toBe(name)
        expect(textOf(childOf(query, 'Clerk'), 'IdCard')).toBe(id)
        expect(textOf(childOf(childOf(parsed.root, 'Header'), 'Security'), 'Token')).toBe('t')
      }),
    )
  })
  it('survives every damage', () => {
    survives(
      fc.tuple(version, paperOf(businesses.keys())).map(([live, paper]) => answerOf(live, paper)),
      decode('113702990037000297016'),
    )
  })
})

describe('housing fund', () => {
  const answerOf = (paper: (typeof papers)[number]) => {
    const transaction = transactions.get(paper.typeCode)
    if (transaction === undefined) throw new Error('no transaction')
    const items = Object.entries(encodePaper(paper, transaction))
    const row = xmlElement(
      'row',
      items.map(([name, value]) => xmlElement(name, value)),
    )
    return fund.encodeMessage([
      xmlElement('head', [xmlElement('iseqno', 's1'), xmlElement('retcode', '00001')]),
      xmlElement('body', [xmlElement('count', '1'), xmlElement('list', [row])]),
    ])
  }
  const decode = (typeCode: string) => (bytes: Uint8Array) => {
    const answer = fund.decodeAnswer(bytes, 's1')
    return answer.state === 'body'
      ? fund.decodeLicences(answer.body, { typeCode, bytes, asOf, digestName })
      : answer
  }
  const writable = (paper: (typeof papers)[number]): boolean =>
    !JSON.stringify(paper).includes('䶮')
  it('carries every paper there and back through GBK', () => {
    fc.assert(
      fc.property(paperOf(transactions.keys()).filter(writable), (paper) => {
        expect(decode(paper.typeCode)(answerOf(paper))).toMatchObject({
          licences: [{ number: paper.number, fields: paper.surface }],
        })
      }),
    )
  })
  it('signs every item of the head and every byte of the body', () => {
    const head = { trancode: 't', appid: 'a', iseqno: 'i', trandate: 'd', trantime: 'h' }
    const sign = fund.signMessage('k', head, '<body>测</body>')
    const others = [
      fund.signMessage('l', head, '<body>测</body>'),
      fund.signMessage('k', head, '<body>试</body>'),
      ...Object.keys(head).map((item) =>
        fund.signMessage('k', { ...head, [item]: 'x' }, '<body>测</body>'),
      ),
    ]
    expect(new Set([sign, ...others]).size).toBe(others.length + 1)
  })
  it('writes what GBK has and ? for the rest', () => {
    const read = decodeGbk(encodeGbk('<?xml version="1.0" encoding="GBK"?><a>王䶮</a>'))
    expect(read.ok && read.text).toContain('王?')
  })
  it('survives every damage', () => {
    survives(paperOf(transactions.keys()).map(answerOf), decode('11370299003700061J011'))
  })
})

describe('land', () => {
  it('survives every damage to the content of a row', () => {
    survives(
      fc.json().map((text) => Buffer.from(text)),
      (bytes) => {
        const row = { xh: 1, zs: 1, jglx: 1, nr: Buffer.from(bytes).toString('utf8') }
        const answer = land.judgeRows([row])
        return answer.state === 'rows'
          ? land.decodeLicences(answer.rows, {
              typeCode: '11370299003700053P009',
              asOf,
              digestName,
            })
          : answer
      },
    )
  })
  it('reads rows in any order, each once, and refuses a set that is not whole', () => {
    const row = (xh: number, zs: number, nr = `{"n":${String(xh)}}`) => ({ xh, zs, jglx: 1, nr })
    fc.assert(
      fc.property(fc.shuffledSubarray([1, 2, 3, 1, 2, 3], { minLength: 6 }), (order) => {
        const answer = land.judgeRows(order.map((xh) => row(xh, 3)))
        expect(answer.state === 'rows' && answer.rows.map(({ xh }) => xh).sort()).toEqual([1, 2, 3])
      }),
    )
    expect(land.judgeRows([row(1, 2)])).toMatchObject({ cause: 'count_differs' })
    expect(land.judgeRows([row(1, 1), row(1, 1, '{}')])).toMatchObject({
      cause: 'duplicate_answers_differ',
    })
  })
})
