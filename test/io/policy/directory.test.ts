/** Policy directories as people and attackers leave them: read whole or refused whole, and watched. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Bundle } from '../../../src/core/policy/bundle.ts'
import { buildingBundle } from '../../../src/core/policy/language/build-bundle.ts'
import { formatProblem } from '../../../src/core/policy/language/problem.ts'
import { inPieces } from '../../../src/io/in-pieces.ts'
import { type GoodDirectory, readPolicyDirectory, watchPolicyDirectory } from '../../../src/io/policy/directory.ts'
import { readPolicyFiles } from '../../../src/io/policy/files.ts'
import { readYaml } from '../../../src/io/policy/yaml.ts'
import { readYamlInPieces } from '../../../src/io/policy/yaml-in-pieces.ts'
import { dataset, folderWith, grant, identity, LAB, problemsOf, SMALL, write } from './folder.ts'

async function goodIn(folder: string, like?: GoodDirectory): Promise<GoodDirectory> {
  const result = await readPolicyDirectory(folder, { like })
  if ('problems' in result) throw new Error(result.problems.map(formatProblem).join('\n'))
  return result
}

const bundleIn = async (folder: string): Promise<Bundle> => (await goodIn(folder)).bundle

vi.setConfig({ testTimeout: 30_000 })

describe('a good directory', () => {
  test('documents come from any folder and any number of files, and say where they stand', async () => {
    const bundle = await bundleIn(
      folderWith({
        'z.yml': `# first a comment\n${LAB}`,
        'teams/quant/who.yaml': identity('quant-research'),
        'teams/quant/what.YAML': `\n\n${dataset('market', '/data/market')}${grant('reads')}---\n# nothing here\n`,
        'README.md': 'not read',
        '.hidden.yaml': 'not: read',
        'old.yaml.bak': 'not: read',
      }),
    )
    expect(bundle.datasets.get('market')).toMatchObject({
      prefixes: ['/data/market'],
      protect: true,
      at: 'teams/quant/what.YAML:3',
    })
    expect(bundle.grants).toMatchObject([
      { name: 'reads', actions: ['stat', 'list', 'read'], at: 'teams/quant/what.YAML:4' },
    ])
    expect(bundle.identities.get('quant-research')?.at).toBe('teams/quant/who.yaml:1')
    expect(bundle.clusters.get('lab')?.kdcs).toEqual(['kdc.lab:88'])
  })

  test('presets are spelled out, in a deny only as far as the preset goes', async () => {
    const given = (effect: string, actions: readonly string[]) => grant(`${effect}-${actions}`, { effect, actions })
    const { grants } = await bundleIn(
      folderWith({
        'a.yaml': `${SMALL}${given('allow', ['write'])}${given('deny', ['write'])}${given('deny', ['read'])}${given('deny', ['all'])}`,
      }),
    )
    expect(grants.map(({ actions }) => actions.length)).toEqual([3, 8, 5, 3, 13])
    expect(grants[2]?.actions).toEqual(['create', 'append', 'overwrite', 'mkdir', 'delete'])
  })

  test('an expiry is a moment, whatever its zone', async () => {
    const { grants } = await bundleIn(
      folderWith({ 'a.yaml': SMALL + grant('until', { expires: '2027-01-31T01:00:00+01:00' }) }),
    )
    expect(grants[1]?.expiresAt).toBe(Date.parse('2027-01-31T00:00:00Z'))
  })

  test('names of prototypes are names like any other', async () => {
    const bundle = await bundleIn(
      folderWith({
        'a.yaml':
          SMALL + dataset('constructor', '/__proto__/constructor') + identity('constructor', { team: 'constructor' }),
      }),
    )
    expect(bundle.datasets.get('constructor')?.prefixes).toEqual(['/__proto__/constructor'])
    expect(bundle.datasets.get('toString')).toBeUndefined()
  })
})

describe('others have their turn', () => {
  /** Does it, and counts how often someone else could have answered a request meanwhile. */
  async function turnsDuring(start: () => Promise<unknown>): Promise<number> {
    let turns = 0
    let isOver = false
    const turn = () => {
      turns += 1
      if (!isOver) setImmediate(turn)
    }
    setImmediate(turn)
    await start()
    isOver = true
    return turns
  }
  test('before each file', async () => {
    expect(await turnsDuring(() => readYamlInPieces('a.yaml', Buffer.from(SMALL)))).toBeGreaterThan(0)
  })
  test('and within a file that takes long', async () => {
    const text = Buffer.from('a: &x 1\n---\n'.repeat(10_000))
    expect(await turnsDuring(() => readYamlInPieces('a.yaml', text))).toBeGreaterThan(2)
  })
  test('and while a bundle is made of thousands of documents', async () => {
    const datasets = Array.from({ length: 20_000 }, (_, index) => dataset(`d-${index}`, `/data/${index}`))
    const sources = readYaml('a.yaml', Buffer.from(LAB + datasets.join('')))
    const building = buildingBundle(sources, { sha256: () => '', isHashed: true })
    expect(await turnsDuring(() => inPieces(building))).toBeGreaterThan(4)
  })
})

