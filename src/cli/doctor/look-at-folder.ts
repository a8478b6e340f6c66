import { randomBytes, X509Certificate } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DataFolder, GatewayFile } from '../../config.ts'
import { openAlgorithms } from '../../crypto/algorithms.ts'
import { loadOwnSigner } from '../../crypto/load-own-signer.ts'
import { formatVerifierKey, type NoteKeyType } from '../../crypto/note-key.ts'
import { loadNoteSigners } from '../../crypto/load-note-signers.ts'
import { loadDataKeys } from '../../store/data-keys.ts'
import { readKeyFile } from '../../store/key-file.ts'
import { messageOf } from '../../store/store-error.ts'
import { parseCrl } from '../../trust/parse-crl.ts'
import { attention, type Finding, ok, wrong } from './finding.ts'

const dayMs = 86_400_000

/** Keys that load, belong together and are nobody else's to read. */
export const lookAtKeys = async (
  folder: DataFolder,
  gateway: GatewayFile,
): Promise<readonly Finding[]> => {
  const algorithms = await openAlgorithms(gateway.profile, randomBytes)
  return [
    await tried('key data-keys', async () => {
      loadDataKeys(await readKeyFile(folder.dataKeys), algorithms.atRest)
    }),
    await tried('key note', async () => {
      const signers = await loadNoteSigners(folder, gateway.name, algorithms)
      for (const { key } of signers) {
        const [file, vkey] = noteKeyFiles(folder, key.type)
        await requirePrivate(file)
        const known = await readFile(join(folder.trust, vkey), 'utf8')
        if (!known.split('\n').includes(formatVerifierKey(key)))
          throw new Error(`trust/${vkey} is not the public half of ${file}`)
      }
    }),
    await tried('key attestation', async () => {
      await requirePrivate(folder.attestationKey)
      await loadOwnSigner(algorithms, folder.attestationKey, folder.attestationChain)
    }),
  ]
}

const noteKeyFiles = (folder: DataFolder, type: NoteKeyType): readonly [string, string] =>
  type === 'sm2-sm3' ? [folder.sm2NoteKey, 'gateway-sm2.vkey'] : [folder.noteKey, 'gateway.vkey']

const tried = async (check: string, look: () => Promise<void>): Promise<Finding> => {
  try {
    await look()
    return ok(check, '密钥可用', 'the key is usable')
  } catch (error) {
    const reason = messageOf(error).split('\n')[0] ?? ''
    return wrong(check, [`密钥不可用:${reason}`, `the key is not usable: ${reason}`], {
      mendZh: '从备份恢复 keys/ 目录,文件权限 0600、目录 0700;见 docs/operations.md',
      mend: 'Restore keys/ from the backup, files 0600, folder 0700; see docs/operations.md',
    })
  }
}

const requirePrivate = async (path: string): Promise<void> => {
  const { mode } = await stat(path)
  if ((mode & 0o077) !== 0) throw new Error(`${path} is open to other users (chmod 600)`)
}

/** The gateway's own certificate, and those of departments whose keys it keeps. */
export const lookAtCertificates = async (
  folder: DataFolder,
  now: Date,
): Promise<readonly Finding[]> => {
  const custody = await readdir(folder.custody).catch(() => [])
  const chains = [
    { name: 'attestation', file: folder.attestationChain },
    ...custody.map((code) => ({ name: code, file: join(folder.custody, code, 'chain.pem') })),
  ]
  return Promise.all(chains.map(({ name, file }) => lookAtCertificate(name, file, now)))
}

const lookAtCertificate = async (name: string, file: string, now: Date): Promise<Finding> => {
  const check = `certificate ${name}`
  try {
    const { validTo } = new X509Certificate(await readFile(file))
    return judgeDaysLeft(check, daysUntil(new Date(validTo), now), {
      wrongBelow: 0,
      // A release is refused below 90 days.
      attentionBelow: name === 'attestation' ? 30 : 120,
    })
  } catch {
    return wrong(check, [`读不了 ${file}`, `cannot read ${file}`], renew)
  }
}

const renew = {
  mendZh: '换发证书;见 docs/operations.md 的“证书”一节',
  mend: 'Renew the certificate; see Certificates in docs/operations.md',
}

/** Days until something ends, with the days at which it wants attention. */
export const judgeDaysLeft = (
  check: string,
  days: number,
  { wrongBelow, attentionBelow }: { readonly wrongBelow: number; readonly attentionBelow: number },
): Finding => {
  const texts = [`还有 ${String(days)} 天`, `${String(days)} days left`] as const
  if (days <= wrongBelow) return wrong(check, texts, renew)
  return days <= attentionBelow ? attention(check, texts, renew) : ok(check, ...texts)
}

export const daysUntil = (end: Date, now: Date): number =>
  Math.floor((end.getTime() - now.getTime()) / dayMs)

/** Verifiers answer INDETERMINATE for want of a current list. */
export const lookAtRevocationLists = async (
  folder: DataFolder,
  now: Date,
): Promise<readonly Finding[]> => {
  const names = (await readdir(folder.trust).catch(() => [])).filter((name) =>
    name.endsWith('.crl'),
  )
  return Promise.all(names.sort().map((name) => lookAtRevocationList(folder, name, now)))
}

const lookAtRevocationList = async (
  folder: DataFolder,
  name: string,
  now: Date,
): Promise<Finding> => {
  const check = `crl ${name}`
  const file = join(folder.trust, name)
  try {
    const { nextUpdate } = parseCrl(await readFile(file))
    return nextUpdate === undefined
      ? ok(check, '没有下次更新时间', 'no next update')
      : judgeDaysLeft(check, daysUntil(nextUpdate, now), { wrongBelow: 0, attentionBelow: 14 })
  } catch {
    return wrong(check, [`读不了 ${file}`, `cannot read ${file}`], {
      mendZh: '向签发机构重新取得吊销列表(zhengqiao trust add)',
      mend: 'Get the revocation list from its authority again (zhengqiao trust add)',
    })
  }
}
