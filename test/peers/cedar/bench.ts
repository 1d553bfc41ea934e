/**
 * Cedar compiled to WebAssembly: one `permit` a rule, read once, and a file that says with each request which
 * directories it lies in. Its JSON over the border of WebAssembly counts, since nobody who runs it on Node is spared it.
 */
import { type PolicySet, preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs'
import { timed } from '../timed.ts'
import { type PeerFigures, type Rule, workload } from '../workload.ts'

const ACTION = { type: 'Action', id: 'read' }

export async function benchCedar(sizes: readonly number[]): Promise<readonly PeerFigures[]> {
  return sizes.map(measure)
}

function measure(datasets: number): PeerFigures {
  const work = workload(datasets)
  const preparsedPolicySetId = `of-${datasets}`
  const read = preparsePolicySet(preparsedPolicySetId, policiesOf(work.rules))
  if (read.type !== 'success') throw new Error(`Cedar takes none of it: ${JSON.stringify(read.errors)}`)
  return timed(work, {
    prepare: (request) => request,
    decide({ team, path }) {
      const resource = { type: 'File', id: path }
      const answer = statefulIsAuthorized({
        principal: { type: 'Team', id: team },
        action: ACTION,
        resource,
        context: {},
        entities: [{ uid: resource, attrs: {}, parents: directoriesAbove(path) }],
        preparsedPolicySetId,
      })
      if (answer.type !== 'success') throw new Error(`Cedar did not answer: ${JSON.stringify(answer.errors)}`)
      return answer.response.decision === 'allow'
    },
  })
}

function policiesOf(rules: readonly Rule[]): PolicySet {
  const permit = ({ prefix, team }: Rule) =>
    `permit(principal == Team::"${team}", action == Action::"read", resource in Directory::"${prefix}");`
  return { staticPolicies: Object.fromEntries(rules.map((rule, index) => [`rule-${index}`, permit(rule)])) }
}

function directoriesAbove(path: string): { type: string; id: string }[] {
  const found: { type: string; id: string }[] = []
  for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1)) {
    found.push({ type: 'Directory', id: path.slice(0, end) })
  }
  return found
}
