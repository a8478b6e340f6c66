import { describe, expect, it } from 'vitest'
import { docsStyle } from '../../../src/http/docs/docs-style.ts'

type Palette = Readonly<Record<string, string>>

/** The colours of `:root{…}` blocks: light first, dark second. */
const palettes: readonly Palette[] = [...docsStyle.matchAll(/:root\{([^}]*)\}/g)].map(
  ([, body = '']) =>
    Object.fromEntries(
      body.split(';').flatMap((line) => {
        const [name = '', value = ''] = line.split(':')
        return name.startsWith('--') ? [[name.slice(2), value]] : []
      }),
    ),
)

const channels = (colour: string): number[] => {
  const hex = colour.slice(1)
  const full = hex.length === 3 ? hex.replace(/./g, '$&$&') : hex
  return [0, 2, 4].map((at) => Number.parseInt(full.slice(at, at + 2), 16) / 255)
}

/** Relative luminance and contrast of WCAG 2.2. */
const luminance = (colour: string): number => {
  const [red = 0, green = 0, blue = 0] = channels(colour).map((value) =>
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
  )
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
const contrast = (one: string, other: string): number => {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

describe.each([
  ['light', palettes[0] ?? {}, '#fff'],
  ['dark', palettes[1] ?? {}, '#0e1318'],
])('the %s colours', (_name, palette, onMethod) => {
  it.each(['ink', 'soft', 'link', 'accent'])('%s is legible on every ground (WCAG AA)', (text) => {
    for (const ground of ['ground', 'panel', 'shade'])
      expect(contrast(palette[text] ?? '', palette[ground] ?? '')).toBeGreaterThanOrEqual(4.5)
  })

  it.each(['get', 'post', 'put'])('a method’s name is legible on %s', (method) => {
    expect(contrast(onMethod, palette[method] ?? '')).toBeGreaterThanOrEqual(4.5)
  })
})