describe('the hash', () => {
  const hashOf = async (files: Readonly<Record<string, string>>) => (await bundleIn(folderWith(files))).hash
  test('is the same for the same documents, however they are laid out', async () => {
    const one = await hashOf({ 'a.yaml': SMALL })
    const block = 'spec:\n  effect: allow\n  actions: [read] # why\n  datasets: [market]\n  teams:\n    - quant\n'
    const other = `kind: Grant\nmetadata: {name: reads}\napiVersion: kerbside.io/v1\n${block}`
    const rest = LAB + dataset('market', '/data/market') + identity('quant-research')
    expect(await hashOf({ 'x/2.yaml': rest, 'x/1.yaml': other })).toBe(one)
    expect(one).toMatch(/^sha256:[0-9a-f]{64}$/)
  })
  test('is another one after any change of a value', async () => {
    const one = await hashOf({ 'a.yaml': SMALL })
    expect(await hashOf({ 'a.yaml': SMALL.replace('"trainer"', '"trainer2"') })).not.toBe(one)
    expect(await hashOf({ 'a.yaml': SMALL.replace('"allow"', '"deny"') })).not.toBe(one)
  })
})

describe('a directory that is mostly like another one', () => {
  const byLabel = { datasets: undefined, datasetSelector: { matchLabels: { stage: 'prod' } } }
  const files = {
    'lab.yaml': LAB + identity('quant-research'),
    'news.yaml': dataset('news', '/data/news', { labels: { stage: 'prod' } }),
    'market.yaml': dataset('market', '/data/market', { labels: { stage: 'prod' } }),
    'reads.yaml': grant('reads') + grant('by-label', byLabel),
    'rest.yaml': `# two of them\n${grant('more')}${grant('most', { actions: ['write'] })}`,
  }
  const changes: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['nothing', {}],
    ['labels, and so what a grant in another file selects', { 'news.yaml': dataset('news', '/data/news') }],
    ['a grant', { 'rest.yaml': grant('more', { actions: ['delete'] }) }],
    ['only where it stands', { 'rest.yaml': `\n\n${files['rest.yaml']}` }],
    ['a file and its name', { 'rest.yaml': '', 'moved.yaml': files['rest.yaml'] }],
    ['all of it', { ...files, 'lab.yaml': LAB + identity('quant-other') }],
  ]
  const whole = ({ bundle, documents }: GoodDirectory): unknown => [
    { ...bundle },
    documents().map(({ source, ...document }) => ({ ...document, at: source.place([]) })),
  ]

  test.each(changes)('is read as it would be alone, when what changed is %s', async (_, change) => {
    const like = await goodIn(folderWith(files))
    const folder = folderWith({ ...files, ...change })
    expect(whole(await goodIn(folder, like))).toEqual(whole(await goodIn(folder)))
  })

  test('is refused as it would be alone', async () => {
    const like = await goodIn(folderWith(files))
    const folder = folderWith({ ...files, 'news.yaml': dataset('market', '/data/market') })
    const [one, other] = [await readPolicyDirectory(folder, { like }), await readPolicyDirectory(folder)]
    expect(one).toMatchObject({ problems: [{ message: expect.stringContaining('is defined already') }, {}] })
    expect(one).toEqual(other)
  })

  test('has the very grants of the other one where nothing changed', async () => {
    const like = await goodIn(folderWith(files))
    const { bundle } = await goodIn(folderWith({ ...files, 'news.yaml': dataset('news', '/data/news') }), like)
    const at = (name: string) => bundle.grants.findIndex((one) => one.name === name)
    expect(bundle.grants[at('reads')]).toBe(like.bundle.grants[at('reads')])
    expect(bundle.grants[at('by-label')]).not.toBe(like.bundle.grants[at('by-label')])
  })
})

test('of a folder that is too large no more is read than would be let in, and all of it is refused', async () => {
  const comment = `# ${'x'.repeat(1024 * 1024 - 3)}\n`
  const folder = folderWith(Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`${index}.yaml`, comment])))
  write(folder, 'inner/good.yaml', SMALL)
  const files = await readPolicyFiles(folder)
  expect(files).toHaveLength(41)
  expect(new Set(files.map((file) => 'problem' in file && file.problem))).toEqual(
    new Set(['holds more than 16 MiB of policy']),
  )
  expect(await readPolicyDirectory(folder)).toEqual({
    problems: [{ file: folder, line: 1, column: 1, message: 'holds more than 16 MiB of policy' }],
  })
})

