import type { Command } from './command-spec.ts'
import { hallCommands } from './hall/commands.ts'
import { registryCommands } from './registry/commands.ts'
import { workCommands } from './work/commands.ts'

/** The commands of `zhengqiao`, in the order of the help text. */
export const commands: readonly Command[] = [
  {
    name: 'demo',
    summary: '合成城市演示 / the synthetic city and its walk',
    usage: `zhengqiao demo [--once] [--sandbox] [--profile gm]

Sets up a throw-away city in the data folder's demo/, walks the main job over real HTTP, and stays up
at a terminal until Ctrl-C. Without a terminal, or with --once, it ends after the walk. --sandbox walks
nowhere: in sandbox/ a gateway in test mode stays up on ZHENGQIAO_PORT (8018) with its five halls and
the subjects that answer in every way, for a system of your own.
  zhengqiao demo --sandbox`,
    load: async () => (await import('./demo.ts')).demoCommand,
  },
  {
    name: 'init',
    summary: '初始化数据目录:密钥、开发 CA、机构 / keys, development CA, people',
    usage: `zhengqiao init [--sandbox] [--city FILE] [--catalogue FILE] [--name NAME] [--public-url URL] [--live]
               [--profile international|gm]

Makes the development CA, note key, data keys and the first keys of every client of the city file, and
loads organisations, clients, operators and grants. Without --city: the synthetic city. --profile gm:
national algorithms throughout (SM2, SM3, SM4); a database keeps its profile for good.
  zhengqiao init --public-url https://gateway.qingdao.example --live`,
    load: async () => (await import('./init.ts')).initCommand,
  },
  {
    name: 'serve',
    summary: '启动网关 / start the gateway',
    usage: `zhengqiao serve [--processes N|auto]

Environment: ZHENGQIAO_DATA (data), DATABASE_URL (else the embedded PostgreSQL), ZHENGQIAO_HOST
(127.0.0.1), ZHENGQIAO_PORT (8018), ZHENGQIAO_LOG (info), ZHENGQIAO_SKEW_SECONDS (120),
ZHENGQIAO_PROCESSES (1): processes that share the port; auto: as many as cores, 4 at most.
SIGINT or SIGTERM stops it once the answers under way have left.
  ZHENGQIAO_PORT=8080 zhengqiao serve`,
    load: async () => (await import('./serve.ts')).serveCommand,
  },
  {
    name: 'signer',
    summary: '部门自己的签章进程 / a department’s own signing process',
    usage: `zhengqiao signer --dir FOLDER [--port PORT]

Signs licence credentials under release orders of the stewards whose certificates are in
FOLDER/stewards. The key never leaves the folder; what was signed is listed in FOLDER/signed.ndjson.
  zhengqiao signer --dir signer/ --port 8019`,
    load: async () => (await import('./signer.ts')).signerCommand,
  },
  {
    name: 'verify',
    summary:
      '核验凭据、回执、证书、时间戳、签名数据 / verify a credential, receipt, certificate, timestamp',
    usage: `zhengqiao verify FILE|- [--json] [--offline] [--trust DIR] [--at TIME] [--data FILE]

Exit code 0 passed, 1 failed, 2 indeterminate, 3 usage. Trust is certs/ and the data folder's trust/,
or only DIR. TIME is RFC 3339. For X.tst (timestamp token) the stamped bytes are X.data beside it;
--data names them, or the content of a detached signature.
  zhengqiao verify receipt.json --trust data/demo/trust --offline`,
    load: async () => (await import('./verify.ts')).verifyCommand,
  },
  {
    name: 'trust',
    summary: '信任锚、吊销信息、日志公钥 / anchors, revocation data, note keys',
    usage: `zhengqiao trust add FILE [--purpose licence|attestation|client|timestamp|seal]...
zhengqiao trust list | show FINGERPRINT | check          [--trust DIR] [--json]

Keeps the data folder's trust/, or DIR. A self-signed certificate becomes an anchor, for all purposes
unless some are named; check exits 1 when a certificate there would not be believed today.
  zhengqiao trust add city-root.pem --purpose licence --trust trust/`,
    load: async () => (await import('./trust.ts')).trustCommand,
  },
  ...workCommands,
  ...hallCommands,
  ...registryCommands,
  {
    name: 'conformance',
    summary: '用他人的测试集核对本产品 / judge ourselves by other people’s suites',
    usage: `zhengqiao conformance SUITE FILE

SUITE: pkits, limbo, wycheproof-sig, wycheproof-jws, merkle, sd-jwt, in the formats of their makers.
One JSON line a case, a summary line last.
  zhengqiao conformance limbo limbo.json`,
    load: async () => (await import('./conformance.ts')).conformanceCommand,
  },
  {
    name: 'bench',
    summary: '量一量:与对照物在同一次运行中比较 / measure against peers in one run',
    usage: `zhengqiao bench NAME [--json] [--rounds N] [--licences N] [--scale X] [--folder DIR]
                     [--profile DIR] [--only CANDIDATE,…]

NAME: http, stock, growth, bytes, gm, halls, verify. Prints a table, or with --json one JSON object on the
last line, and keeps the same in bench-results/. --folder keeps the filled data folder for the next run; --scale makes rounds
shorter; --profile writes the gateway's CPU profile.
  zhengqiao bench http --rounds 3`,
    load: async () => (await import('./bench.ts')).benchCommand,
  },
  {
    name: 'demo-party',
    summary: '演示中的一方(由 demo 启动) / one party of the demo, started by it',
    isInternal: true,
    usage: 'zhengqiao demo-party --clients FOLDER --public-url URL',
    load: async () => (await import('./demo-party.ts')).demoPartyCommand,
  },
]
