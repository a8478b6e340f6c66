import { describe, expect, it } from 'vitest'
import { chinesePunctuation } from '../../../src/http/docs/chinese-punctuation.ts'
import { readableBody } from '../../../src/http/docs/examples.ts'
import { html } from '../../../src/http/docs/html.ts'

describe('markup', () => {
  it('escapes every value, in text and in attributes', () => {
    const evil = `"><script>'&`
    const { html: made } = html`<a title="${evil}">${[html`${evil}`]}</a>`
    const escaped = '&#34;&#62;&#60;script&#62;&#39;&#38;'
    expect(made).toBe(`<a title="${escaped}">${escaped}</a>`)
  })

  it('sets Chinese punctuation in full width and leaves code, tags and entities alone', () => {
    expect(chinesePunctuation('<p title="a,b">没有,但 RFC 9421,见(样例):</p>')).toBe(
      '<p title="a,b">没有，但 RFC 9421，见（样例）：</p>',
    )
    expect(chinesePunctuation('<code>中,文</code> (a, b) &#39;中')).toBe(
      '<code>中,文</code> (a, b) &#39;中',
    )
  })

  it('cuts long values and lists of an example and says so', () => {
    const body = JSON.stringify({ text: 'x'.repeat(500), list: [1, 2, 3, 4, 5] })
    const shown = readableBody(body, 'application/json')
    expect(shown).toContain('…(共 500 字符)')
    expect(shown).toContain('…(共 5 项)')
    expect(readableBody('{"a":1}\n{"a":2}\n', 'application/x-ndjson')).toBe('{"a":1}\n{"a":2}\n')
  })
})
