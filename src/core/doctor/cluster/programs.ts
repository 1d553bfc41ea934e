/** Whether our programs run, more than one of each, and stay when nodes are drained. */
import { type JsonObject, numberAt, objectAt, objectsAt, textAt } from '../../identity/json.ts'
import { ok, type Said } from '../finding.ts'
import { applyFile, type ClusterObjects, named, nameOf, ofKind } from './objects.ts'

const FILES: ReadonlyMap<string, string> = new Map([
  ['kerbside-webhook', '20-webhook.yaml'],
  ['kerbside-broker', '30-broker.yaml'],
])
const fileOf = (name: string): string => FILES.get(name) ?? ''

export function lookAtPrograms(
  expected: readonly JsonObject[],
  { deployments, budgets }: Pick<ClusterObjects, 'deployments' | 'budgets'>,
): readonly Said[] {
  const programs = ofKind(expected, 'Deployment').map((wanted) =>
    lookAtDeployment(wanted, named(deployments, nameOf(wanted))),
  )
  const unprotected = ofKind(expected, 'PodDisruptionBudget')
    .map(nameOf)
    .filter((name) => named(budgets, name) === undefined)
    .map(
      (about): Said => ({
        state: 'warn',
        about,
        says: 'there is no PodDisruptionBudget: a drain of nodes may take all of it away at once',
        advice: applyFile(fileOf(about)),
      }),
    )
  return [...programs, ...unprotected]
}

function lookAtDeployment(wanted: JsonObject, found: JsonObject | undefined): Said {
  const about = nameOf(wanted)
  if (found === undefined) {
    return { state: 'fail', about, says: 'there is no Deployment of that name', advice: applyFile(fileOf(about)) }
  }
  const [asked, least] = [found, wanted].map((each) => numberAt(objectAt(each, 'spec'), 'replicas') ?? 1) as [
    number,
    number,
  ]
  const ready = numberAt(objectAt(found, 'status'), 'readyReplicas') ?? 0
  if (ready < asked) {
    const advice = `kubectl -n kerbside get pods -l app=${about}; its log says what it waits for`
    const state = ready === 0 ? 'fail' : 'warn'
    return { state, about, says: `${ready} of ${asked} replicas are ready${conditionOf(found)}`, advice }
  }
  if (asked < least) {
    const advice = `kubectl -n kerbside scale deployment/${about} --replicas=${least}`
    return { state: asked === 0 ? 'fail' : 'warn', about, says: `it has ${asked} replicas, not ${least}`, advice }
  }
  return ok(`${ready} of ${asked} replicas are ready, ${imageOf(found)}`, about)
}

function conditionOf(deployment: JsonObject): string {
  const bad = objectsAt(objectAt(deployment, 'status'), 'conditions').find(
    (each) => textAt(each, 'status') === 'False' && textAt(each, 'message') !== undefined,
  )
  return bad === undefined ? '' : `: ${textAt(bad, 'message')}`
}

const imageOf = (deployment: JsonObject): string => {
  const template = objectAt(objectAt(objectAt(deployment, 'spec'), 'template'), 'spec')
  const [container] = objectsAt(template, 'containers')
  return container === undefined ? 'no container' : (textAt(container, 'image') ?? 'no image')
}
