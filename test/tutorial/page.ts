/** A page whose console blocks are run, top to bottom, in a folder of their own; what they print is what must stand there. */

/** A block: a command with what it prints, or a file that a reader is told to edit. */
export type Step =
  | {
      readonly kind: 'console'
      readonly command: string
      readonly output: string
      readonly from: number
      readonly to: number
    }
  | { readonly kind: 'edit'; readonly file: string; readonly text: string; readonly instead: string | undefined }

const BLOCK = /```(console|yaml|diff)\n([\s\S]*?)```\n/g

/**
 * Console blocks begin with `$ `. A yaml block that begins with `# at the end of FILE` is appended to that file; a diff
 * block that begins with `# in FILE` has its `-` line replaced by its `+` line. `from` and `to` are offsets of the output.
 */
export function stepsOf(page: string): readonly Step[] {
  return [...page.matchAll(BLOCK)].flatMap(({ 0: whole, 1: language, 2: body = '', index }): readonly Step[] => {
    if (language === 'console') {
      const [, command = ''] = /^\$ (.*)\n/.exec(body) ?? []
      const from = index + whole.indexOf('\n') + 1 + 2 + command.length + 1
      return [
        { kind: 'console', command, output: body.slice(2 + command.length + 1), from, to: index + whole.length - 4 },
      ]
    }
    const [, place, file = ''] = /^# (at the end of|in) (\S+)\n/.exec(body) ?? []
    const text = body.slice(body.indexOf('\n') + 1)
    if (language === 'yaml' && place === 'at the end of') return [{ kind: 'edit', file, text, instead: undefined }]
    if (language === 'diff' && place === 'in') {
      const lineOf = (sign: string) =>
        text
          .split('\n')
          .find((line) => line.startsWith(sign))
          ?.slice(1) ?? ''
      return [{ kind: 'edit', file, text: lineOf('+'), instead: lineOf('-') }]
    }
    return []
  })
}

/** What differs from run to run, and is not what a page is about. */
export function timeless(text: string): string {
  return (
    text
      .replace(/sha256:[0-9a-f]{64}/g, 'sha256:…')
      // A hash in base64url may begin and end with a hyphen, where no word does.
      .replace(/(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/g, '…')
      .replace(/\d+(\.\d+)? m?s\b/g, '… s')
      .replace(/[ \t]+$/gm, '')
  )
}

/** The page with other outputs, each in the place of its own. */
export function withOutputs(page: string, steps: readonly Step[], outputs: ReadonlyMap<Step, string>): string {
  return steps.toReversed().reduce((text, step) => {
    const output = outputs.get(step)
    return step.kind === 'console' && output !== undefined
      ? `${text.slice(0, step.from)}${output}${text.slice(step.to)}`
      : text
  }, page)
}
