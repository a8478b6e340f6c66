import type { RandomBytes } from '../../contract/uuid.ts'
import { openGmCrypto } from '../../crypto/provider/gm-crypto.ts'
import { messageOf } from '../../store/store-error.ts'
import { attention, type Finding, ok, wrong } from './finding.ts'

/** Opens the national algorithms, which test themselves, and says what does the work. */
export const lookAtCrypto = async (
  random: RandomBytes,
  openssl: string,
): Promise<readonly Finding[]> => {
  const host = ok('crypto openssl', `OpenSSL ${openssl}`, `OpenSSL ${openssl}`)
  try {
    const { report } = await openGmCrypto({ random })
    const { sm2Sign, sm2Verify, sm2Multiply, sm4Gcm, isConstantTime } = report
    const text = `SM2 sign ${sm2Sign}, verify ${sm2Verify}, multiply ${sm2Multiply}; SM4-GCM ${sm4Gcm}`
    if (isConstantTime) return [host, ok('crypto gm', text, text)]
    const notSteady = attention(
      'crypto gm',
      [`${text};有一项是 JavaScript 实现,耗时与密钥有关`, `${text}; not constant in time`],
      {
        mendZh: '不要在此机器上用 SM2 私钥签名;换受支持的 Node.js 版本',
        mend: 'Do not sign with SM2 keys on this machine; use a supported Node.js version',
      },
    )
    return [host, notSteady]
  } catch (error) {
    const reason = messageOf(error)
    return [
      host,
      wrong('crypto gm', [`国密算法自检失败:${reason}`, `the self-test failed: ${reason}`], {
        mendZh: '换受支持的 Node.js 版本后重试',
        mend: 'Use a supported version of Node.js',
      }),
    ]
  }
}
