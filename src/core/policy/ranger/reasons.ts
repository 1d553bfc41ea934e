/** Why something of a Ranger export is not carried over: the closed list, each with its sentence. */

/** What an entry of the report says of one policy and one principal or subject. */
export const STATUS = {
  carried: 'in the written documents, to the letter',
  'not-carried': 'not in the written documents: nothing is allowed by it',
  stricter: 'in the written documents, where a path more is denied',
  wider: 'in the written documents, where a path more is allowed, as asked for',
  ignored: 'says nothing about access to HDFS',
} as const
export type Status = keyof typeof STATUS

export const NOT_CARRIED = {
  'unmapped-principal': 'no `--map` says who that is here, or that it is nobody',
  'members-differ': 'of several users that were mapped to one subject, only some have it',
  'unknown-role': 'the export does not hold the role, so nobody knows who has it',
  'owner-macro': '`{OWNER}` is whoever owns the file in HDFS, which policy does not know',
  condition: 'a condition of Ranger is evaluated by code of the plugin',
  'unknown-access': 'HDFS has the accesses read, write and execute, and no other in lower case',
  'unknown-field': 'the export holds a field that may change the decision and is not understood',
  'read-without-execute': 'HDFS lists a directory by read and execute, and our `read` always brings the names',
  'write-without-read': 'HDFS deletes a tree by read, write and execute, and our `write` always may',
  wildcard: 'a prefix matches whole path components, not wildcards',
  macro: 'a prefix is the same for everybody: `{USER}` in a path is another path for each',
  excludes: 'a prefix cannot say everything but a path',
  resource: 'the policy is on something else than a `path`',
  'not-recursive': 'a prefix covers everything below, and the policy only the path itself',
  'below-only': '`/*` at the end covers everything below a path but not the path, and a prefix both',
  recurrence: 'Ranger reads a recurrence in the time zone of the NameNode, which the export does not hold',
  schedule: 'the schedule is not a moment that is the same on every NameNode',
  'tag-policy': 'a policy on tags follows what the tag service says, which the export does not hold',
  'unknown-zone': "the export does not hold the prefixes of the security zone: add Ranger's `zones`",
  'across-zones': 'a deny reaches everything below, and here a part below is judged by another security zone',
  'beats-deny': 'it has priority over a deny of another policy, and here a deny always wins',
  'cut-by-deny': 'a deny that is not carried may cut it, so it is not carried there either',
} as const

export const IGNORED = {
  disabled: 'the policy is disabled',
  'other-service': 'the policy is of another service',
  'other-type': 'the policy masks or filters rows, which HDFS does not have',
  'execute-alone': 'who may pass through a directory needs no grant for it here',
  'never-valid': 'the schedule ends before it begins',
  'delegate-admin': 'who may edit a policy in Ranger is not who may use the data: write a Delegation',
  labels: 'labels of a policy do not decide: label the datasets',
  'audit-off': 'here every decision is recorded',
} as const

export type Reason = keyof typeof NOT_CARRIED | keyof typeof IGNORED

export const sentenceOf = (reason: Reason): string => ({ ...NOT_CARRIED, ...IGNORED })[reason]
