/** Shell completion: nothing that a person can type is missing from it. */
import { describe, expect, test } from 'vitest'
import { COMMANDS, PROGRAMS } from '../../src/cli/commands.ts'
import { runCli } from './run-cli.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const
const script = async (shell: string) => (await runCli(['completion', shell])).out

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
