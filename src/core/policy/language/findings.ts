/** What a check found, for whoever reads it: a person, a program, a code-scanning page (SARIF), a pull request on GitHub. */
import { printable } from '../../audit/printable.ts'
import type { Problem } from './problem.ts'

/** An `error` means that nothing of the policy is loaded; the others are advice. */
export type Severity = 'error' | 'warning' | 'note'

/** `code` is kebab-case and stays the same from release to release, so that it can be named in a list of exceptions. */
export type Finding = Problem & { readonly severity: Severity; readonly code: string }

/** Code of whatever stops a policy from being loaded. */
export const INVALID = 'invalid-policy'
export const toFinding = (problem: Problem): Finding => ({ ...problem, severity: 'error', code: INVALID })

export const FINDING_FORMATS = ['table', 'json', 'sarif', 'github'] as const
export type FindingFormat = (typeof FINDING_FORMATS)[number]

export type Rendering = {
  /** What the files of the findings are relative to; SARIF and GitHub want it in front of them. */
  readonly directory: string
  /** The sentence of each code, where there is one. */
  readonly about?: ReadonlyMap<string, string>
  /** How the word of a severity is coloured. */
  readonly paint?: (severity: Severity, text: string) => string
}

/** Findings in their order, as text without a final newline. Empty when there are none and the format has no frame around them. */
export function writeFindings(format: FindingFormat, findings: readonly Finding[], rendering: Rendering): string {
  switch (format) {
    case 'table':
      return findings.map((finding) => toText(finding, rendering.paint)).join('\n')
    case 'json':
      return JSON.stringify(findings.map(toJson), undefined, 2)
    case 'sarif':
      return JSON.stringify(toSarif(findings, rendering), undefined, 2)
    case 'github':
      return findings.map((finding) => toGithub(finding, rendering.directory)).join('\n')
  }
}

/** `quant/access.yaml:12:7: warning: … [code]`, and the hint indented below. */
function toText({ file, line, column, severity, code, message, hint }: Finding, paint: Rendering['paint']): string {
  const word = paint?.(severity, `${severity}:`) ?? `${severity}:`
  const said = `${printable(file)}:${line}:${column}: ${word} ${message} [${code}]`
  return hint === undefined ? said : `${said}\n  ${hint}`
}

const toJson = ({ file, line, column, severity, code, message, hint }: Finding): object => ({
  file,
  line,
  column,
  severity,
  code,
  message,
  ...(hint === undefined ? {} : { hint }),
})

/** A log of SARIF 2.1.0 (OASIS), with what code scanning reads of it. */
function toSarif(findings: readonly Finding[], { directory, about = new Map() }: Rendering): object {
  const codes = [...new Set(findings.map(({ code }) => code))].sort()
  const rules = codes.map((id) => ({ id, ...(about.has(id) ? { shortDescription: { text: about.get(id) } } : {}) }))
  const results = findings.map(({ file, line, column, severity, code, message, hint }) => ({
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: severity,
    message: { text: hint === undefined ? message : `${message}\n${hint}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(pathOf(directory, file)) },
          region: { startLine: line, startColumn: column },
        },
      },
    ],
  }))
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'kerbside', rules } }, columnKind: 'utf16CodeUnits', results }],
  }
}

/** A workflow command: GitHub shows it beside the line in a pull request. */
function toGithub({ file, line, column, severity, code, message, hint }: Finding, directory: string): string {
  const command = severity === 'note' ? 'notice' : severity
  const properties = [
    `file=${escapeProperty(pathOf(directory, file))}`,
    `line=${line}`,
    `col=${column}`,
    `title=${escapeProperty(code)}`,
  ]
  return `::${command} ${properties.join(',')}::${escapeData(hint === undefined ? message : `${message}\n${hint}`)}`
}

// As @actions/core escapes them; a file name with a newline would otherwise be a command of its own.
const escapeData = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const escapeProperty = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

/** A problem of the directory itself names the directory. */
function pathOf(directory: string, file: string): string {
  const folder = directory.replace(/^(\.\/+)+/, '').replace(/\/+$/, '')
  return file === directory || folder === '.' || directory === '' ? file : `${folder}/${file}`
}

/** Each segment percent-encoded; an absolute path becomes a `file:` URI. */
function uriOf(path: string): string {
  const encoded = path.toWellFormed().split('/').map(encodeURIComponent).join('/')
  return path.startsWith('/') ? `file://${encoded}` : encoded
}
