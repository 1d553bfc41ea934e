/** Completion for zsh, with the sentence of each command and option. */
import { type Flag, quoted, type Spot, type Value } from './tree.ts'

export function zshScript(spots: readonly Spot[]): string {
  return `#compdef kerbside
# Completion of kerbside for zsh. In ~/.zshrc, after compinit: source <(kerbside completion zsh)
_kerbside() {
  local at='' i
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    case "$at/\${words[i]}" in
${spots
  .filter(({ words }) => words.length > 0)
  .map(
    ({ words }) =>
      `      ${quoted(`${words.slice(0, -1).join(' ')}/${words.at(-1)}`)}) at=${quoted(words.join(' '))} ;;`,
  )
  .join('\n')}
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${spots.flatMap((spot) => spot.flags.filter(({ takesValue }) => takesValue).map((flag) => valueRow(spot, flag))).join('\n')}
  esac
  if [[ "$PREFIX" == -* ]]; then
    case "$at" in
${spots.map((spot) => `      ${at(spot)}) found=(${spot.flags.flatMap(({ names, summary }) => names.map((name) => entry(name, summary))).join(' ')}) ;;`).join('\n')}
    esac
    _describe option found
    return
  fi
  case "$at" in
${spots
  .map((spot) =>
    spot.next.length > 0
      ? `    ${at(spot)}) found=(${spot.next.map(({ word, summary }) => entry(word, summary)).join(' ')}); _describe command found ;;`
      : `    ${at(spot)}) ${reply(spot.value)} ;;`,
  )
  .join('\n')}
  esac
}
if [[ "\${funcstack[1]}" == _kerbside ]]; then _kerbside "$@"; else compdef _kerbside kerbside; fi`
}

const at = ({ words }: Spot): string => quoted(words.join(' '))
const entry = (word: string, summary: string): string => quoted(`${word.replaceAll(':', '\\:')}:${summary}`)
const valueRow = ({ words }: Spot, { names, value }: Flag): string =>
  `    ${names.map((name) => quoted(`${words.join(' ')} ${name}`)).join(' | ')}) ${reply(value)}; return ;;`

function reply(value: Value): string {
  if (value === undefined) return ':'
  if (value === 'directories') return '_files -/'
  if (value === 'files') return '_files'
  return `compadd -- ${value.map(quoted).join(' ')}`
}
