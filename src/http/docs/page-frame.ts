import { chinesePunctuation } from './chinese-punctuation.ts'
import { html, type Html } from './html.ts'

/** Where the style sheet of all pages is: the policy lets in what this host serves, and no other host. */
export const stylePath = '/docs/style.css'

/** A whole page: with its style sheet it needs no other host. */
export const pageFrame = (page: { readonly titleZh: string; readonly body: Html }): string =>
  chinesePunctuation(
    html`<!doctype html>
      <html lang="zh-CN">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta
            http-equiv="Content-Security-Policy"
            content="default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'"
          />
          <title>${page.titleZh} · 证桥</title>
          <link rel="stylesheet" href="${stylePath}" />
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
