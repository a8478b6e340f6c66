import type { Role } from '../../contract/caller.ts'

/** What the roles are called in the documents. */
export const roleNamesZh: Readonly<Record<Role, string>> = {
  R: '办件登记方',
  C: '综合窗口系统',
  P: '政务服务门户',
  D: '部门系统',
  S: '部门管理员',
  O: '大厅运维',
  A: '审计',
  V: '监督',
  H: '12345 热线',
  X: '系统管理员',
  Y: '安全管理员',
}
