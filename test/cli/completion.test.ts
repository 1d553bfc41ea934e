/** Shell completion: nothing that a person can type is missing from it, and the shells that are here complete it so. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { COMMANDS, PROGRAMS } from '../../src/cli/main.ts'
import { folderWith } from '../io/policy-folder.ts'
import { runCli } from './run-cli.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const
const script = async (shell: string) => (await runCli(['completion', shell])).out
const isHere = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0

/** What the help of a command says that it takes. */
async function flagsIn(words: readonly string[]): Promise<readonly string[]> {
  const { out } = await runCli([...words, '--help'])
  const options = out.split('\nOptions:\n')[1]?.split('\n\n')[0] ?? ''
  return [...options.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag = '']) => flag)
}

describe.each(SHELLS)('%s', (shell) => {
  test('every command and every option is in the script', async () => {
    const text = await script(shell)
    for (const { name } of [...COMMANDS, ...PROGRAMS]) expect(text).toContain(name)
    for (const { group, name } of COMMANDS) {
      const flags = await flagsIn(group === undefined ? [name] : [group, name])
      expect(flags).toContain('--help')
      for (const flag of flags)
        expect(text, `${name} ${flag}`).toContain(shell === 'fish' ? `-l ${flag.slice(2)} ` : flag)
    }
  })
})

test('a shell that we do not know is told which there are', async () => {
  const { code, err } = await runCli(['completion', 'tcsh'])
  expect(err).toContain('allowed choices are bash, zsh, fish')
  expect(code).toBe(2)
})

const folder = () => folderWith({ 'policies/a.yaml': '', 'poems.txt': '', 'a b/c.yaml': '' })

describe.skipIf(!isHere('bash'))('in bash', () => {
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

describe.skipIf(!isHere('zsh'))('in zsh', () => {
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

describe.skipIf(!isHere('fish'))('in fish', () => {
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
