/** Where the two programs lie that each live for one task. Nothing imports them: they are run. */
import { join } from 'node:path'

export const ACQUIRE = join(import.meta.dirname, 'acquire')
export const NEGOTIATE = join(import.meta.dirname, 'negotiate')
