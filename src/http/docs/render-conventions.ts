import type { Example } from './examples.ts'
import { html, type Html } from './html.ts'
import { preOf } from './render-operation.ts'

/** What holds for every endpoint: signing, answers, problems, states. */
export const renderConventions = (publicUrl: string, example: Example | undefined): Html =>
  html`<h1>证桥接口说明</h1>
    <p class="lead">
      城市电子证照共享网关。窗口系统为一个真实的办件询问:市里已经有哪些材料?有的就不必再让申请人提交。
    </p>
    <dl class="facts">
      <dt>公布网址</dt>
      <dd><code>${publicUrl}</code>(签名时用这个网址)</dd>
      <dt>格式</dt>
      <dd>JSON，UTF-8;时间为 RFC 3339,东八区</dd>
      <dt>机器可读</dt>
      <dd><a href="/openapi.json">/openapi.json</a>(OpenAPI 3.1,由校验请求的同一份定义生成)</dd>
      <dt>样例</dt>
      <dd>docs/connect 有 curl、Java、Python、Node 的可运行样例与 TypeScript 客户端</dd>
    </dl>
    ${signing(example)} ${answers} ${problems} ${states}`

const signing = (example: Example | undefined): Html =>
  html`<h2 id="signing">如何签名</h2>
    <p>
      按 RFC 9421,每个请求只有一个签名,标签
      <code>sig1</code
      >。签名文本逐行写出方法、完整网址和随请求发送的下列头(发送了就必须签,不得签别的),最后一行是参数:
    </p>
    <p>
      <code>content-type</code> <code>content-digest</code> <code>idempotency-key</code>
      <code>zhengqiao-operator</code> <code>zhengqiao-seq</code> <code>zhengqiao-last</code>
    </p>
    ${example === undefined ? undefined : preOf(example.request.signatureBase)}
    <p>行间以一个换行分隔,末尾没有换行。参数:</p>
    <div class="wide">
      <table>
        <tbody>
          <tr>
            <td class="name"><code>created</code></td>
            <td>签名时间,Unix 秒;与网关相差不得超过 120 秒</td>
          </tr>
          <tr>
            <td class="name"><code>nonce</code></td>
            <td>16 至 64 字节随机数,base64url;每次发送(含重试)都换新的</td>
          </tr>
          <tr>
            <td class="name"><code>keyid</code></td>
            <td>登记证书 DER 的 SHA-256，base64url</td>
          </tr>
          <tr>
            <td class="name"><code>alg</code></td>
            <td><code>ecdsa-p256-sha256</code> 或 <code>sm2-sm3</code></td>
          </tr>
          <tr>
            <td class="name"><code>expires</code></td>
            <td>可选,Unix 秒</td>
          </tr>
        </tbody>
      </table>
    </div>
    <p>
      签名值是 r‖s 共 64 字节。正文经
      <code>content-digest</code>（<code>sha-256=:…:</code>）纳入签名,所以要对实际发送的字节计算。
    </p>`

const answers = html`<h2 id="answers">应答与回执</h2>
  <p>
    成功的应答是
    <code>{"data": …, "receipt": …}</code
    >。回执证明这次用证已在应答之前记入日志:谁、为哪个办件和事项、依据什么、看了哪些字段。把应答全文存下,任何时候都可以离线核验:
  </p>
  ${preOf('npx zhengqiao verify answer.json --trust trust/ --offline')}
  <p>
    证照内容是颁发部门签名的凭据(SD-JWT),只含办件需要且授权允许的字段,可独立核验,不必信任网关。
  </p>`

const problems = html`<h2 id="problems">问题与重试</h2>
  <p>
    失败的应答是 <code>application/problem+json</code>（RFC 9457）。程序看
    <code>code</code>,永不改名;经办人看 <code>detail</code>;报障时给出 <code>requestId</code>。<code
      >source</code
    >
    说明是哪一方的问题:<code>client</code> 调用方、<code>gateway</code> 网关、<code>hall:…</code>
    某个专业大厅。每个代码有<a href="/problems">一页说明</a>。
  </p>
  <p>
    <code>retryable</code> 为 true,或根本没有收到应答时:用<b>同一个</b>
    <code>Idempotency-Key</code>、重新签名后再发。不会重复办理,重放的应答带
    <code>Idempotent-Replayed: true</code>。键保存 7 天。
  </p>
  <p>
    限额写在 <code>RateLimit-*</code> 头里。翻页用 <code>limit</code> 和
    <code>cursor</code>,原样传回 <code>nextCursor</code>。
  </p>`

const stateRows = [
  ['免提交', 'available 可调取 · fetched 已调取 · reused 已复用 · not_needed 不需要'],
  ['需确认', 'ambiguous 有多份 · stale 状态过旧 · disputed 有异议 · consent_required 须本人同意'],
  [
    '需自备',
    'self_supplied 自备材料 · not_connected 未接入 · not_found 没有 · expired 过期 · suspended 暂扣 · revoked 吊销 · forbidden 未授权',
  ],
  ['暂不可得', 'source_down 大厅故障 · pending 等待大厅'],
  ['已承诺', 'committed 告知承诺'],
] as const

const states = html`<h2 id="states">材料状态</h2>
  <p>
    每份材料有 <code>state</code>、原因代码 <code>reason</code>、给经办人看的一句话
    <code>messageZh</code> 和下一步 <code>next</code>。状态是封闭的一组:
  </p>
  <div class="wide">
    <table>
      <tbody>
        ${stateRows.map(
          ([group, members]) =>
            html`<tr>
              <td class="name">${group}</td>
              <td>${members}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
