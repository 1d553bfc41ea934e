/** Every command: one row, in the order of the help. Its code is loaded when it is the one that was asked for. */
import type { CommandRow, ProgramName } from './command.ts'

export const COMMANDS: readonly CommandRow[] = [
  {
    group: 'policy',
    name: 'init',
    summary: 'writes a new policy directory to start from: a cluster, a team with its data and grants, and tests',
    load: async () => (await import('./policy/write/init.ts')).policyInit,
  },
  {
    group: 'policy',
    name: 'check',
    summary:
      'whether the directory is valid (exit 3 if not), and what may be meant otherwise, with file, line and column',
    load: async () => (await import('./policy/write/check.ts')).policyCheck,
  },
  {
    group: 'policy',
    name: 'fmt',
    summary: 'writes every policy file in one layout, as `policies/` has it; --check only says what would change',
    load: async () => (await import('./policy/write/fmt.ts')).policyFmt,
  },
  {
    group: 'policy',
    name: 'test',
    summary: 'runs the PolicyTests: each failure with what was expected and what came (exit 1)',
    load: async () => (await import('./policy/write/test.ts')).policyTest,
  },
  {
    group: 'policy',
    name: 'explain',
    summary: 'one operation: whether it is allowed (exit 0) or denied (exit 1), by which lines, and what to change',
    load: async () => (await import('./policy/ask/explain.ts')).policyExplain,
  },
  {
    group: 'policy',
    name: 'who-can',
    summary: 'everyone who may do ACTION to PATH (exit 1 if nobody), by which lines, until when and from which pods',
    load: async () => (await import('./policy/ask/who-can.ts')).policyWhoCan,
  },
  {
    group: 'policy',
    name: 'what-can',
    summary: 'all that TEAM may do: each dataset and sub-path, with conditions, expiry, and what is denied',
    load: async () => (await import('./policy/ask/what-can.ts')).policyWhatCan,
  },
  {
    group: 'policy',
    name: 'diff',
    summary:
      'what access a change gives and takes: every team, action and dataset, between folders, revisions or bundles',
    load: async () => (await import('./policy/compare/diff.ts')).policyDiff,
  },
  {
    group: 'policy',
    name: 'build',
    summary: 'the directory as one signed bundle with a sequence; refused when a PolicyTest fails (exit 1)',
    load: async () => (await import('./policy/bundle/build.ts')).policyBuild,
  },
  {
    group: 'policy',
    name: 'verify',
    summary: 'a bundle: signed by a trusted key and not too old (exit 0), or why it is refused (exit 3)',
    load: async () => (await import('./policy/bundle/verify.ts')).policyVerify,
  },
  {
    group: 'policy',
    name: 'inspect',
    summary: 'what is in a bundle: key, sequence, hash, counts, files; not verified unless --trust is given',
    load: async () => (await import('./policy/bundle/inspect.ts')).policyInspect,
  },
  {
    group: 'policy',
    name: 'keygen',
    summary: 'a new key to sign bundles with: the private one into a file, the public one printed',
    load: async () => (await import('./policy/bundle/keygen.ts')).policyKeygen,
  },
  {
    group: 'policy',
    name: 'slice',
    summary: "an identity's slice of the policy, as JSON: all that its sidecar is told",
    load: async () => (await import('./policy/bundle/slice.ts')).policySlice,
  },
  {
    group: 'policy',
    name: 'import-ranger',
    summary:
      "Apache Ranger's policies as a new directory, never wider: whether all are carried (exit 0), or what is not (exit 1)",
    load: async () => (await import('./policy/write/import-ranger.ts')).policyImportRanger,
  },
  {
    group: 'policy',
    name: 'replay',
    summary: 'recorded operations under another policy: nothing would be decided otherwise (exit 0), or what (exit 1)',
    load: async () => (await import('./policy/compare/replay.ts')).policyReplay,
  },
  {
    group: 'policy',
    name: 'unused',
    summary: 'what records never used: nothing (exit 0), or grants, actions and identities (exit 1), with the patch',
    load: async () => (await import('./policy/compare/unused.ts')).policyUnused,
  },
  {
    group: 'policy',
    name: 'schema',
    summary: 'JSON Schema of a policy document; `policies/schema.json` is its output',
    load: async () => (await import('./policy/write/schema.ts')).policySchema,
  },
  {
    group: undefined,
    name: 'inject',
    summary: 'manifests as admission would make them (exit 0), or every reason why not (exit 1)',
    load: async () => (await import('./admission/inject.ts')).inject,
  },
  {
    group: undefined,
    name: 'validate',
    summary: 'whether manifests that are injected would be admitted (exit 0), or every reason why not (exit 1)',
    load: async () => (await import('./admission/validate.ts')).validate,
  },
  {
    group: undefined,
    name: 'explain-injection',
    summary: 'why a pod was given a sidecar, or not: each rule, and whether it is kept (exit 1 if one is not)',
    load: async () => (await import('./admission/explain-injection.ts')).explain,
  },
  {
    group: undefined,
    name: 'render',
    summary: 'all manifests of an installation, with its policy and injection file, to apply or to commit',
    load: async () => (await import('./render.ts')).render,
  },
  {
    group: 'audit',
    name: 'verify',
    summary: "each sidecar's chain: whole (exit 0), or the first record that is wrong (exit 1)",
    load: async () => (await import('./audit/verify.ts')).auditVerify,
  },
  {
    group: 'audit',
    name: 'query',
    summary: 'the newest records that match: found (exit 0) or none (exit 1)',
    load: async () => (await import('./audit/query.ts')).auditQuery,
  },
  {
    group: undefined,
    name: 'doctor',
    summary:
      'whether token, secrets, KDCs and NameNodes are as they must be (exit 0), or what is wrong and what to do (exit 1)',
    load: async () => (await import('./doctor/doctor.ts')).doctor,
  },
  {
    group: undefined,
    name: 'completion',
    summary: 'a script by which a shell completes commands, options and their values',
    load: async () => (await import('./completion/completion.ts')).completion(COMMANDS, PROGRAMS),
  },
]

export const PROGRAMS: readonly ProgramName[] = [
  { name: 'webhook', summary: 'long-running: admits pods, and adds the sidecar' },
  { name: 'sidecar', summary: 'long-running: the only way from a pod to HDFS' },
  { name: 'broker', summary: "long-running: hands each sidecar its identity's policy" },
  { name: 'review', summary: 'long-running: the audit page' },
]
