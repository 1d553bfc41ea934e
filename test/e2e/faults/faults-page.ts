/** The page `sidecar/FAULTS.md`, made of the table of faults. */
import { FAULTS, type Fault, type Notice, RECOVERIES, type Trouble } from './faults-table.ts'

const HEAD = `# Faults

What goes wrong around a sidecar, and what was seen then. Each row is a test in \`test/e2e/faults\`: a whole sidecar in front of
HDFS with Kerberos and high availability, tickets that hold for seconds, and a job that reads and lists all the while. The fault is made on the real
part, and mended. In every row a path of another team stays refused throughout, the process stays the same one, and all
becomes well again without a restart. This page is made of the same table; after a change there, \`UPDATE_DOCS=1\` with
\`test/sidecar/faults-page.test.ts\` writes it anew.

What the job sees is beside what it asked for: operations rest on a delegation token, which outlives the ticket, so that a
ticket which cannot be refreshed is nothing to it for hours. The sentence is in \`/readyz\` and in one line of the log, where
the code is a field of its own. The state is 1 in \`kerbside_credential_state\`, and \`kerbside_credential_failures_total\` counts
the code.

`

export function faultsPage(): string {
  const rows = Object.values<Fault>(FAULTS).map(({ fault, job, engineer, recovery }) => [
    fault,
    job.length === 0 ? 'nothing' : job.map(code).join(', '),
    engineer === undefined ? 'nothing' : seen(engineer),
    recovery,
  ])
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const head = ['fault', 'what the job sees', 'what the engineer sees', 'recovery']
  const meanings = Object.entries(RECOVERIES).map(([recovery, meaning]) => `- **${recovery}**: ${meaning}.`)
  return [HEAD.trimEnd(), '', ...[head, head.map(() => '---'), ...rows].map(line), '', ...meanings, ''].join('\n')
}

const seen = (told: Trouble | Notice) =>
  'warning' in told
    ? `in the log: ${told.warning}; \`${told.metric}\``
    : `${told.part} is ${told.state}, \`${told.code}\`: ${told.says}`
const code = (text: string) => `\`${text}\``
