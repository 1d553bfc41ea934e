/** The one stylesheet of the pages, and their icon. Files of their own, so that no page needs an inline style. */
import { BASE } from './base.ts'
import { PARTS } from './parts.ts'
import { TABLES } from './tables.ts'

export const STYLE = `${BASE}${PARTS}${TABLES}`

/** A ring that guards an opening: allowed through, and on record. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0a6c6c"/><path d="M9 7v18M23 7l-9 9 9 9" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/></svg>`
