/** Records beside policy: who may and who did, why not today, and what another policy would have changed. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Who } from '../../../src/core/audit/record.ts'
import { readPolicyDirectory } from '../../../src/io/policy/directory.ts'
import type { Scope } from '../../../src/review/query/scope.ts'
import { archiveOf } from '../archive.ts'
import { asked, fileOf, HOUR, NOW, operation, SLOW, written } from './written.ts'

const ALL: Scope = { of: 'all' }
const QUANT: Scope = { of: 'team', team: 'quant' }
const CLIMATE: Scope = { of: 'team', team: 'climate' }

const grant = (name: string, team: string, action: string) => `---
apiVersion: kerbside.io/v1
kind: Grant
metadata: { name: ${name} }
spec: { effect: allow, teams: [${team}], datasets: [market], actions: [${action}] }
`

async function temporary(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'kerbside-policy-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** The example teams quant and climate, with these grants and no others. */
async function policyOf(...grants: readonly string[]): Promise<string> {
  const directory = await temporary()
  for (const file of ['clusters/lab.yaml', 'quant/identities.yaml', 'quant/datasets.yaml', 'climate/identities.yaml'])
    await cp(join('policies', file), join(directory, file.replace('/', '-')))
  await writeFile(join(directory, 'grants.yaml'), grants.join(''))
  return directory
}

async function bundleIn(directory: string) {
  const read = await readPolicyDirectory(directory)
  if ('problems' in read) throw new Error(JSON.stringify(read.problems))
  return read
}

const whoIs = (team: string, identity: string): Who => ({
  team,
  identity,
  principal: `${team}@LAB`,
  namespace: `ml-${team}`,
  pod: 'train-0',
  serviceAccount: 'trainer',
  node: 'node-1',
})
const quant = whoIs('quant', 'quant-research')
const climate = whoIs('climate', 'climate-models')
const refused = { effect: 'deny', reason: 'no-grant', grants: [] } as const
/** Numbers 0, 2 and 4 are the starts. */
const log = (bundle = 'sha256:old') =>
  written(
    [
      ...operation({ who: quant, path: '/data/market/a', dataset: 'market', why: { bundle } }),
      ...operation({
        who: quant,
        path: '/data/market/b',
        operation: 'CREATE',
        parameters: { overwrite: 'false' },
        dataset: 'market',
        why: { ...refused, bundle },
      }),
      ...operation({ who: climate, path: '/data/market/a', dataset: 'market', why: { ...refused, bundle } }),
    ],
    'pod-a',
  )
const files = (bundle?: string) => ({ 'pod-a-0.ndjson': fileOf(log(bundle).lines) })

test('a dataset shows who touched it, who may and did not, and who may not any more', SLOW, async () => {
  const policy = await policyOf(grant('climate-reads', 'climate', 'read'))
  const { questions } = await asked(files(), { policy })
  const { today, people } = await questions.dataset({ dataset: 'market', from: NOW - HOUR }, ALL)
  expect(today).toMatchObject({ owner: 'quant', prefixes: ['/data/market'] })
  expect(
    people.map(({ team, touched, may }) => [team, touched?.operations, touched?.denied, may?.length === 0]),
  ).toEqual([
    ['quant', 2, 1, true],
    ['climate', 1, 1, false],
  ])
  expect(people[1]?.may).toContainEqual(
    expect.objectContaining({
      action: 'read',
      standing: 'now',
      isWhole: true,
      grants: [expect.stringContaining('climate-reads@grants.yaml:')],
    }),
  )
  const own = await questions.dataset({ dataset: 'market' }, QUANT)
  expect(own.people.map(({ team }) => team)).toEqual(['quant'])
})

