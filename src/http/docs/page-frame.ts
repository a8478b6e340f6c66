import { createHash } from 'node:crypto'
import { chinesePunctuation } from './chinese-punctuation.ts'
import { docsStyle } from './docs-style.ts'
import { html, type Html, ownMarkup } from './html.ts'

/** The policy lets this very style sheet in, and nothing else. */
const styleSource = `'sha256-${createHash('sha256').update(docsStyle).digest('base64')}'`
// prettier-ignore
const styleElement = html`<style>${ownMarkup(docsStyle)}</style>`

/** A whole page: everything it needs is in it, so that it also reads where no other host is reachable. */
export const pageFrame = (page: { readonly titleZh: string; readonly body: Html }): string =>
  chinesePunctuation(
    html`<!doctype html>
      <html lang="zh-CN">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta
            http-equiv="Content-Security-Policy"
            content="default-src 'none'; style-src ${ownMarkup(styleSource)}; base-uri 'none'; form-action 'none'"
          />
          <title>${page.titleZh} · 证桥</title>
          ${styleElement}
        </head>
        <body>
          <a class="skip" href="#main">跳到正文</a>
          <header class="top">
            <a class="name" href="/docs">证桥</a>
            <nav aria-label="站点">
              <a href="/docs">接口</a><a href="/problems">问题代码</a
              ><a href="/openapi.json">OpenAPI</a>
            </nav>
          </header>
          ${page.body}
        </body>
      </html> `.html,
  )
