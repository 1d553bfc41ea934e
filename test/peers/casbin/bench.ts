/** casbin for Node, `enforceSync`: every rule is a line of policy, `keyMatch` covers what lies below its prefix. */
import { newEnforcer, newModelFromString } from 'casbin'
import { timed } from '../timed.ts'
import { type PeerFigures, workload } from '../workload.ts'

/** The team first: what is compared first spares the rest. */
const MODEL = `
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.sub == p.sub && r.act == p.act && keyMatch(r.obj, p.obj)
`

export async function benchCasbin(sizes: readonly number[]): Promise<readonly PeerFigures[]> {
  const figures: PeerFigures[] = []
  for (const datasets of sizes) {
    const work = workload(datasets)
    const enforcer = await newEnforcer(newModelFromString(MODEL))
    await enforcer.addPolicies(work.rules.map(({ prefix, team }) => [team, `${prefix}/*`, 'read']))
    figures.push(
      timed(work, {
        prepare: (request) => request,
        decide: ({ team, path }) => enforcer.enforceSync(team, path, 'read'),
      }),
    )
  }
  return figures
}
