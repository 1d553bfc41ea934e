/** The policy commands as a person and a CI job meet them: answers, exit codes, and every mistake in one sentence. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.ts'
import { readSlice } from '../../src/core/policy/slice-line.ts'
import { dataset, document, folderWith, grant, SMALL } from '../io/policy/folder.ts'
import { runCli } from './run-cli.ts'

const CASE = { identity: 'quant-research', operation: 'OPEN', path: '/data/market/x', expect: 'allow' }
const tests = (...cases: readonly object[]) => document('PolicyTest', 't', { cases })
const POLICIES = join(import.meta.dirname, '..', '..', 'policies')

describe('test', () => {
  test('passes, and says how many', async () => {
    const { code, out } = await runCli([
      'policy',
      'test',
      folderWith({ 'a.yaml': SMALL, 'b/a.test.yaml': tests(CASE, CASE) }),
    ])
    expect(out).toMatch(/^b\/a\.test\.yaml {2}2 passed\n\n2 tests passed, bundle sha256:/)
    expect(code).toBe(0)
  })
  const failing = tests(
    { ...CASE, expect: 'deny' },
    { ...CASE, path: '/data/markets/<x>' },
    { ...CASE, path: '/x', expect: 'deny', reason: 'no-grant' },
    CASE,
  )
  test('a failure says what was expected, what came, by which line, and why', async () => {
    const { code, out } = await runCli(['policy', 'test', folderWith({ 'a.yaml': SMALL, 'a.test.yaml': failing })])
    expect(code).toBe(1)
    expect(out).toContain(
      'FAIL a.test.yaml:1  quant-research  OPEN /data/market/x\n  - deny\n  + allow (granted) by reads a.yaml:4\n    a grant allows it',
    )
    expect(out).toContain('  - allow\n  + deny (no-dataset)\n')
    expect(out).toContain('  - deny (no-grant)\n  + deny (no-dataset)\n')
    expect(out).toMatch(/3 of 4 tests failed, bundle sha256:[0-9a-f]{64}\n$/)
  })
  test('the same for a CI system, for a pull request, and for a program', async () => {
    const folder = folderWith({ 'a.yaml': SMALL, 'a.test.yaml': failing })
    const junit = await runCli(['policy', 'test', '--output', 'junit', folder])
    expect(junit.out).toContain('<testsuite name="a.test.yaml" tests="4" failures="3" errors="0">')
    expect(junit.out).toContain('name="OPEN /data/markets/&lt;x&gt;" file="a.test.yaml" line="1">')
    expect(junit.out).toContain('<failure message="expected allow, got deny (no-dataset): ')
    const github = await runCli(['policy', 'test', '--output', 'github', folder])
    expect(github.out.split('\n').filter((line) => line.startsWith('::error file='))).toHaveLength(3)
    const json = await runCli(['policy', 'test', '--output', 'json', folder])
    expect(JSON.parse(json.out).tests.map(({ passed }: { passed: boolean }) => passed)).toEqual([
      false,
      false,
      false,
      true,
    ])
    expect([junit.code, github.code, json.code]).toEqual([1, 1, 1])
  })
  test('coverage names what no test reaches', async () => {
    const files = {
      'a.yaml': SMALL + grant('adds', { actions: ['append', 'create'] }) + grant('never', { actions: ['delete'] }),
      'b.yaml': tests(CASE, { ...CASE, operation: 'APPEND' }),
    }
    const { code, out } = await runCli(['policy', 'test', '--coverage', folderWith(files)])
    expect(out).toMatch(/\nreads +a\.yaml:\d+ +1 test +not stat, list\n/)
    expect(out).toMatch(/\nadds +a\.yaml:\d+ +1 test +not create\n/)
    expect(out).toMatch(/\nnever +a\.yaml:\d+ +0 tests +no test reaches it\n/)
    expect(out).toContain('\n1 of 3 grants not reached by any test\n')
    expect(code).toBe(0)
  })
  test('a case happens at the time it names', async () => {
    const files = {
      'a.yaml': SMALL + grant('late', { actions: ['append'], expires: '2020-01-01T00:00:00Z' }),
      'b.yaml': tests(
        { ...CASE, operation: 'APPEND', time: '2019-12-31T23:59:59Z' },
        { ...CASE, operation: 'APPEND', time: '2020-01-01T00:00:00Z', expect: 'deny', reason: 'grant-expired' },
      ),
    }
    expect(await runCli(['policy', 'test', folderWith(files)])).toMatchObject({ code: 0 })
  })
  test('without any test it does not pass', async () => {
    const { code, err } = await runCli(['policy', 'test', folderWith({ 'a.yaml': SMALL })])
    expect(code).toBe(1)
    expect(err).toContain('what tests nothing passes nothing')
  })
})

describe('explain', () => {
  const explain = (files: Record<string, string>, ...args: readonly string[]) =>
    runCli(['policy', 'explain', folderWith(files), '--identity', 'quant-research', ...args])
  const policy = { 'a.yaml': SMALL + dataset('weather', '/data/weather', { owner: 'climate' }) }

  test('an allowed operation exits with 0 and names the line', async () => {
    const { code, out } = await explain(policy, '--operation', 'open', '--path', '/data/market/x')
    expect(out).toMatch(/^allow {2}granted: a grant allows it\n/)
    expect(out).toContain(
      '└─ allow  read /data/market/x  granted\n     └─ in dataset market  a.yaml:3\n        └─ ✓ reads  a.yaml:4  allows stat, list, read\n',
    )
    expect(code).toBe(0)
  })
  test('a denied one exits with 1 and says what to change', async () => {
    const { code, out } = await explain(policy, '--operation', 'OPEN', '--path', '/data/weather/x')
    expect(out).toMatch(/^deny {2}no-dataset: /)
    expect(out).toContain('└─ in dataset weather  a.yaml:5\n        └─ no grant to team quant\n')
    expect(out).toContain('a new grant, by team `climate` which owns `weather` (a.yaml:5)\n')
    expect(out).toContain('spec: { effect: allow, teams: [quant], datasets: [weather], actions: [read] }')
    expect(code).toBe(1)
  })
  test('one action stands for an operation, with all below it or not', async () => {
    const files = { 'a.yaml': SMALL + dataset('nested', '/data/market/raw') }
    const list = ['--action', 'list', '--path', '/data/market']
    expect(await explain(files, ...list)).toMatchObject({ code: 0 })
    expect(await explain(files, ...list, '--subtree')).toMatchObject({
      code: 1,
      out: expect.stringContaining('nested-dataset'),
    })
    expect(await explain(files, '--action', 'read', '--path', '/data/../x')).toMatchObject({
      code: 1,
      out: expect.stringContaining('dot-segment'),
    })
  })
  test('parameters and time count', async () => {
    const home =
      dataset('home', '/team/quant') +
      grant('w', { datasets: ['home'], actions: ['write'], expires: '2027-01-01T00:00:00Z' })
    const files = { 'a.yaml': SMALL + home }
    const remove = ['--operation', 'DELETE', '--path', '/team/quant/x', '--parameter', 'recursive=true', '--at']
    expect(await explain(files, ...remove, '2026-12-31T00:00:00Z')).toMatchObject({
      code: 0,
      out: expect.stringContaining('/team/quant/x/**'),
    })
    expect(await explain(files, ...remove, '2027-01-01T00:00:00Z')).toMatchObject({
      code: 1,
      out: expect.stringContaining('until 2027-01-01T00:00:00Z'),
    })
  })
  test('a path cannot move the cursor', async () => {
    const { out } = await explain(policy, '--action', 'read', '--path', '/data/\u202emarket')
    expect(out).not.toContain('\u202e')
  })
})

describe('slice and schema', () => {
  test('slice prints the slice that a sidecar reads', async () => {
    const { code, out } = await runCli(['policy', 'slice', '--identity', 'quant-research', POLICIES])
    expect(readSlice(out)).toMatchObject({ identity: 'quant-research', team: 'quant', home: '/team/quant' })
    expect(out).not.toContain('climate')
    expect(code).toBe(0)
  })
  test('policies/schema.json is what schema prints', async () => {
    const { out } = await runCli(['policy', 'schema'])
    expect(readFileSync(join(POLICIES, 'schema.json'), 'utf8')).toBe(out)
  })
})

describe('mistakes on the command line', () => {
  const asks = ['policy', 'explain', POLICIES, '--identity', 'quant-research', '--path', '/x']
  test.each<[readonly string[], string]>([
    [['polcy'], 'kerbside: unknown command `polcy`\n  did you mean `policy`?\n'],
    [['webhok'], 'kerbside: unknown command `webhok`\n  did you mean `webhook`?\n'],
    [['policy', 'chekc'], 'kerbside: unknown command `chekc`\n  did you mean `check`?\n'],
    [
      ['policy', 'explain', '--identiti', 'x', '--path', '/x'],
      'kerbside: unknown option `--identiti`\n  did you mean `--identity`?\n',
    ],
    [['policy', 'check', 'a', 'b'], 'kerbside: too many arguments for `check`; expected 1 argument but got 2\n'],
    [['policy', 'explain', '--path', '/x'], 'kerbside: `--identity` is not given\n'],
    [['policy', 'slice', '--identity'], 'kerbside: option `--identity <name>` argument missing\n'],
    [
      ['policy', 'slice', '--identity', 'quant-resaerch', POLICIES],
      'kerbside: no identity is called `quant-resaerch`\n  did you mean `quant-research`?\n',
    ],
    [
      ['policy', 'slice', '--identity', 'x', POLICIES],
      'kerbside: no identity is called `x`\n  there are climate-models, fraud-detection, market-loader, quant-research, risk-models, risk-control, trading-signals, trading-backtest\n',
    ],
    [asks, 'kerbside: neither `--operation` nor `--action` is given\n  such as `--operation OPEN`\n'],
    [[...asks, '--operation', 'OPNE'], 'kerbside: no operation is called `OPNE`\n  did you mean `OPEN`?\n'],
    [
      [...asks, '--operation', 'OPEN', '--at', 'now'],
      'kerbside: `--at now` is not a moment with its zone\n  such as `2027-01-31T00:00:00Z`\n',
    ],
    [
      [...asks, '--operation', 'OPEN', '--parameter', 'x'],
      'kerbside: `--parameter x` is not a name, `=` and a value\n',
    ],
    [
      ['policy', 'explain', '--identity', 'quant-research', '--operation', 'OPEN', '--path', 'data/x', POLICIES],
      'kerbside: `--path data/x` does not begin with `/`\n',
    ],
    [
      [...asks, '--operation', 'RENAME', '--destination', 'data/x'],
      'kerbside: `--destination data/x` does not begin with `/`\n',
    ],
    [
      [...asks, '--operation', 'OPEN', '--action', 'read'],
      'kerbside: option `--action <name>` cannot be used with option `--operation <name>`\n',
    ],
  ])('%j', async (args, said) => {
    expect(await runCli(args)).toEqual({ code: 2, out: '', err: said })
  })

  test('an action that is none is told with all there are', async () => {
    const { code, err } = await runCli([...asks, '--action', 'raed'])
    expect(err).toContain('argument `raed` is invalid; allowed choices are stat, list, read,')
    expect(err).toMatch(/\n {2}did you mean `read`\?\n$/)
    expect(code).toBe(2)
    const far = await runCli([...asks, '--action', 'incinerate'])
    expect(far.err).toMatch(/^kerbside: .* is invalid; allowed choices are stat, .*admin\n$/)
  })

  test('an argument is told as an option is', async () => {
    const { code, err } = await runCli(['policy', 'who-can', 'raed', '/x'])
    expect(err).toMatch(
      /^kerbside: `raed` is invalid as `action`; allowed choices are .*\n {2}did you mean `read`\?\n$/,
    )
    expect(code).toBe(2)
    expect((await runCli(['policy', 'unused', '--since', '90', 'log'])).err).toContain('is invalid; it is neither')
  })

  test('a group alone prints its help, and is not a yes', async () => {
    const { code, err } = await runCli(['policy'])
    expect(err).toMatch(/^ {2}check +whether /m)
    expect(code).toBe(2)
  })
})

describe('a policy that cannot be used', () => {
  test.each(['test', 'explain --identity a --path /x --action read', 'slice --identity a'])(
    'policy %s exits with 3',
    async (words) => {
      const [name = '', ...rest] = words.split(' ')
      const broken = await runCli(['policy', name, folderWith({ 'a.yaml': grant('g') }), ...rest])
      expect(broken).toMatchObject({ code: 3, out: '', err: expect.stringContaining('a.yaml:1:') })
      const nowhere = await runCli(['policy', name, '/nowhere/at/all', ...rest])
      expect(nowhere).toMatchObject({
        code: 3,
        out: '',
        err: 'kerbside: the policy directory `/nowhere/at/all` cannot be read: it does not exist\n',
      })
    },
  )
})

test('colour only where it is asked for', async () => {
  const args = ['policy', 'explain', POLICIES, '--identity', 'quant-research', '--path', '/x', '--action', 'read']
  expect((await runCli(args, false)).out).not.toContain('\u001b')
  expect((await runCli(args, true)).out).toContain('\u001b[31mdeny\u001b[0m')
})

describe('help', () => {
  const commands = COMMANDS.filter(({ group }) => group === 'policy').map(({ name }) => name)
  test.each(commands)('of %s says what its exit codes mean', async (name) => {
    const { code, out } = await runCli(['policy', name, '--help'])
    expect(code).toBe(0)
    expect(out).toMatch(/^Exit codes: 0 .*\b2 a command line that is not\s+understood/ms)
  })
})