describe('files that are no policy', () => {
  test.each<[string, Uint8Array, string]>([
    ['bytes that are no text', Uint8Array.of(0xff, 0xfe), 'b.yaml:1:1: is not UTF-8'],
    ['overlong UTF-8', Uint8Array.of(0x61, 0x3a, 0x20, 0xc0, 0xaf), 'b.yaml:1:1: is not UTF-8'],
    ['a byte order mark', Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), 'b.yaml:1:1: begins with a byte order mark'],
    [
      'a large file',
      new Uint8Array(1024 * 1024 + 1),
      'b.yaml:1:1: is larger than 1024 KiB: spread its documents over several files',
    ],
  ])('%s', async (_, bytes, said) => {
    expect(await problemsOf({ 'b.yaml': bytes })).toEqual([said])
  })

  test('what a file that cannot be read would have declared is not called missing', async () => {
    const problems = await problemsOf({ 'b.yaml': Uint8Array.of(0xff), 'c.yaml': grant('g', { datasets: ['in-b'] }) })
    expect(problems).toEqual(['b.yaml:1:1: is not UTF-8'])
  })

  test('a pipe, a link to nowhere and a link in a circle are named, and nothing waits', async () => {
    const folder = folderWith({ 'good.yaml': SMALL })
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')])
    symlinkSync('/nowhere/at/all', join(folder, 'gone.yaml'))
    symlinkSync(folder, join(folder, 'circle'))
    const result = await readPolicyDirectory(folder)
    expect('problems' in result && result.problems.map(formatProblem)).toEqual([
      'circle:1:1: is a link back to a folder around it',
      'gone.yaml:1:1: cannot be read: it does not exist',
      'pipe.yaml:1:1: is not a file',
    ])
  })

  test('a directory without a document, or none at all, is wrong', async () => {
    const empty = folderWith({ 'README.md': 'nothing', 'a.yaml': '# nothing\n---\n---\n' })
    expect(await readPolicyDirectory(empty)).toMatchObject({ problems: [{ file: empty }] })
    await expect(readPolicyDirectory(join(empty, 'nowhere'))).rejects.toMatchObject({ code: 'bad-policy' })
    await expect(readPolicyDirectory(join(empty, 'a.yaml'))).rejects.toMatchObject({ code: 'bad-policy' })
  })
})

describe('watched', () => {
  type Seen = { bundle: Bundle } | { problems: readonly string[] }
  function watching(folder: string) {
    const seen: Seen[] = []
    let wake = () => {}
    const note = (what: Seen) => {
      seen.push(what)
      wake()
    }
    onTestFinished(
      watchPolicyDirectory(
        folder,
        (bundle) => note({ bundle }),
        (problems) => note({ problems }),
      ),
    )
    return async (count: number): Promise<Seen> => {
      while (seen.length < count) await new Promise<void>((resolve) => (wake = resolve))
      expect(seen).toHaveLength(count)
      return seen[count - 1] as Seen
    }
  }

  test('a good change is taken over, a broken one is told and changes nothing', async () => {
    const folder = folderWith({ 'a/a.yaml': SMALL })
    const seen = watching(folder)
    const first = (await seen(1)) as { bundle: Bundle }
    write(folder, 'a/a.yaml', `${SMALL}${grant('g', { datasets: ['marekt'] })}`)
    expect(await seen(2)).toMatchObject({ problems: [expect.stringContaining('no dataset is called `marekt`')] })
    write(folder, 'a/a.yaml', SMALL.replace('"allow"', '"deny"'))
    const third = (await seen(3)) as { bundle: Bundle }
    expect(third.bundle.hash).not.toBe(first.bundle.hash)
  })

  test('a file that is being written is not taken for the policy, however good its first half is', async () => {
    const folder = folderWith({ 'a.yaml': SMALL })
    const seen = watching(folder)
    await seen(1)
    const [half, rest] = [
      SMALL + grant('more', { actions: ['write'] }),
      grant('wall', { effect: 'deny', actions: ['all'] }),
    ]
    // Further apart than events of one save, and nearer than two looks.
    write(folder, 'a.yaml', half)
    await pause(150)
    write(folder, 'a.yaml', half + rest)
    const second = (await seen(2)) as { bundle: Bundle }
    expect(second.bundle.grants.map(({ name }) => name)).toContain('wall')
  })

  test('a ConfigMap is swapped as a whole, by its link', async () => {
    const folder = folderWith({ '..one/a.yaml': SMALL, '..two/a.yaml': SMALL.replace('"allow"', '"deny"') })
    symlinkSync('..one', join(folder, '..data'))
    symlinkSync(join('..data', 'a.yaml'), join(folder, 'a.yaml'))
    const seen = watching(folder)
    expect(await seen(1)).toMatchObject({ bundle: { grants: [{ effect: 'allow', at: 'a.yaml:4' }] } })
    symlinkSync('..two', join(folder, '..data_tmp'))
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
    rmSync(join(folder, '..one'), { recursive: true })
    expect(await seen(2)).toMatchObject({ bundle: { grants: [{ effect: 'deny', at: 'a.yaml:4' }] } })
  })

  test('a directory that is not there yet is told once, and read when it comes', async () => {
    const folder = join(folderWith({}), 'later')
    const seen = watching(folder)
    expect(await seen(1)).toMatchObject({ problems: [expect.stringContaining('it does not exist')] })
    mkdirSync(folder)
    write(folder, 'a.yaml', SMALL)
    expect(await seen(2)).toMatchObject({ bundle: { hash: expect.stringMatching(/^sha256:/) } })
  })
})
