// Asks what the city already holds for a case, then fetches some of it. Node 20, nothing else.
//   ZQ_URL=… ZQ_KEY=… ZQ_OPERATOR=… node check-and-fetch.mjs CASE-ID MATERIAL…
// Leaves check.json and fetch.json: each is the answer with its receipt, ready for `zhengqiao verify`.
import { createHash, createPrivateKey, randomBytes, sign, X509Certificate } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

const { ZQ_URL: url, ZQ_KEY: keyFolder, ZQ_OPERATOR: operator } = process.env
const key = createPrivateKey(await readFile(`${keyFolder}/key.pem`))
const { raw: certificate } = new X509Certificate(await readFile(`${keyFolder}/cert.pem`))
const sha256 = (bytes) => createHash('sha256').update(bytes).digest()
const keyId = sha256(certificate).toString('base64url')

const signedHeaders = (method, path, body, idempotencyKey) => {
  const headers = {
    'content-type': 'application/json',
    'content-digest': `sha-256=:${sha256(body).toString('base64')}:`,
    'idempotency-key': idempotencyKey,
    ...(operator === undefined ? {} : { 'zhengqiao-operator': operator }),
  }
  const covered = { '@method': method, '@target-uri': url + path, ...headers }
  const names = Object.keys(covered).map((name) => `"${name}"`)
  const created = Math.floor(Date.now() / 1000)
  const nonce = randomBytes(16).toString('base64url')
  const parameters = `(${names.join(' ')});created=${created};nonce="${nonce}";keyid="${keyId}";alg="ecdsa-p256-sha256"`
  const lines = Object.entries(covered).map(([name, value]) => `"${name}": ${value}`)
  const base = [...lines, `"@signature-params": ${parameters}`].join('\n')
  // ieee-p1363 is r‖s, 64 bytes.
  const signature = sign('sha256', Buffer.from(base), { key, dsaEncoding: 'ieee-p1363' })
  return {
    ...headers,
    'signature-input': `sig1=${parameters}`,
    signature: `sig1=:${signature.toString('base64')}:`,
  }
}

// Repeats after a lost connection with the same idempotency key and a fresh signature, so that nothing is
// done twice. The `code` of a problem never changes; its `detail` says what to do.
const post = async (path, content) => {
  const body = JSON.stringify(content)
  const idempotencyKey = randomBytes(18).toString('base64url')
  for (let attempt = 1; ; attempt += 1) {
    try {
      const headers = signedHeaders('POST', path, body, idempotencyKey)
      const signal = AbortSignal.timeout(60_000)
      const response = await fetch(url + path, { method: 'POST', headers, body, signal })
      return { isGood: response.ok, text: await response.text() }
    } catch (lost) {
      if (attempt === 3) throw lost
      await sleep(attempt * 1000)
    }
  }
}

const ask = async (file, path, content) => {
  const { isGood, text } = await post(path, content)
  const answer = JSON.parse(text)
  if (!isGood) throw new Error(`${answer.code}: ${answer.detail} (requestId ${answer.requestId})`)
  await writeFile(file, text)
  return answer
}

const [caseId, ...codes] = process.argv.slice(2)
const check = await ask('check.json', `/v1/cases/${caseId}/checks`, {})
for (const { code, state, messageZh } of check.data.materials) console.log(code, state, messageZh)

const materials = codes.map((code) => ({ code }))
const fetched = await ask('fetch.json', `/v1/cases/${caseId}/fetches`, { materials })
for (const { code, state, licence } of fetched.data.materials)
  console.log(code, state, ...Object.keys(licence?.fields ?? {}))
console.log('receipt', fetched.receipt.no)
