import type { Command } from '../command-spec.ts'

const common = `Common: --key DIR (key.pem, cert.pem; or ZHENGQIAO_KEY), --url URL (the gateway's public URL; or
ZHENGQIAO_URL), --connect URL when it is reached elsewhere, --trust DIR (else the data folder's trust/),
--json. Keys stay in files. Receipt and credentials of every answer are checked.
Exit code 0 done, 1 refused or failed, 3 usage.`

/** The daily work: cases, stock, evidence. */
export const workCommands: readonly Command[] = [
  {
    name: 'case',
    summary: '办件:登记、查询、调取、办结 / register, check, fetch, close',
    usage: `zhengqiao case open FILE|-                                  a registrar files it; FILE is the JSON of the API
zhengqiao case show CASE
zhengqiao case check CASE [--material CODE]... [--operator ID]
zhengqiao case fetch CASE --material CODE... [--operator ID] [--out FILE]
zhengqiao case close CASE --outcome approved|refused|withdrawn|other

check tells what the city already holds, fetch brings it; --out keeps the answer with its receipt for
zhengqiao verify. A clerk system names its operator (or ZHENGQIAO_OPERATOR).

${common}
  zhengqiao case open case.json --key clients/registrar-city --url https://gateway.example
  zhengqiao case check CASE --key clients/clerk-city --operator clerk-city-001
  zhengqiao case fetch CASE --material QD-RS-007-M01 --operator clerk-city-001 --out fetched.json`,
    load: async () => (await import('./case.ts')).caseCommand,
  },
  {
    name: 'stock',
    summary: '存量证照:检查、推送、放行、撤回 / lint, push, release, roll back',
    usage: `zhengqiao stock lint FILE --issuer CODE [--catalogue FILE] [--city-date DATE] [--limit N]
zhengqiao stock push FILE --issuer CODE [--chunk-mb N] [--resume BATCH]   open, send, validate
zhengqiao stock status BATCH
zhengqiao stock errors BATCH [--class normalise|warn|quarantine|duplicate] [--limit N]
zhengqiao stock release BATCH --root ROOT --rows ROWS         by a second person
zhengqiao stock rollback BATCH                                by two people, one after the other
zhengqiao stock certificate FILE --issuer CODE                a new signing certificate (PEM chain)
zhengqiao stock re-sign --issuer CODE --reason certificate_renewed|key_compromised
zhengqiao stock declare --issuer CODE --type CODE --rows N [--as-of DATE]
zhengqiao stock progress

FILE is NDJSON, a licence a line. lint judges each line by itself with the gateway's own rules, before
anything is sent; without --catalogue it asks the gateway for the licence types. After a lost line or
Ctrl-C, push again with --resume BATCH: only what is missing is sent. Release with the root and rows that push printed and you have looked at. re-sign makes
a batch of everything in force that was signed under an older certificate; another person releases it.

${common}
  zhengqiao stock push rows.ndjson --issuer 113702990037000297 --key clients/police-steward-1
  zhengqiao stock errors BATCH --class quarantine --key clients/police-steward-1
  zhengqiao stock release BATCH --root ROOT --rows 1200 --key clients/police-steward-2`,
    load: async () => (await import('./stock.ts')).stockCommand,
  },
  {
    name: 'licence',
    summary: '单份证照:颁发、状态、版本 / issue, status, versions',
    usage: `zhengqiao licence allow --issuer CODE --type TYPE... --per-day N --until DAY   a steward's standing order
zhengqiao licence disallow ORDER
zhengqiao licence issue FILE|-            one licence; FILE is one line of a stock load
zhengqiao licence status LICENCE --to active|suspended|revoked|cancelled|transferred_out|void_error
                         --reason TEXT --document NO [--effective TIME]
zhengqiao licence versions LICENCE        of a department's own, or for auditors; without content

A department's system issues and changes single licences once a steward of it has allowed so, for at most 90
days. The same licence again changes nothing. TIME is RFC 3339, default now.

${common}
  zhengqiao licence allow --issuer 113702990037000297 --type 113702990037000297016 --per-day 500 \\
                          --until 2026-12-31 --key clients/police-steward-1
  zhengqiao licence issue licence.json --key clients/police-system
  zhengqiao licence status LICENCE --to suspended --reason 法院冻结 --document 2026鲁0299执1号`,
    load: async () => (await import('./licence.ts')).licenceCommand,
  },
  {
    name: 'audit',
    summary: '审计:谁为什么看过什么 / who read what, and why',
    usage: `zhengqiao audit search --reason TEXT [--licence ID] [--case ID] [--client ID] [--operator ID]
                       [--decision allowed|denied|partial] [--from TIME] [--to TIME] [--limit N]
zhengqiao audit checkpoints [--origin LOG] [--limit N]

At least one of licence, case, client, operator, from. The search itself is filed with its reason. Times
are RFC 3339.

${common}
  zhengqiao audit search --licence ID --reason "投诉核查 2026-017" --key clients/auditor-1`,
    load: async () => (await import('./audit.ts')).auditCommand,
  },
  {
    name: 'receipt',
    summary: '用证回执:取得、查见证 / get one, ask for witnesses',
    usage: `zhengqiao receipt get NO [--out FILE]
zhengqiao receipt cosigned FILE [--witnesses N]     proves that witnesses outside the gateway saw it

FILE is an answer with its receipt, or a receipt alone. What it proves offline: zhengqiao verify FILE.

${common}
  zhengqiao receipt get 4ZM8K2Q7XW1TB --key clients/auditor-1 --out receipt.json
  zhengqiao receipt cosigned receipt.json --witnesses 2 --key clients/auditor-1`,
    load: async () => (await import('./receipt.ts')).receiptCommand,
  },
  {
    name: 'catalogue',
    summary: '事项与证照目录:检查、导入、比较 / lint, import, compare',
    usage: `zhengqiao catalogue lint FILE
zhengqiao catalogue import FILE          into this machine's gateway; filed as an event
zhengqiao catalogue diff FILE [OTHER]    against OTHER, else against this machine's gateway
--json for all.

FILE is {"licenceTypes": [...], "serviceItems": [...]}. A version that stands is never changed: raise the
version. lint and import refuse a material without source and 其他材料, each with its place.
Exit code 0 fine (diff: the same), 1 findings (diff: different), 3 usage.
  zhengqiao catalogue lint catalogue.json
  zhengqiao catalogue diff catalogue.json`,
    load: async () => (await import('../catalogue.ts')).catalogueCommand,
  },
  {
    name: 'keys',
    summary: '静态数据密钥:轮换、重建索引 / the keys of data at rest',
    usage: `zhengqiao keys status                    keys of this machine's gateway, rows under each
zhengqiao keys rotate [--prepare]        a new key becomes current; the previous one stays valid
zhengqiao keys reindex [--page-rows N]   moves every row under the current key, then forgets the other
--json for all.

At the gateway's own machine, in this order: rotate, back up keys/, restart the gateway, reindex (it may
run on); several nodes: first rotate --prepare and restart them one by one. reindex may be stopped at any
time and goes on where it stood. It refuses to run while a gateway still writes under the previous key.
Exit code 0 done, 1 refused or failed, 3 usage.
  zhengqiao keys rotate && systemctl restart zhengqiao && zhengqiao keys reindex`,
    load: async () => (await import('../keys.ts')).keysCommand,
  },
  {
    name: 'doctor',
    summary: '体检:时钟、磁盘、端口、密钥、证书、数据库 / what is wrong with this machine',
    usage: `zhengqiao doctor [--json] [--clock URL]

Looks at clock, disk, port, data folder, keys, certificates, revocation lists, database and the crypto
backends, says what is wrong and how to mend it. Changes nothing. --clock URL compares the clock with the
Date header of an HTTP server you trust.
Exit code 0 well, 1 something is wrong, 2 something needs attention soon, 3 usage.
  zhengqiao doctor --clock https://time.example`,
    load: async () => (await import('../doctor.ts')).doctorCommand,
  },
]
