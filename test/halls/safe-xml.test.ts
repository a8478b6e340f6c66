import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeXml, parseXml, textOf, xmlElement } from '../../src/halls/safe-xml.ts'

const causeOf = (source: string): string => {
  const parsed = parseXml(source)
  return parsed.ok ? 'read' : parsed.cause
}

describe('well-formed XML', () => {
  it('reads elements, attributes, text, CDATA, references and comments', () => {
    const parsed = parseXml(
      '\uFEFF<?xml version="1.0" encoding="UTF-8"?><!-- a --><s:a x="1 &amp; 2" s:y=\'"\'>' +
        'one <b>&#27979;&#x8BD5;</b><c/><![CDATA[<two>]]> three</s:a>\n',
    )
    expect(parsed).toEqual({
      ok: true,
      root: {
        name: 'a',
        attributes: { x: '1 & 2', 's:y': '"' },
        text: 'one <two> three',
        children: [
          { name: 'b', attributes: {}, text: '测试', children: [] },
          { name: 'c', attributes: {}, text: '', children: [] },
        ],
      },
    })
  })
  it('reads back whatever text was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const parsed = parseXml(xmlElement('a', [xmlElement('b', text)]))
        if (!parsed.ok) throw new Error(parsed.cause)
        const kept = text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\uFFFE\uFFFF]/g, '')
        expect(textOf(parsed.root, 'b')).toBe(kept)
      }),
    )
  })
})

describe('everything else', () => {
  it.each([
    ['', 'xml_malformed'],
    ['text', 'xml_malformed'],
    ['<a>', 'xml_malformed'],
    ['<a></b>', 'xml_malformed'],
    ['<a/><b/>', 'xml_malformed'],
    ['<a/>text', 'xml_malformed'],
    ['<a x=1/>', 'xml_malformed'],
    ['<a x="1" x="2"/>', 'xml_malformed'],
    ['<a><!-- -- --></a>', 'xml_malformed'],
    ['<a>]]></a>', 'xml_malformed'],
    ['<a>&nbsp;</a>', 'xml_entity'],
    ['<a>&constructor;</a>', 'xml_entity'],
    ['<a>&#0;</a>', 'xml_entity'],
    ['<a>& b</a>', 'xml_entity'],
    ['<a>\u0001</a>', 'xml_control_character'],
    ['<!DOCTYPE a><a/>', 'xml_document_type'],
    ['<!doctype a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 'xml_document_type'],
    ['<a>'.repeat(40), 'xml_too_deep'],
  ])('%s is %s', (source, cause) => {
    expect(causeOf(source)).toBe(cause)
  })
  it('survives ten megabytes of one token', () => {
    const long = 'x'.repeat(10_000_000)
    expect(causeOf(`<a>${long}</a>`)).toBe('read')
    expect(causeOf(`<a><!--${long}--></a>`)).toBe('read')
    expect(causeOf(`<a><![CDATA[${long}]]></a>`)).toBe('read')
    expect(causeOf('<a/>'.repeat(2_000_000))).toMatch(/^xml_/)
  })
  it('refuses more elements, attributes or references than any message has, in time', () => {
    const attributes = Array.from({ length: 200_000 }, (_, at) => `a${String(at)}="x"`).join(' ')
    expect(causeOf(`<r>${'<a>x</a>'.repeat(450_000)}</r>`)).toBe('xml_too_large')
    expect(causeOf(`<r ${attributes}/>`)).toBe('xml_too_large')
    expect(causeOf(`<r>${'&amp;'.repeat(1_900_000)}</r>`)).toBe('xml_too_large')
  })
  it('never throws, whatever comes', () => {
    const pieces = fc.constantFrom(
      '<',
      '>',
      '/',
      'a',
      '"',
      '=',
      '&',
      ';',
      '!',
      '--',
      '[CDATA[',
      ']]>',
      '?',
      ' ',
      '#',
      'x',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        expect(typeof parseXml(parts.join('')).ok).toBe('boolean')
      }),
      { numRuns: 2_000 },
    )
  })
  it('escapes what would end a text', () => {
    expect(escapeXml('<&>"\'')).toBe('&lt;&amp;&gt;&quot;&apos;')
  })
})
