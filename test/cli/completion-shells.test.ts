/** Bash, zsh and fish complete a command line by the scripts that they are given. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { folderWith } from '../io/policy/folder.ts'
import { debianPackages } from '../lab/debian.ts'
import { labFolder } from '../lab/folder.ts'
import { runCli } from './run-cli.ts'

const script = async (shell: string) => (await runCli(['completion', shell])).out

beforeAll(
  () =>
    debianPackages(
      labFolder('shells'),
      { step: (_, work) => work(), note: () => {} },
      { bash: 'bash', zsh: 'zsh', fish: 'fish' },
    ),
  300_000,
)

const folder = () => folderWith({ 'policies/a.yaml': '', 'poems.txt': '', 'a b/c.yaml': '' })

describe('in bash', () => {
  /** What is offered for the last word. */
  async function offered(...words: readonly string[]): Promise<readonly string[]> {
    const line = ['kerbside', ...words].map((word) => `'${word}'`).join(' ')
    const program = `${await script('bash')}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length}; _kerbside; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', program], { cwd: folder(), encoding: 'utf8' })
    expect(stderr).toBe('')
    return stdout.split('\n').filter((word) => word !== '')
  }
  test('groups, commands and programs', async () => {
    expect(await offered('')).toEqual(expect.arrayContaining(['policy', 'audit', 'inject', 'webhook', 'completion']))
    expect(await offered('po')).toEqual(['policy'])
    expect(await offered('policy', 'ch')).toEqual(['check'])
    expect(await offered('audit', '')).toEqual(['verify', 'query'])
  })
  test('options, of this command only, and their values', async () => {
    expect(await offered('policy', 'check', '--s')).toEqual(['--strict', '--severity'])
    expect(await offered('policy', 'fmt', '--s')).toEqual([])
    expect(await offered('policy', 'check', '--output', 's')).toEqual(['sarif'])
    expect(await offered('policy', 'check', '--strict', '--se')).toEqual(['--severity'])
    expect(await offered('completion', 'f')).toEqual(['fish'])
  })
  test('a policy is a directory, and a value that only the policy knows is left to the person', async () => {
    expect(await offered('policy', 'check', 'po')).toEqual(['policies'])
    expect(await offered('policy', 'check', '')).toEqual(expect.arrayContaining(['policies', 'a b']))
    expect(await offered('policy', 'check', '--author', 'po')).toEqual([])
  })
  test('the value of an option is not taken for a command', async () => {
    expect(await offered('policy', 'check', '--base', 'policy', '--sev')).toEqual(['--severity'])
  })
})

describe('in zsh', () => {
  async function offered(...words: readonly string[]): Promise<readonly string[]> {
    const line = ['kerbside', ...words].map((word) => `'${word}'`).join(' ')
    const stand =
      'compdef() {}; _describe() { print -rl -- $found }; _files() { print -r -- "files $*" }; compadd() { print -rl -- "$@" }'
    const program = `${stand}\n${await script('zsh')}\nwords=(${line}); CURRENT=${words.length + 1}; PREFIX='${words.at(-1)}'; _kerbside`
    const { stdout, stderr } = spawnSync('zsh', ['-f', '-c', program], { encoding: 'utf8' })
    expect(stderr).toBe('')
    return stdout.trim().split('\n')
  }
  test('commands and options with their sentences, values and directories', async () => {
    expect((await offered('policy', '')).some((line) => line.startsWith('check:whether the directory is valid'))).toBe(
      true,
    )
    expect(await offered('policy', 'check', '-')).toContain('--strict:exit with 1 when there are warnings')
    expect(await offered('policy', 'check', '--severity', '')).toEqual(['--', 'error', 'warning', 'note'])
    expect(await offered('policy', 'check', '')).toEqual(['files -/'])
    expect(await offered('policy', 'check', '--base', '')).toEqual(['files'])
  })
})

describe('in fish', () => {
  async function offered(line: string): Promise<readonly string[]> {
    const home = folder()
    const program = `${await script('fish')}\ncomplete -C '${line}'`
    const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: join(home, 'none'), XDG_DATA_HOME: join(home, 'none') }
    const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', program], { cwd: home, env, encoding: 'utf8' })
    expect(stderr).toBe('')
    return stdout
      .trim()
      .split('\n')
      .map((row) => row.split('\t')[0] ?? '')
  }
  test('commands, options, values and directories', async () => {
    expect(await offered('kerbside policy ch')).toEqual(['check'])
    expect(await offered('kerbside aud')).toEqual(['audit'])
    expect((await offered('kerbside policy check --s')).toSorted()).toEqual(['--severity', '--strict'])
    expect(await offered('kerbside policy check --output s')).toEqual(['sarif'])
    expect(await offered('kerbside policy check poli')).toEqual(['policies/'])
    expect(await offered('kerbside policy check check')).not.toContain('check')
  })
})
