import type { Environment } from '../access/environment.ts'
import type { GatewayFile } from '../config.ts'
import type { People } from '../licences/synthetic-holder.ts'

/** Which clients' keys a gateway knows. */
export const environmentOfMode = (mode: GatewayFile['mode']): Environment =>
  mode === 'sandbox' ? 'sandbox' : 'live'

/** Whose papers it keeps; a developer's machine keeps whatever it is given. */
export const peopleOfMode = (mode: GatewayFile['mode']): People => peopleOf[mode]

const peopleOf: Readonly<Record<GatewayFile['mode'], People>> = {
  development: 'any',
  sandbox: 'synthetic',
  live: 'real',
}
