/** A hundred thousand hostile reviews: whatever is answered `allowed` is a pod as it must be, and what cannot be read never is. */
import { isUtf8 } from 'node:buffer'
import { expect, test } from 'vitest'
import { judge } from '../../webhook/judge.ts'
import { REFUSALS } from '../../webhook/refusals.ts'
import { Random } from '../fuzz/random.ts'
import { patched, violations } from './admitted-pod.ts'
import { type HostileReview, hostileReview } from './hostile-reviews.ts'
import { normal } from './in-process.ts'

const SEED = 20_260_712
const REVIEWS = 100_000
const quiet = { log: { info: () => {}, error: () => {} }, metrics: { decided: () => {} } }
const answerTo = ({ body, stage }: HostileReview) => judge(body, stage, { ...quiet, evaluate: normal })

/** What is wrong about the answer to one review, judged without the code that made it. */
function wrongIn({ body, stage }: HostileReview, answer: ReturnType<typeof answerTo>): string[] {
  if ('refused' in answer) return answer.refused in REFUSALS ? [] : ['a refusal without a sentence']
  const { response } = JSON.parse(JSON.stringify(answer))
  if (!isUtf8(body)) return ['it is not UTF-8, and was answered']
  const { apiVersion, kind, request } = JSON.parse(body.toString())
  if (apiVersion !== 'admission.k8s.io/v1' || kind !== 'AdmissionReview') return ['it is no review, and was answered']
  if (response.uid !== request.uid || request.uid === '') return ['another uid']
  if (response.allowed === false) return response.status.message === '' ? ['a denial without a message'] : []
  if (response.allowed !== true) return ['neither allowed nor denied']
  if (request.operation === 'UPDATE') return wrongInUpdate(request)
  if (request.operation !== 'CREATE') return [`${request.operation} is allowed`]
  const patch = response.patch === undefined ? [] : JSON.parse(Buffer.from(response.patch, 'base64').toString())
  if (stage === 'validate' && patch.length > 0) return ['validate changes the pod']
  return violations(patched(request.object, patch), request.namespace)
}

/** An update may not change who the pod is, nor its sidecar's image. */
// biome-ignore lint/suspicious/noExplicitAny: any JSON at all.
function wrongInUpdate({ object, oldObject }: any): string[] {
  const identity = (pod: typeof object) => JSON.stringify(pod?.metadata?.labels?.['kerbside.io/identity'])
  const image = (pod: typeof object) =>
    JSON.stringify(pod?.spec?.initContainers?.find?.((each: typeof object) => each?.name === 'kerbside')?.image)
  return [
    ...(identity(object) === identity(oldObject) ? [] : ['the identity changed']),
    ...(image(object) === image(oldObject) ? [] : ['the image of the sidecar changed']),
  ]
}

test(`of ${REVIEWS} none is answered wrongly`, () => {
  const random = new Random(SEED)
  const counts = { refused: 0, denied: 0, admitted: 0 }
  for (let number = 0; number < REVIEWS; number += 1) {
    const hostile = hostileReview(random)
    const answer = answerTo(hostile)
    const wrong = wrongIn(hostile, answer)
    if (wrong.length > 0) expect.fail(`review ${number}, ${hostile.stage}: ${wrong.join('; ')}\n${hostile.body}`)
    if ('refused' in answer) counts.refused += 1
    else if (answer.response['allowed'] === true) counts.admitted += 1
    else counts.denied += 1
  }
  // A generator that only makes rubbish would show nothing.
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(REVIEWS / 20)
}, 300_000)

test('a webhook that lets everything in would be found out at once', () => {
  const random = new Random(SEED)
  const lenient = () => ({ effect: 'admit', identity: 'quant-research', patch: [], warnings: [] }) as const
  let found = 0
  for (let number = 0; number < 1000; number += 1) {
    const hostile = hostileReview(random)
    found += Math.min(1, wrongIn(hostile, judge(hostile.body, hostile.stage, { ...quiet, evaluate: lenient })).length)
  }
  expect(found).toBeGreaterThan(500)
})
