import { xmlElement, type SimulatedAnswer } from '../../src/halls/adapter.ts'
import { envelope, type ServiceVersion } from './messages.ts'

/** An answer of the service as each version writes it; a failure is a Fault in 2.0. */
export const reply = (
  version: ServiceVersion,
  sequence: string,
  code: string,
  parts: readonly string[],
): SimulatedAnswer => {
  const isFault = code !== '0000' && version === '2.0'
  const body = isFault
    ? xmlElement('soap:Fault', [
        xmlElement('faultcode', 'soap:Server'),
        xmlElement('faultstring', descriptions[code] ?? '失败'),
        xmlElement('detail', [xmlElement('Code', code)]),
      ])
    : xmlElement('QueryResponse', [
        xmlElement('MessageSequence', sequence),
        xmlElement('Code', code),
        xmlElement('Desc', descriptions[code] ?? '失败'),
        ...(code === '0000' ? [xmlElement('Result', parts)] : []),
      ])
  return {
    status: isFault ? 500 : 200,
    contentType: 'text/xml; charset=utf-8',
    body: envelope(version, [xmlElement('soap:Body', [body])]),
  }
}

const descriptions: Readonly<Record<string, string>> = {
  '0000': '成功',
  '2002': '令牌无效或已过期',
  '2003': '应用无权限',
  '2004': '用户名或口令错误',
  '2101': '民警或经办人身份未登记',
  '2301': '业务类型未开通',
  '2302': '该记录不予提供',
  '2901': '业务高峰,请稍后再试',
  '2999': '系统维护',
  '9999': '系统内部错误',
}
