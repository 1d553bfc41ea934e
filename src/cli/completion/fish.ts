/** Completion for fish: one line a word, with its sentence. */
import type { Flag, Spot, Value } from './tree.ts'

export function fishScript(spots: readonly Spot[]): string {
  return `# Completion of kerbside for fish: kerbside completion fish > ~/.config/fish/completions/kerbside.fish
function __kerbside_at
    set -l given (commandline -opc)
    set -e given[1]
    test (count $given) -ge (count $argv); or return 1
    for i in (seq (count $argv))
        test "$given[$i]" = "$argv[$i]"; or return 1
    end
end
function __kerbside_just
    set -l given (commandline -opc)
    test (count $given) -eq (math 1 + (count $argv)); and __kerbside_at $argv
end
complete -c kerbside -f
${spots.flatMap(linesOf).join('\n')}`
}

function linesOf(spot: Spot): readonly string[] {
  const { words, next, flags, value } = spot
  const within = (test: string) => `complete -c kerbside -n ${quoted([test, ...words].join(' '))}`
  return [
    ...next.map(({ word, summary }) => `${within('__kerbside_just')} -a ${quoted(word)} -d ${quoted(summary)}`),
    ...flags.map((flag) => `${within(next.length > 0 ? '__kerbside_just' : '__kerbside_at')} ${flagOf(flag)}`),
    ...(value === undefined ? [] : [`${within('__kerbside_at')} ${wordsOf(value)}`]),
  ]
}

function flagOf({ names, summary, takesValue, value }: Flag): string {
  const spelled = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`))
  const given = !takesValue ? [] : value === undefined ? ['-x'] : ['-r', wordsOf(value)]
  return [...spelled, ...given, '-d', quoted(summary)].join(' ')
}

function wordsOf(value: Exclude<Value, undefined>): string {
  if (value === 'files') return '-F'
  return value === 'directories' ? "-a '(__fish_complete_directories)'" : `-a ${quoted(value.join(' '))}`
}

/** In fish a backslash counts within single quotes. */
const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
