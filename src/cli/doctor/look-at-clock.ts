import { attention, type Finding, ok, wrong } from './finding.ts'

const attentionMs = 2000
const wrongMs = 30_000

const mend = {
  mendZh: '用 NTP(chrony 或 systemd-timesyncd)校准本机时钟;请求签名只容许相差 120 秒',
  mend: 'Set the clock by NTP (chrony, systemd-timesyncd); signed requests may differ by 120 s only',
}

/** Our clock beside another one: `differenceMs` is how far we are ahead. */
export const judgeClock = (
  beside: { readonly nameZh: string; readonly name: string },
  differenceMs: number,
): Finding => {
  const seconds = (Math.abs(differenceMs) / 1000).toFixed(1)
  const wayZh = differenceMs > 0 ? '快' : '慢'
  const way = differenceMs > 0 ? 'ahead of' : 'behind'
  const texts = [
    `本机时钟比${beside.nameZh}${wayZh} ${seconds} 秒`,
    `our clock is ${seconds} s ${way} ${beside.name}`,
  ] as const
  if (Math.abs(differenceMs) >= wrongMs) return wrong('clock', texts, mend)
  if (Math.abs(differenceMs) >= attentionMs) return attention('clock', texts, mend)
  return ok('clock', `本机时钟与${beside.nameZh}一致`, `our clock agrees with ${beside.name}`)
}

/** A clock that stands before the program was made is certainly wrong. */
export const lookAtClock = (now: Date, earliest: Date): Finding =>
  now.getTime() < earliest.getTime() - wrongMs
    ? wrong(
        'clock',
        [`本机时钟早于数据目录的建立时间`, 'the clock is earlier than the data folder'],
        mend,
      )
    : ok('clock', now.toISOString(), now.toISOString())

/** Compares with the Date header of an HTTP server; one second is all that the header tells. */
export const lookAtOtherClock = async (url: string, now: () => Date): Promise<Finding> => {
  try {
    const { headers } = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(5000) })
    const at = new Date(headers.get('date') ?? '')
    if (!Number.isNaN(at.getTime()))
      return judgeClock({ nameZh: ` ${url} `, name: url }, now().getTime() - at.getTime() - 500)
  } catch {
    // Said below: whatever the reason, there was no time to compare with.
  }
  return attention('clock', [`${url} 没有给出时间`, `${url} told no time`], {
    mendZh: '换一个返回 Date 头的 HTTP 服务器',
    mend: 'Name an HTTP server that sends a Date header',
  })
}