test(
  "a denial says which line of today's policy to change, and whether it is the policy that refused",
  SLOW,
  async () => {
    const policy = await policyOf(grant('quant-reads', 'quant', 'read'))
    const { bundle } = await bundleIn(policy)
    const { questions } = await asked(files(bundle.hash), { policy })
    const denial = await questions.denial({ sidecar: 'pod-a', sequence: 2 }, QUANT)
    expect(denial?.today).toMatchObject({ effect: 'deny', reason: 'no-grant', isSame: true, bundle: bundle.hash })
    expect(denial?.today?.fix).toMatchObject([{ kind: 'add-action', at: expect.stringMatching(/^grants\.yaml:\d+$/) }])
    expect(denial?.today?.fix?.[0]?.lines[0]).toContain('add `create` to `actions`')
    expect(await questions.denial({ sidecar: 'pod-a', sequence: 2 }, CLIMATE)).toBeUndefined()
    expect(await questions.denial({ sidecar: 'pod-a', sequence: 0 }, ALL)).toBeUndefined()
  },
)

test('what was refused then and is allowed today needs no fix', SLOW, async () => {
  const policy = await policyOf(grant('quant-writes', 'quant', 'write'))
  const { questions } = await asked(files(), { policy })
  const denial = await questions.denial({ sidecar: 'pod-a', sequence: 2 }, ALL)
  expect(denial?.today).toMatchObject({ effect: 'allow', isSame: false })
  expect(denial?.today).not.toHaveProperty('fix')
})

test('bundles are told over time, compared, and put to what was recorded', SLOW, async () => {
  const before = await policyOf(grant('quant-reads', 'quant', 'read'))
  const after = await policyOf(grant('climate-reads', 'climate', 'read'))
  const { archive, keysFile, bundles: signed } = await archiveOf(await temporary(), [before, after])
  const [was = '', is = ''] = signed.map(({ hash }) => hash)
  const { questions } = await asked(files(was), { policy: after, archive, keysFile })
  const { bundles } = await questions.bundles(ALL)
  expect(bundles).toMatchObject([
    { hash: was, operations: 3, denied: 2, sidecars: 1, isKnown: true, isToday: false },
    { hash: is, operations: 0, isKnown: true, isToday: true },
  ])
  const answer = await questions.diff({ before: was, after: is }, ALL)
  if ('unknown' in answer) throw new Error('both are known')
  expect([...new Set(answer.diff.access.map(({ team, direction }) => `${team} ${direction}`))].sort()).toEqual([
    'climate gained',
    'quant lost',
  ])
  expect(answer.replayed?.groups.map(({ change, team, count }) => [change, team, count])).toEqual([
    ['allow-to-deny', 'quant', 1],
    ['deny-to-allow', 'climate', 1],
  ])
  expect(answer.replayed?.operations).toBe(3)
  const own = await questions.diff({ before: was, after: is }, QUANT)
  expect(JSON.stringify(own)).not.toContain('climate')
  expect(await questions.diff({ before: was, after: 'sha256:none' }, ALL)).toEqual({ unknown: ['sha256:none'] })
})

test('what nobody used is told to whom it is for', SLOW, async () => {
  const policy = await policyOf(grant('quant-reads', 'quant', 'read'), grant('climate-reads', 'climate', 'delete'))
  const { questions } = await asked(files(), { policy })
  const names = async (scope: Scope) =>
    (await questions.unused({ since: NOW - HOUR }, scope))?.unused?.grants.map(({ name }) => name)
  expect(await names(ALL)).toEqual(['climate-reads'])
  expect(await names(CLIMATE)).toEqual(['climate-reads'])
  expect(await names(QUANT)).toEqual([])
})

test('without a policy there is no answer about today, and the records are served', SLOW, async () => {
  const { questions } = await asked(files(), { policy: join(await temporary(), 'nothing') })
  expect(await questions.unused({ since: 0 }, ALL)).toBeUndefined()
  expect(await questions.denial({ sidecar: 'pod-a', sequence: 2 }, ALL)).not.toHaveProperty('today')
  const { people, today } = await questions.dataset({ dataset: 'market' }, ALL)
  expect([people.length, today]).toEqual([2, undefined])
})
