/** Completion for bash, 3.2 and later, without a package of helpers. */
import { type Flag, quoted, type Spot, type Value } from './tree.ts'

export function bashScript(spots: readonly Spot[]): string {
  return `# Completion of kerbside for bash. In ~/.bashrc: source <(kerbside completion bash)
_kerbside() {
  local at='' word i IFS=$'\\n'
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}"
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$at/$word" in
${steps(spots).join('\n')}
    esac
  done
  case "$at $previous" in
${spots.flatMap((spot) => spot.flags.filter(({ takesValue }) => takesValue).map((flag) => valueRow(spot, flag))).join('\n')}
  esac
  if [[ "$current" == -* ]]; then
    case "$at" in
${spots.map((spot) => `      ${at(spot)}) ${among(spot.flags.flatMap(({ names }) => names))} ;;`).join('\n')}
    esac
    return
  fi
  case "$at" in
${spots.map((spot) => `    ${at(spot)}) ${spot.next.length > 0 ? among(spot.next.map(({ word }) => word)) : reply(spot.value)} ;;`).join('\n')}
  esac
}
complete -F _kerbside kerbside`
}

const at = ({ words }: Spot): string => quoted(words.join(' '))

const steps = (spots: readonly Spot[]): readonly string[] =>
  spots
    .filter(({ words }) => words.length > 0)
    .map(
      ({ words }) =>
        `      ${quoted(`${words.slice(0, -1).join(' ')}/${words.at(-1)}`)}) at=${quoted(words.join(' '))} ;;`,
    )

const valueRow = ({ words }: Spot, { names, value }: Flag): string =>
  `    ${names.map((name) => quoted(`${words.join(' ')} ${name}`)).join(' | ')}) ${reply(value)}; return ;;`

const among = (words: readonly string[]): string => `COMPREPLY=($(compgen -W $'${words.join('\\n')}' -- "$current"))`

function reply(value: Value): string {
  if (value === undefined) return ':'
  if (typeof value !== 'string') return among(value)
  // A name with a space in it is quoted, and a folder gets its slash, where bash can do that.
  return `COMPREPLY=($(compgen ${value === 'directories' ? '-d' : '-f'} -- "$current")); compopt -o filenames 2> /dev/null`
}
