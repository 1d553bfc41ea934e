/** `kerbside …` for a person or a CI job: the list of commands. */
import { auditQuery } from './audit-query.ts'
import { auditVerify } from './audit-verify.ts'
import { type CliCommand, type ProgramName, runCommand } from './command.ts'
import { completion } from './completion.ts'
import { inject } from './inject.ts'
import { policyBuild } from './policy-build.ts'
import { policyCheck } from './policy-check.ts'
import { policyDiff } from './policy-diff.ts'
import { policyExplain } from './policy-explain.ts'
import { policyFmt } from './policy-fmt.ts'
import { policyImportRanger } from './policy-import-ranger.ts'
import { policyInit } from './policy-init.ts'
import { policyInspect } from './policy-inspect.ts'
import { policyKeygen } from './policy-keygen.ts'
import { policyReplay } from './policy-replay.ts'
import { policySchema } from './policy-schema.ts'
import { policySlice } from './policy-slice.ts'
import { policyTest } from './policy-test.ts'
import { policyUnused } from './policy-unused.ts'
import { policyVerify } from './policy-verify.ts'
import { policyWhatCan } from './policy-what-can.ts'
import { policyWhoCan } from './policy-who-can.ts'
import { terminalOn } from './terminal.ts'

/** One line a command, in the order of the help. */
export const COMMANDS: readonly CliCommand[] = [
  policyInit,
  policyCheck,
  policyFmt,
  policyTest,
  policyExplain,
  policyWhoCan,
  policyWhatCan,
  policyDiff,
  policyBuild,
  policyVerify,
  policyInspect,
  policyKeygen,
  policySlice,
  policyImportRanger,
  policyReplay,
  policyUnused,
  policySchema,
  inject,
  auditVerify,
  auditQuery,
  completion(
    () => COMMANDS,
    () => PROGRAMS,
  ),
]

export const PROGRAMS: readonly ProgramName[] = [
  { name: 'webhook', summary: 'long-running: admits pods, and adds the sidecar' },
  { name: 'sidecar', summary: 'long-running: the only way from a pod to HDFS' },
  { name: 'broker', summary: "long-running: hands each sidecar its identity's policy" },
  { name: 'review', summary: 'long-running: the audit page' },
]

export async function main(args: readonly string[]): Promise<void> {
  // Whoever reads, such as `head`, may have seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  const colours = process.stdout.isTTY === true && (process.env['NO_COLOR'] ?? '') === ''
  const terminal = terminalOn(
    (text) => process.stdout.write(text),
    (text) => process.stderr.write(text),
    colours,
  )
  const stopped = () =>
    new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
    })
  process.exitCode = await runCommand({ commands: COMMANDS, programs: PROGRAMS, stopped }, args, terminal)
}
