/** What a record says that is no operation, as one line for a person. What strangers wrote in it is not made printable here. */
import type { Note } from './row.ts'

export function noteText(note: Note): string {
  switch (note.kind) {
    case 'credential':
      return `${note.state}: ${note.detail}`
    case 'policy':
      return `${note.detail} ${note.bundle}`
    case 'admission': {
      const { stage, operation, effect, reasons } = note.admission
      const why = reasons.length === 0 ? '' : `: ${reasons.join(', ')}`
      return `${operation} ${effect === 'admit' ? 'admitted' : 'denied'} (${stage})${why}`
    }
    case 'release': {
      const { path, key, version, outcome } = note.release
      return `${outcome}: ${path} ${key}${version === undefined ? '' : `, version ${version}`}`
    }
    case 'refusal':
      return `${note.refusal.asked} refused: ${note.refusal.reason}, ${note.refusal.detail}`
    case 'gap': {
      const { of, from, to, detail } = note.gap
      return `${of}: numbers ${from} to ${to - 1} are not here, ${detail}`
    }
    case 'view': {
      const { reader, role, url, effect } = note.view
      return `${reader} (${role}) ${effect === 'allow' ? 'looked at' : 'was refused'} ${url}`
    }
    default:
      return note.detail
  }
}
